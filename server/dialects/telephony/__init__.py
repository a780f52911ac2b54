"""Telephony dialects: codecs, framing, marks, and each vendor's messages. Pure."""
