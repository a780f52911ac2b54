"""Speaking: from the interviewer's sentences to sound on the leg, and to what was heard of it."""
