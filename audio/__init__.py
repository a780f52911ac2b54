"""Sound: formats, resampling, voice activity, Whisper, text-to-speech and pacing. Knows nothing of interviews."""
