"""Administration: what an operator does on the command line with accounts and with what is kept."""
