"""Simulator: candidates played by a program, for `viva demo` and `viva call`."""
