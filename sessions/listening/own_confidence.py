"""Own confidence: how much of a transcript is right, judged by what else is known of the sound.

For providers that give no confidence. Evidence is what a second transcriber made of the same sound,
how far the words that were told while somebody spoke stayed, and whether there are as many
characters as so much speech has. Pure. The weights are those that `python -m bench confidence`
finds on the project's corpus.
"""

import math
import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from audio.providers.spoken_numbers import ONES, SCALES, TENS, cardinals

USUAL_CHARS_A_S = 15.0
"""Characters for each second of speech in the median of the corpus."""

LARGEST_ODDITY = 2.0
"""Oddity of a rate at most: seven times as many characters as usual, or a seventh, says all."""

SECOND_HEARING_MS = 6_000.0
"""Longest piece that is heard a second time, beside the provider: the local model has heard six
seconds within the time that a remote one takes. Yes and no, numbers and names are said in less."""

_NUMBER_WORDS = frozenset((*ONES, *TENS, *(scale for _, scale in SCALES), "hundred"))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a piece of speech beside its transcript."""

    speech_ms: float
    """How much of it is speech."""

    partial: str | None = None
    """The last words that were told before the final ones; None: none were."""

    second: str | None = None
    """What a second transcriber heard; None: it was not asked, or is not done."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the evidence in log odds of a word being right."""

    base: float
    no_second: float
    second: float
    no_partial: float
    partial: float
    oddity: float


WEIGHTS = Weights(
    base=0.28, no_second=0.93, second=2.46, no_partial=0.14, partial=0.25, oddity=-0.84
)
"""Found by `python -m bench confidence` on the tuned half of the corpus (docs/performance.md)."""


def own_confidence(text: str, evidence: Evidence, weights: Weights = WEIGHTS) -> float | None:
    """Return the share of the words that is likely to be right (0..1); None without evidence."""
    if not text.strip() or (evidence.partial is None and evidence.second is None):
        return None
    odds = sum(
        weight * value
        for weight, value in zip(weights_of(weights), features_of(text, evidence), strict=True)
    )
    return 1 / (1 + math.exp(-odds))


def features_of(text: str, evidence: Evidence) -> tuple[float, ...]:
    """Return the evidence as numbers, in the order of `Weights`."""
    second, partial = evidence.second, evidence.partial
    return (
        1.0,
        float(second is None),
        0.0 if second is None else word_agreement(text, second),
        float(partial is None),
        0.0 if partial is None else word_agreement(text, partial),
        oddity(text, evidence.speech_ms),
    )


def weights_of(weights: Weights) -> tuple[float, ...]:
    """Return the weights in their order."""
    return (
        weights.base,
        weights.no_second,
        weights.second,
        weights.no_partial,
        weights.partial,
        weights.oddity,
    )


def word_agreement(one: str, other: str) -> float:
    """Return the share of words that two texts have in common, in their order (0..1)."""
    return SequenceMatcher(None, plain_words(one), plain_words(other), autojunk=False).ratio()


def oddity(text: str, speech_ms: float) -> float:
    """Return how far the characters are from those that so much speech has: 0 as usual."""
    rate = max(1, len(text)) / max(0.1, speech_ms / 1000)
    return min(LARGEST_ODDITY, abs(math.log(rate / USUAL_CHARS_A_S)))


def plain_words(text: str) -> list[str]:
    """Return the words without what is spelling: capitals, signs, and digits for numbers."""
    words: list[str] = []
    counting = False
    for found in re.findall(r"[^\W_]+", re.sub("['\u2019]", "", text.casefold())):
        digits = found.isascii() and found.isdigit() and len(found) <= 9
        word = min(cardinals(int(found))) if digits else found
        number = digits or word in _NUMBER_WORDS
        if number and counting and not digits:  # "twenty five" is "25"
            words[-1] += word
        else:
            words.append(word)
        counting = number
    return words
