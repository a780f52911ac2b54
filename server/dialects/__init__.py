"""Dialects: wire formats of the legs, pure; bytes and messages in, media events out, and back."""
