"""The dialects of telephone lines: codecs, framing, marks, and each vendor's messages. Pure."""
