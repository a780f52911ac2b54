"""Cost: what an interview used at its providers, and what that comes to."""
