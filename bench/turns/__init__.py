"""The bench of turns: recorded answers, each held as an interview in virtual time."""
