"""Enquiries about the interview itself, which get the same true reply from every interviewer."""
