"""Listening: from the candidate's sound to speech events, transcripts and captions."""
