"""The interview: turn-taking, the interviewer, its memory, the session actor, checkpoints."""
