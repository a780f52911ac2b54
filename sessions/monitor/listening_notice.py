"""ListeningNotice: word to a caller that somebody listens, before what the interviewer says next.

A page shows it at once. A telephone shows nothing, so there the next reply begins with a sentence
on it; it counts as told once it was heard.
"""

from collections.abc import Callable

from sessions.interviewer.announcements import ANNOUNCEMENTS
from sessions.leg import Leg
from sessions.turntaking.causes import Cause

LISTENS = "Just so that you know: somebody from the hiring team is listening now. "
HAS_LISTENED = (
    "Just so that you know: somebody from the hiring team has just listened for a while. "
)
LISTENS_NO_MORE = "Nobody from the hiring team is listening any more. "


class ListeningNotice:
    """What the candidate on this leg knows of people who listen."""

    def __init__(self, leg: Callable[[], Leg | None]) -> None:
        self._leg = leg
        self._listened = False
        self._known = False
        self._missed = False
        self._carried: dict[int, str] = {}

    def leg_attached(self) -> None:
        """Forget what was told on another leg."""
        self._known = self._missed = False
        self._carried.clear()

    def changed(self, listened: bool) -> None:
        """Take in whether somebody listens now who is to be told of."""
        if self._listened and not listened and not self._known:
            self._missed = True
        self._listened = listened

    def preface(self, generation: int, cause: Cause) -> str:
        """Return what this reply says first, with a blank behind it; "" for nothing."""
        leg = self._leg()
        sentence = self._due()
        if leg is None or not leg.telephone or cause in ANNOUNCEMENTS or not sentence:
            return ""
        self._carried = {old: text for old, text in self._carried.items() if old > generation - 8}
        self._carried[generation] = sentence
        return sentence

    def heard(self, generation: int, heard_text: str) -> None:
        """Note what was heard of a reply: the sentence, or not all of it."""
        sentence = self._carried.pop(generation, "")
        if not sentence or not heard_text.startswith(sentence.strip()):
            return
        self._known = sentence == LISTENS
        self._missed = False

    def _due(self) -> str:
        if self._listened:
            return "" if self._known else LISTENS
        if self._known:
            return LISTENS_NO_MORE
        return HAS_LISTENED if self._missed else ""
