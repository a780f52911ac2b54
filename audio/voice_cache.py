"""Voice cache: planned sentences, synthesized ahead so that they sound at once.

A synthesizer around another one. Planned sentences are made in the background, one at a time and
only while no call waits for the voice; a call for one of them gets it as it was made, byte for byte
and piece by piece. Only planned sentences are kept: what a language model writes hardly ever comes
again, and concerns nobody else.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass

import structlog

from audio.metering import METER, Meter
from audio.speech import SpeechError, SpeechUnavailable, SpokenFacts, Synthesizer

MAX_QUEUED = 500
"""Number of sentences that may wait to be made; any beyond that are made when they are called
for."""

PAUSE_S = 0.1
"""Pause between two sentences of the background. A sentence takes the local voice some 50 ms, so
that it works a third of the time at most."""

log = structlog.get_logger()


class VoiceCache:
    """Synthesizer with a cache of planned sentences: an `audio.speech.Synthesizer`.

    It keeps at most `max_bytes` of PCM (24,000 Hz mono: 48 kB a second; 0: none ahead); the least
    recently used goes first. A call for the sentence that is being made gets it as it grows; any
    other call comes first, as soon as the present piece is done. `hits` and `misses` count the
    calls of `speak`. For use from one event loop.
    """

    def __init__(self, voice: Synthesizer, max_bytes: int) -> None:
        self._voice = voice
        self._max_bytes = max_bytes
        self._cached: OrderedDict[str, _Kept] = OrderedDict()
        self._queue: OrderedDict[str, Meter | None] = OrderedDict()
        self._worker: asyncio.Task[None] | None = None
        self._synthesis: _Synthesis | None = None
        self._calls = 0  # calls under way that the voice itself answers
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False
        self.bytes = 0
        self.hits = 0
        self.misses = 0

    @property
    def model(self) -> str:
        """Name of the voice's model."""
        return self._voice.model

    @property
    def sample_rate(self) -> int:
        """Sample rate of the voice, in Hz."""
        return self._voice.sample_rate

    async def warm_up(self) -> None:
        """Load the voice. Raises SpeechError."""
        await self._voice.warm_up()

    def prefetch(self, texts: Iterable[str]) -> None:
        """Make these sentences ahead, in this order, when there is time.

        What that uses is counted by the meter of whoever asks first.
        """
        if self._closed or not self._max_bytes:
            return
        for text in texts:
            if text in self._cached:
                self._cached.move_to_end(text)
            elif text not in self._queue and len(self._queue) < MAX_QUEUED:
                self._queue[text] = METER.get()
        if self._queue and (self._worker is None or self._worker.done()):
            self._worker = asyncio.create_task(self._run())

    async def speak(
        self, text: str, *, speed: float = 1.0, facts: SpokenFacts | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yield what the voice yields, from the cache where it is there.

        Only sentences at the voice's own speed are cached. Raises SpeechError while iterated.
        """
        kept = self._cached.get(text) if speed == 1.0 else None
        if kept is not None:
            self.hits += 1
            self._cached.move_to_end(text)
            _copy_facts(kept.facts, facts)
            for piece in kept.pieces:
                yield piece
            return
        synthesis = self._synthesis
        if synthesis is not None and synthesis.text == text and speed == 1.0:
            async with aclosing(synthesis.follow()) as followed:
                async for piece, begun_again in followed:
                    _copy_facts(synthesis.facts, facts)
                    if facts is not None:
                        facts.begun_again = begun_again
                    yield piece
            _copy_facts(synthesis.facts, facts)
            if synthesis.whole:
                self.hits += 1
                return
        self.misses += 1
        self._calls += 1
        self._idle.clear()
        try:
            async with aclosing(self._voice.speak(text, speed=speed, facts=facts)) as sound:
                async for piece in sound:
                    yield piece
        finally:
            self._calls -= 1
            if not self._calls:
                self._idle.set()

    async def prefetched(self) -> None:
        """Wait until all that is queued has been made, or could not be."""
        if self._worker is not None:
            await asyncio.wait([self._worker])

    async def close(self) -> None:
        """Stop the background task, then close the voice."""
        self._closed = True
        self._queue.clear()
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.wait([self._worker])
        if self.hits or self.misses:
            log.info(
                "voice cache used", hits=self.hits, misses=self.misses, kept=len(self._cached),
                megabytes=round(self.bytes / 1e6, 1),
            )  # fmt: skip
        await self._voice.close()

    # --- the background -------------------------------------------------------------------------

    async def _run(self) -> None:
        while self._queue:
            await self._idle.wait()
            text, meter = self._queue.popitem(last=False)
            self._synthesis = synthesis = _Synthesis(text)
            METER.set(meter)  # of this task alone
            try:
                await self._make(synthesis)
            except SpeechError as error:
                synthesis.problem = error
                log.debug("sentence not cached", problem=str(error))
            except Exception as error:  # the other sentences are made all the same
                synthesis.problem = SpeechUnavailable(f"The voice failed: {error}")
                log.exception("sentence not cached")
            finally:
                self._synthesis = None
                synthesis.end()
            if synthesis.whole:
                self._store(synthesis.text, synthesis.kept())
            elif synthesis.problem is None:
                self._queue[text] = meter
                self._queue.move_to_end(text, last=False)
            await asyncio.sleep(PAUSE_S)

    async def _make(self, synthesis: "_Synthesis") -> None:
        """Make the whole sound of a sentence, unless another call needs the voice."""
        async with aclosing(self._voice.speak(synthesis.text, facts=synthesis.facts)) as sound:
            async for piece in sound:
                synthesis.add(piece, synthesis.facts.begun_again)
                if self._calls and not synthesis.followers:
                    return
        synthesis.whole = True

    def _store(self, text: str, kept: "_Kept") -> None:
        self._cached[text] = kept
        self.bytes += _size(kept.pieces)
        while self.bytes > self._max_bytes:
            _, oldest = self._cached.popitem(last=False)
            self.bytes -= _size(oldest.pieces)


@dataclass(frozen=True, slots=True)
class _Kept:
    """Sound of a sentence as it was made, and who made it."""

    pieces: tuple[bytes, ...]
    facts: SpokenFacts


class _Synthesis:
    """Sentence that is being made, and the number of calls that follow it already."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pieces: list[tuple[bytes, int]] = []
        self.facts = SpokenFacts()
        self.whole = False
        self.problem: SpeechError | None = None
        self.followers = 0
        self._over = False
        self._grown = asyncio.Event()

    def kept(self) -> "_Kept":
        """Return the whole sentence as the last voice said it."""
        last = self.facts.begun_again
        pieces = tuple(piece for piece, begun_again in self.pieces if begun_again == last)
        return _Kept(pieces, SpokenFacts(self.facts.provider, self.facts.model, self.facts.said))

    def add(self, piece: bytes, begun_again: int) -> None:
        """Add another piece, and how often the sentence was begun again before it."""
        self.pieces.append((piece, begun_again))
        self._grown.set()

    def end(self) -> None:
        """Note that no more pieces will come."""
        self._over = True
        self._grown.set()

    async def follow(self) -> AsyncGenerator[tuple[bytes, int], None]:
        """Yield the pieces from the first on; none if it fails before there is one.

        With each comes how often the sentence was begun again before it. Raises SpeechError if it
        fails later.
        """
        self.followers += 1
        given = 0
        try:
            while True:
                while given < len(self.pieces):
                    given += 1
                    yield self.pieces[given - 1]
                if self._over:
                    break
                self._grown.clear()
                await self._grown.wait()
        finally:
            self.followers -= 1
        if given and not self.whole:
            raise self.problem or SpeechUnavailable("The voice is shutting down.")


def _size(pieces: tuple[bytes, ...]) -> int:
    return sum(map(len, pieces))


def _copy_facts(made: SpokenFacts, asked: SpokenFacts | None) -> None:
    if asked is not None:
        asked.provider, asked.model, asked.said = made.provider, made.model, made.said
        asked.failed = tuple(dict.fromkeys(asked.failed + made.failed))
