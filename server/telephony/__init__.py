"""Telephony: whose call it is, what is said before an interview, and vendors' HTTP."""
