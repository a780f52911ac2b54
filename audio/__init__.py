"""Audio: formats, resampling, voice activity, Whisper, text to speech and pacing; no interviews."""

import os

# onnxruntime reports what it runs, and on what machine, to its maker, unless this is set before it
# is first imported (its Privacy.md). Every import of it in Viva comes after this one.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
