"""The bench of turn-taking: recorded answers, each held as an interview in virtual time."""
