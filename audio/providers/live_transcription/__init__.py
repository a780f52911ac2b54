"""Live transcription: speech to text over a socket, while it is spoken."""
