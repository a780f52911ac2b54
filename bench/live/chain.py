"""The fixed latencies of the stand-in provider, and what of a wait they explain. Pure.

A reply's wait is cut at the stamps that the server keeps with every turn, moved to the candidate's
clock. Every cut is the difference of two neighbours, so their sum is the whole wait, to the
millisecond; what is neither the decision to answer nor the provider is our own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

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
    the sentence, and the first token of the next one.
    """

    transcription_ms: float = 120.0
    first_token_ms: float = 150.0
    token_ms: float = 10.0
    tts_first_byte_ms: float = 80.0
    tokens: int = 13

    @property
    def sentence_ms(self) -> float:
        """The time from the prompt to the last of `tokens`: the first one is there after
        `first_token_ms`, each further one `token_ms` later."""
        return self.first_token_ms + (self.tokens - 1) * self.token_ms

    @property
    def total_ms(self) -> float:
        """The sum, one after the other: the words, the first sentence, its voice."""
        return self.transcription_ms + self.sentence_ms + self.tts_first_byte_ms


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
      where that was less (sound made ahead).

    Raises KeyError where a stamp is missing.
    """
    words = stamps["transcript_final"]
    asked = words - stamps["transcribe_ms"]
    written, voiced = stamps["first_sentence"], stamps["first_audio"]
    let_out = max(voiced, stamps["released"])
    stages = dict(
        zip(
            STAGES,
            _differences([ended_ms, asked, words, written, voiced, let_out, heard_ms]),
            strict=True,
        )
    )
    if stamps["released"] >= voiced:
        waited, provider, bound_by = let_out - ended_ms, 0.0, "patience"
    else:
        bound_by = "provider"
        waited = stages["wait"]
        provider = (
            min(chain.transcription_ms, stages["transcription"])
            + min(chain.sentence_ms, stages["first_sentence"])
            + min(chain.tts_first_byte_ms, stages["voice"])
        )
    v2v = heard_ms - ended_ms
    return Share(v2v, waited, provider, v2v - waited - provider, bound_by, stages)


def _differences(marks: list[float]) -> list[float]:
    return [after - before for before, after in pairwise(marks)]
