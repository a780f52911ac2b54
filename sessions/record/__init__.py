"""What is true of an interview: tables, the log of turns, the log of actions, the store."""
