"""The pure core of turn-taking: no asyncio, no clock, no I/O; standard library only."""
