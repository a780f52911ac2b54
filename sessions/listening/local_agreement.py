"""Local agreement: which words of a growing transcript will stay (LocalAgreement-2), for captions.

Whisper has no streaming. A segment that is transcribed again and again while it grows gives
hypotheses whose ends still change; words on which two of them in a row agree, from the beginning
on, hardly ever do (Liu et al. 2020, "Low-Latency Sequence-to-Sequence Speech Recognition and
Translation by Partial Hypothesis Selection"; Machacek et al. 2023, "Turning Whisper into Real-Time
Transcription System"). Pure.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CaptionText:
    """Words to show."""

    text: str
    """All of them."""

    stable_words: int = 0
    """Number of words from the beginning, separated by blanks, that will stay."""

    def after(self, text: str) -> "CaptionText":
        """Return the same caption, following words that stay."""
        before = text.split()
        return CaptionText(" ".join((*before, self.text)).strip(), len(before) + self.stable_words)


class Agreement:
    """Agreement on the words of one segment: `add` its hypotheses, oldest first."""

    def __init__(self) -> None:
        self._agreed: list[str] = []
        self._latest: list[str] = []

    def add(self, hypothesis: str) -> CaptionText:
        """Return the words to show after another hypothesis.

        What was agreed on once is kept as it was, even where a later hypothesis differs.
        """
        words = hypothesis.split()
        common = 0
        for before, now in zip(self._latest, words, strict=False):
            if _plain(before) != _plain(now):
                break
            common += 1
        if common > len(self._agreed) and _starts_with(words, self._agreed):
            self._agreed += words[len(self._agreed) : common]
        self._latest = words
        return self.caption()

    def caption(self) -> CaptionText:
        """Return the words so far."""
        shown = [*self._agreed, *self._latest[len(self._agreed) :]]
        return CaptionText(" ".join(shown), len(self._agreed))


def _starts_with(words: list[str], beginning: list[str]) -> bool:
    return list(map(_plain, words[: len(beginning)])) == list(map(_plain, beginning))


def _plain(word: str) -> str:
    """Return a word without what changes from one hypothesis to the next: capitals and signs."""
    return "".join(char for char in word.casefold() if char.isalnum()) or word
