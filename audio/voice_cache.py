"""Sentences voiced before anybody asks for them, so that a planned reply sounds at once.

A synthesizer around another one. What is wanted ahead is made in the background, one sentence at a
time and only while nobody waits for the voice; what is asked for and there is given out as it was
made, byte for byte and piece by piece. Only what was wanted ahead is kept: what a language model
writes hardly ever comes again, and is nobody else's business.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing

import structlog

from audio.speech import SpeechError, SpeechUnavailable, Synthesizer

MAX_WANTED = 500
"""Sentences that may wait to be made; what is wanted beyond that is made when it is asked for."""

PAUSE_S = 0.1
"""Between two sentences of the background. A sentence takes the local voice some 50 ms, so that it
works a third of the time at most."""

log = structlog.get_logger()


class VoiceCache:
    """An `audio.speech.Synthesizer` that keeps at most `max_bytes` of PCM (24,000 Hz mono: 48 kB a
    second; 0: none ahead), the least recently used goes first. Of one event loop. A call for the
    sentence that is being made gets it as it grows; any other call comes first, as soon as the
    piece under way is done. `hits` and `misses` count the calls of `speak`."""

    def __init__(self, voice: Synthesizer, max_bytes: int) -> None:
        self._voice = voice
        self._max_bytes = max_bytes
        self._kept: OrderedDict[str, tuple[bytes, ...]] = OrderedDict()
        self._wanted: deque[str] = deque()
        self._filler: asyncio.Task[None] | None = None
        self._making: _Making | None = None
        self._asked = 0  # calls under way that the voice itself answers
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False
        self.bytes = 0
        self.hits = 0
        self.misses = 0

    @property
    def model(self) -> str:
        """The voice's."""
        return self._voice.model

    @property
    def sample_rate(self) -> int:
        """The voice's, in Hz."""
        return self._voice.sample_rate

    async def warm_up(self) -> None:
        """Load the voice. Raises SpeechError."""
        await self._voice.warm_up()

    def want(self, texts: Iterable[str]) -> None:
        """Make these sentences ahead, in this order, when there is time."""
        if self._closed or not self._max_bytes:
            return
        for text in texts:
            if text in self._kept:
                self._kept.move_to_end(text)
            elif text not in self._wanted and len(self._wanted) < MAX_WANTED:
                self._wanted.append(text)
        if self._wanted and (self._filler is None or self._filler.done()):
            self._filler = asyncio.create_task(self._fill())

    async def speak(self, text: str, *, speed: float = 1.0) -> AsyncGenerator[bytes, None]:
        """As the voice's; only what is said at its own pace is kept. Raises SpeechError while
        iterated."""
        pieces = self._kept.get(text) if speed == 1.0 else None
        if pieces is not None:
            self.hits += 1
            self._kept.move_to_end(text)
            for piece in pieces:
                yield piece
            return
        making = self._making
        if making is not None and making.text == text and speed == 1.0:
            async with aclosing(making.follow()) as followed:
                async for piece in followed:
                    yield piece
            if making.whole:
                self.hits += 1
                return
        self.misses += 1
        self._asked += 1
        self._idle.clear()
        try:
            async with aclosing(self._voice.speak(text, speed=speed)) as sound:
                async for piece in sound:
                    yield piece
        finally:
            self._asked -= 1
            if not self._asked:
                self._idle.set()

    async def made(self) -> None:
        """Wait until all that is wanted has been made, or could not be."""
        if self._filler is not None:
            await asyncio.wait([self._filler])

    async def close(self) -> None:
        """Stop the background, then close the voice."""
        self._closed = True
        self._wanted.clear()
        if self._filler is not None:
            self._filler.cancel()
            await asyncio.wait([self._filler])
        if self.hits or self.misses:
            log.info(
                "voiced ahead", hits=self.hits, misses=self.misses, kept=len(self._kept),
                megabytes=round(self.bytes / 1e6, 1),
            )  # fmt: skip
        await self._voice.close()

    # --- the background -------------------------------------------------------------------------

    async def _fill(self) -> None:
        while self._wanted:
            await self._idle.wait()
            self._making = making = _Making(self._wanted.popleft())
            try:
                await self._make(making)
            except SpeechError as error:
                making.problem = error
                log.debug("not voiced ahead", problem=str(error))
            finally:
                self._making = None
                making.end()
            if making.whole:
                self._keep(making.text, tuple(making.pieces))
            elif making.problem is None:
                self._wanted.appendleft(making.text)
            await asyncio.sleep(PAUSE_S)

    async def _make(self, making: "_Making") -> None:
        """The whole sound of a sentence, unless somebody wants the voice for another one."""
        async with aclosing(self._voice.speak(making.text)) as sound:
            async for piece in sound:
                making.add(piece)
                if self._asked and not making.followers:
                    return
        making.whole = True

    def _keep(self, text: str, pieces: tuple[bytes, ...]) -> None:
        self._kept[text] = pieces
        self.bytes += _size(pieces)
        while self.bytes > self._max_bytes:
            _, oldest = self._kept.popitem(last=False)
            self.bytes -= _size(oldest)


class _Making:
    """A sentence that is being made, and those who listen to it already."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pieces: list[bytes] = []
        self.whole = False
        self.problem: SpeechError | None = None
        self.followers = 0
        self._over = False
        self._grown = asyncio.Event()

    def add(self, piece: bytes) -> None:
        """Another piece."""
        self.pieces.append(piece)
        self._grown.set()

    def end(self) -> None:
        """No more will come."""
        self._over = True
        self._grown.set()

    async def follow(self) -> AsyncGenerator[bytes, None]:
        """The pieces from the first on; none if it fails before there is one. Raises SpeechError
        if it fails later."""
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
