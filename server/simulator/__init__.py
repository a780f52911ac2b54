"""`viva demo`: an interview over a real socket, held with a candidate played by a program."""
