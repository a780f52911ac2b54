"""Telephone codec: conversion with resampling, and playback positions from marks.

Pure. A bridge counts no samples for us; it acknowledges marks. So marks are set into the audio at
intervals, and the last one that came back is how far the caller has heard.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audio.g711 import alaw_decode, alaw_encode, ulaw_decode, ulaw_encode
from audio.pcm import AudioFormat, Encoding, from_bytes
from audio.resample import StreamingResampler
from audio.speech import SPEECH_RATE, VOICE_RATE
from sessions.leg import FlushDone, MarkReached, PlayedTo

MARK_EVERY = VOICE_RATE // 5
"""Samples between two marks: 200 ms, about one short word. Each costs a small message both ways; at
a barge-in, the heard text is known to this precision."""

_DECODE: dict[Encoding, Callable[[bytes], NDArray[np.int16]]] = {
    Encoding.PCM16: from_bytes,
    Encoding.ULAW: ulaw_decode,
    Encoding.ALAW: alaw_decode,
}
_ENCODE: dict[Encoding, Callable[[NDArray[np.int16]], bytes]] = {
    Encoding.PCM16: lambda samples: samples.astype("<i2", copy=False).tobytes(),
    Encoding.ULAW: ulaw_encode,
    Encoding.ALAW: alaw_encode,
}


class Receiver:
    """Converter from a line's format to 16 kHz PCM16."""

    def __init__(self, wire: AudioFormat) -> None:
        self._to_pcm = _DECODE[wire.encoding]
        self._resampler = StreamingResampler(wire.sample_rate, SPEECH_RATE)

    def decode(self, data: bytes) -> NDArray[np.int16]:
        """Return what is ready after this piece, shape (n,), maybe nothing.

        Raises AudioFormatError for an odd number of bytes of PCM16.
        """
        return self._resampler.process(self._to_pcm(data))


class Transmitter:
    """Converter from PCM16 at VOICE_RATE to a line's format, run by run."""

    def __init__(self, wire: AudioFormat) -> None:
        self._wire = wire
        self._from_pcm = _ENCODE[wire.encoding]
        self._resampler = StreamingResampler(VOICE_RATE, wire.sample_rate)

    def begin(self) -> None:
        """Begin a new run; what is left of another is dropped."""
        self._resampler.flush()

    def encode(self, pcm: bytes) -> bytes:
        """Return what is ready after this piece, maybe nothing: some ms stay in the resampler."""
        return self._from_pcm(self._resampler.process(from_bytes(pcm)))

    def finish(self) -> bytes:
        """Return the end of the run."""
        return self._from_pcm(self._resampler.flush())

    def voice_samples(self, data: bytes) -> int:
        """Return how many samples at VOICE_RATE a piece in the line's format stands for."""
        samples = len(data) // self._wire.bytes_per_sample
        return samples * VOICE_RATE // self._wire.sample_rate


class PlaybackMarks:
    """Marks of one call, and what it means when one comes back.

    Names are `at-7`, `end-8`, `flush-9`, for readers of a trace. A mark that comes back twice,
    late, or that nobody set means nothing.
    """

    def __init__(self) -> None:
        self._number = 0
        self._generation = 0
        self._position = 0
        self._marked = 0
        self._played: dict[int, int] = {}
        self._waiting: dict[str, PlayedTo | MarkReached] = {}
        self._flushing: str | None = None

    def begin(self, generation: int, offset: int) -> None:
        """Begin a run of audio at this sample of the generation."""
        self._generation = generation
        self._position = self._marked = offset
        self._waiting.clear()
        self._played = {generation: max(offset, self._played.get(generation, 0))}

    def sent(self, samples: int) -> str | None:
        """Count samples (at VOICE_RATE) that go out.

        Returns the name of a mark to set behind them, if one is due.
        """
        self._position += samples
        if self._position - self._marked < MARK_EVERY:
            return None
        self._marked = self._position
        return self._wait_for(PlayedTo(self._generation, self._position))

    def end(self, generation: int) -> str:
        """Return the name of the mark behind the last audio of a generation."""
        return self._wait_for(MarkReached(generation))

    def flush(self, generation: int) -> str:
        """Make all marks so far void, whether they come back or not.

        Returns the name of one to set behind the order to fall silent: when it is back, the peer is
        silent.
        """
        self._waiting.clear()
        self._generation = generation
        self._played = {generation: self._played.get(generation, 0)}
        self._flushing = self._name("flush")
        return self._flushing

    def reached(self, name: str) -> PlayedTo | MarkReached | FlushDone | None:
        """Return what it means that the peer returns a mark."""
        if name == self._flushing:
            return self.flushed()
        event = self._waiting.get(name)
        if event is None:
            return None
        while next(iter(self._waiting)) != name:  # in order: earlier ones do not come any more
            del self._waiting[next(iter(self._waiting))]
        del self._waiting[name]
        if isinstance(event, PlayedTo):
            self._played[event.generation] = event.samples
        return event

    def flushed(self) -> FlushDone | None:
        """Return the end of a flush that the peer reports without a mark."""
        if self._flushing is None:
            return None
        self._flushing = None
        return FlushDone(self._generation, self._played.get(self._generation, 0))

    def _wait_for(self, event: PlayedTo | MarkReached) -> str:
        name = self._name("at" if isinstance(event, PlayedTo) else "end")
        self._waiting[name] = event
        return name

    def _name(self, kind: str) -> str:
        self._number += 1
        return f"{kind}-{self._number}"
