"""The latencies of the stand-in provider, and what of a wait they explain. Pure.

A reply's wait is cut at the stamps that the server keeps with every turn, moved to the candidate's
clock. Every cut is the difference of two neighbours, so their sum is the whole wait, to the
millisecond; what is neither the decision to answer nor the provider is our own.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

import numpy as np

STAGES = ("wait", "transcription", "first_sentence", "voice", "hold", "send")
"""The cuts of a wait, in order:

wait            the candidate's last sample -> the words are asked for: is it a pause at all?
transcription   -> the words are there, and a reply is being prepared
first_sentence  -> its first sentence is written
voice           -> its first sound is there
hold            -> it is let out: the rest of the patience, none if the sound came later
send            -> its first audible sample reaches the candidate
"""


@dataclass(frozen=True, slots=True)
class Chain:
    """The latencies of the provider, in ms.

    `tokens` are those of a reply until it can be known that its first sentence is over: its header,
    the sentence, and the first token of the next one. A spread is the standard deviation of the
    logarithm: 0 is a fixed latency, 0.35 has its 95th percentile at 1.8 times its median.
    """

    transcription_ms: float = 120.0
    first_token_ms: float = 150.0
    token_ms: float = 10.0
    tts_first_byte_ms: float = 80.0
    tokens: int = 13
    transcription_spread: float = 0.0
    first_token_spread: float = 0.0
    voice_spread: float = 0.0
    word_ms: float = 100.0
    """From a word's first sound to its delta, where words are streamed."""
    streamed: bool = False
    """Whether candidates are heard while they speak, over a socket."""

    @property
    def sentence_ms(self) -> float:
        """The time from the prompt to the last of `tokens`: the first one is there after
        `first_token_ms`, each further one `token_ms` later."""
        return self.first_token_ms + (self.tokens - 1) * self.token_ms

    @property
    def total_ms(self) -> float:
        """The sum, one after the other: the words, the first sentence, its voice."""
        return self.transcription_ms + self.sentence_ms + self.tts_first_byte_ms

    @property
    def varies(self) -> bool:
        """Whether its latencies differ from request to request."""
        return any((self.transcription_spread, self.first_token_spread, self.voice_spread))


FAST = Chain()

REAL = Chain(
    transcription_ms=600.0,
    first_token_ms=700.0,
    tts_first_byte_ms=350.0,
    transcription_spread=0.42,
    first_token_spread=0.35,
    voice_spread=0.3,
    word_ms=500.0,
)
"""As remote services were measured in October and November 2026: words 0.53 to 0.7 s after a commit
in the median and 1.66 s at the 99th percentile, a first token after 0.73 s and 1.14 s at the 90th,
a word's first delta 0.5 s after the word begins. Of a voice nobody has published more than medians.
Without the tokens after the first it takes 1,650 ms."""

CHAINS = {"fast": FAST, "real": REAL}


@dataclass(slots=True)
class Latencies:
    """The latencies of each request, drawn anew: the same ones in every run."""

    chain: Chain
    _draws: dict[str, np.random.Generator] = field(default_factory=dict)

    def transcription_ms(self) -> float:
        """Return that of the next transcription."""
        return self._draw("words", self.chain.transcription_ms, self.chain.transcription_spread)

    def first_token_ms(self) -> float:
        """Return that of the next reply."""
        return self._draw("reply", self.chain.first_token_ms, self.chain.first_token_spread)

    def tts_first_byte_ms(self) -> float:
        """Return that of the next sentence's voice."""
        return self._draw("voice", self.chain.tts_first_byte_ms, self.chain.voice_spread)

    def _draw(self, stage: str, median: float, spread: float) -> float:
        if stage not in self._draws:  # one each: how many calls another stage gets moves nothing
            self._draws[stage] = np.random.default_rng(zlib.crc32(stage.encode()))
        return median * float(self._draws[stage].lognormal(0.0, spread))


@dataclass(frozen=True, slots=True)
class Share:
    """A wait, explained:

    `v2v_ms` = `waited_ms` + `provider_ms` + `own_ms`, which `stages` sum up to as well. `bound_by`
    is what the reply waited for in the end, "patience" or "provider".
    """

    v2v_ms: float
    waited_ms: float
    provider_ms: float
    own_ms: float
    bound_by: str
    stages: Mapping[str, float]


def share_of(stamps: Mapping[str, float], ended_ms: float, heard_ms: float, chain: Chain) -> Share:
    """Explain the wait from `ended_ms` (the last sample of speech is sent) to `heard_ms` (the
    first audible one of the reply is there).

    `stamps` are a turn's, moved to the same clock. Our own share is what is left of the wait

    - where the reply was ready and was held until the patience was over: without the time until
      it was let out. What was done ahead is hidden, ours and the provider's alike;
    - otherwise: without the time until the words were asked for (the decision that this is a
      pause), and without the provider's fixed latencies, each counted as what it really took
      where that was less (sound made ahead). Of a chain that varies, whatever a stage took is the
      provider's.

    What was there before the stage in front of it was over has taken no time.

    Raises KeyError where a stamp is missing.
    """
    words = stamps["transcript_final"]
    asked = words - stamps["transcribe_ms"]
    written, voiced = stamps["first_sentence"], stamps["first_audio"]
    reached = [asked, *accumulate((words, written, voiced), max)]
    let_out = max(reached[-1], stamps["released"])
    stages = dict(
        zip(
            STAGES,
            _differences([ended_ms, *reached, let_out, heard_ms]),
            strict=True,
        )
    )
    if stamps["released"] >= reached[-1]:
        waited, provider, bound_by = let_out - ended_ms, 0.0, "patience"
    else:
        bound_by = "provider"
        waited = stages["wait"]
        provider = (
            reached[-1] - asked
            if chain.varies
            else (
                min(chain.transcription_ms, stages["transcription"])
                + min(chain.sentence_ms, stages["first_sentence"])
                + min(chain.tts_first_byte_ms, stages["voice"])
            )
        )
    v2v = heard_ms - ended_ms
    return Share(v2v, waited, provider, v2v - waited - provider, bound_by, stages)


def _differences(marks: list[float]) -> list[float]:
    return [after - before for before, after in pairwise(marks)]
