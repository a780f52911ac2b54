"""Wire formats of the legs. A dialect is pure: bytes and messages in, media events out, and back."""
