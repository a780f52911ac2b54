"""Synthesizer chain: voices that stand behind one another.

A sentence begun in one voice is not continued in another: the next voice says it again from its
beginning, and says what is left of the reply.
"""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from audio.pcm import from_bytes
from audio.providers.chain import Chain, Chance
from audio.providers.late_hosts import LateHosts
from audio.providers.retrying import keeping_up
from audio.resample import StreamingResampler
from audio.speech import (
    VOICE_RATE,
    SpeechError,
    SpeechUnavailable,
    SpokenFacts,
    Synthesizer,
    VoiceDeparted,
)

SPEAKING_BUDGET_S = 1.5
"""Time until the first sound that all but the last may take together: gpt-realtime-2 takes 1.12 s
(reported). With the wait for the words and the reply, the last is heard within 6 s."""

BEHIND_S = 1.0
"""Time by which sound may fall behind while another voice stands ready: a pause that a listener
takes for thinking."""


class SynthesizerChain:
    """Synthesizer over a chain of them, at VOICE_RATE: an `audio.speech.Synthesizer`.

    `links` are pairs of a host and its voice, the first asked first. A voice that fails before its
    first sound is replaced at once. After one that fails, departs from the text or stalls in
    mid-sentence, the sentence comes again from its beginning; `SpokenFacts.begun_again` tells so.
    """

    def __init__(
        self,
        links: Sequence[tuple[str, Synthesizer]],
        *,
        clock: Callable[[], float] = time.monotonic,
        budget_s: float = SPEAKING_BUDGET_S,
        late: LateHosts | None = None,
        behind_s: float = BEHIND_S,
    ) -> None:
        self.chain = Chain("voice", links, clock=clock, budget_s=budget_s, late=late)
        self._behind_s = behind_s

    @property
    def model(self) -> str:
        """Name of the first model; SpokenFacts say who has spoken."""
        return self.chain.links[0].provider.model

    @property
    def sample_rate(self) -> int:
        """Sample rate in Hz: VOICE_RATE."""
        return VOICE_RATE

    async def warm_up(self) -> None:
        """Load the first, the others in the background. Raises SpeechError for the first."""
        await self.chain.warm_up()

    async def speak(
        self, text: str, *, speed: float = 1.0, facts: SpokenFacts | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yield mono PCM16 at VOICE_RATE as it is made. Raises SpeechError while iterated."""
        if not any(char.isalnum() for char in text):
            return
        facts = SpokenFacts() if facts is None else facts
        problem: SpeechError | None = None
        handed_on = False
        for turn in self.chain.turns(facts.failed):
            own = SpokenFacts(turn.link.host, turn.link.provider.model)
            begun = False
            try:
                async with aclosing(self._sound(turn, text, speed, own)) as sound:
                    async for piece in sound:
                        if not begun:
                            facts.begun_again += handed_on
                            begun = handed_on = True
                        facts.provider, facts.model, facts.said = own.provider, own.model, own.said
                        yield piece
                facts.said = own.said
                turn.succeeded()
                return
            except VoiceDeparted as error:  # it answers, so it goes on being asked
                turn.succeeded()
                problem = error
            except SpeechError as error:
                turn.failed(error)
                facts.failed += (turn.link.circuit.name,)
                problem = error
            finally:
                turn.attempt.let_go()
        raise problem or self.chain.nobody()

    async def close(self) -> None:
        """Close all."""
        await self.chain.close()

    async def _sound(
        self, turn: Chance[Synthesizer], text: str, speed: float, facts: SpokenFacts
    ) -> AsyncGenerator[bytes, None]:
        """Yield one voice's sound at VOICE_RATE, within the deadlines of a chain."""
        voice, host = turn.link.provider, turn.link.host
        rate = voice.sample_rate
        resampler = StreamingResampler(rate, VOICE_RATE)
        async with aclosing(voice.speak(text, speed=speed, facts=facts)) as sound:
            first = await turn.in_time(anext(sound, b""))
            if not first:
                raise SpeechUnavailable(f"{host} answered without any sound.", retryable=True)
            pieces = _joined(first, sound)
            if turn.patience_s is not None:
                pieces = keeping_up(
                    first,
                    lambda: anext(sound, b""),
                    behind_s=self._behind_s,
                    rate=rate,
                    late=lambda: SpeechUnavailable(
                        f"{host} stopped sending sound in mid-sentence.", retryable=True
                    ),
                )
            async with aclosing(pieces):
                async for piece in pieces:
                    if pcm := resampler.process(from_bytes(piece)).tobytes():
                        yield pcm
            if rest := resampler.flush().tobytes():
                yield rest


async def _joined(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    yield first
    async for piece in rest:
        yield piece
