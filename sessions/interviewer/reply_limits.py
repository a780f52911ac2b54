"""Limits of a reply: how much of it is spoken, loops of the model, and a goodbye that is too early.

Each is a filter of the stream of speakable text. Its result depends on the text alone, never on how
the stream is cut, and text is held back only where it may have to go.
"""

import re

from sessions.interviewer.openings import opening_end
from sessions.interviewer.protocol import UnfitReply
from sessions.interviewer.sentences import FIRST_CHARS, FIRST_LEAST_CHARS

MAX_REPLY_CHARS = 1_200
"""Length at which a reply is ended with a sentence, since a model rambles: about 80 s of speech."""

LONGEST_LOOP_WORDS = 60
"""Words of what is said over and over at most: three or four sentences."""

WORD_LOOP, PAIR_LOOP, LOOP = 5, 4, 3
"""Times in a row from which on one word, two words, or more of them are a loop: "no, no, no" and a
sentence that is said twice are speech."""

LEAST_ECHO_WORDS = 3
"""Words of a sentence from which on it is no mere "yes, yes" that comes again."""


class SpeechLimits:
    """Limits of one reply. `full`: nothing more of it will be spoken."""

    def __init__(self, early_farewell: str = "") -> None:
        self._echoes = _EchoFilter()
        self._loops = _LoopFilter()
        self._farewell = _FarewellFilter(early_farewell) if early_farewell else None
        self._length = _LengthFilter()

    @property
    def full(self) -> bool:
        """Whether nothing more will come out."""
        over = self._farewell is not None and self._farewell.full
        return self._echoes.full or self._loops.full or over or self._length.full

    def feed(self, text: str, *, final: bool = False) -> str:
        """Take more of the text, with `final` the last of it; return what is to be spoken.

        Raises UnfitReply where a reply that must not say goodbye does so before anything else.
        """
        text = self._echoes.feed(text, final=final)
        text = self._loops.feed(text, final=final or self._echoes.full)
        if self._farewell is not None:
            text = self._farewell.feed(text, final=final or self._loops.full)
        return self._length.feed(text, final=final)


def is_farewell(text: str) -> bool:
    """Return whether a sentence says goodbye to the candidate, or that the interview is over."""
    return "?" not in text and _FAREWELL.search(text) is not None


class _EchoFilter:
    """Filter that ends a reply where sentences come again and again: each is heard once.

    A sentence that begins like an earlier one is held back until it goes on differently. One that
    is the same stays held until another follows or the reply ends: said twice, it is speech.
    """

    def __init__(self) -> None:
        self.full = False
        self._held = ""
        self._sentence = ""
        self._sent = 0  # characters of the present sentence that have been passed on
        self._new = False  # whether the present sentence is certainly none of the earlier
        self._said: list[list[str]] = []
        self._echoes: list[list[str]] = []

    def feed(self, text: str, *, final: bool) -> str:
        """Take more text; return what is no echo, or is speech after all."""
        self._sentence += text
        passed = ""
        while not self.full and (end := _SENTENCE_OVER.search(self._sentence)):
            rest = self._sentence[end.end() :]
            self._sentence = self._sentence[: end.end()]
            passed += self._judge(ended=True)
            self._sentence = rest
        if not self.full:
            passed += self._judge(ended=final)
        if self.full or not final:
            return passed
        return passed + self._released()

    def _judge(self, *, ended: bool) -> str:
        """Return what can be passed on of the present sentence, and of what is held before it."""
        words = [word.casefold() for word in _WORD.findall(self._sentence)]
        if not self._new and not any(_begins(words, said, ended) for said in self._said):
            self._new = bool(words)
        passed = ""
        space = len(self._sentence) - len(self._sentence.lstrip())
        if not self._held and self._sent < space:
            passed, self._sent = self._sentence[self._sent : space], space
        if self._new:
            passed += self._released() + self._sentence[self._sent :]
            self._sent = len(self._sentence)
        if ended:
            if not words and not self._held:
                passed += self._sentence[self._sent :]
            elif not self._new:
                self._held += self._sentence[self._sent :]
                self._echoes.append(words)
                self.full = bool(words) and self._echoes.count(words) >= LOOP - 1
            elif len(words) >= LEAST_ECHO_WORDS:
                self._said.append(words)
            self._sentence, self._sent, self._new = "", 0, False
        return passed

    def _released(self) -> str:
        held, self._held = self._held, ""
        self._echoes.clear()
        return held


def _begins(words: list[str], said: list[str], ended: bool) -> bool:
    """Tell whether words are a sentence that was said, or where they are no whole one begin it."""
    if ended:
        return words == said
    *whole, last = words or [""]
    return (
        len(whole) < len(said) and said[: len(whole)] == whole and said[len(whole)].startswith(last)
    )


class _LoopFilter:
    """Filter that ends a reply where the model says the same again and again.

    What may be the round that makes it a loop is held back until that is known.
    """

    def __init__(self) -> None:
        self.full = False
        self._text = ""
        self._sent = 0
        self._counted = 0
        self._hold_from: int | None = None
        self._words: list[str] = []
        self._same = [0] * (LONGEST_LOOP_WORDS + 1)

    def feed(self, text: str, *, final: bool) -> str:
        """Take more text; return what is no loop, and will not be one."""
        self._text += text
        for word in _WORD.finditer(self._text, self._counted):
            if self.full or (word.end() == len(self._text) and not final):
                break
            self._counted = word.end()
            holding = self._count(word[0].casefold())
            if not holding:
                self._hold_from = None
            elif self._hold_from is None:
                self._hold_from = word.end()
        end = len(self._text)
        if self._hold_from is not None and (self.full or not final):
            following = _WORD.search(self._text, self._hold_from)
            end = following.start() if following else end
        start, self._sent = self._sent, max(self._sent, end)
        return self._text[start:end]

    def _count(self, word: str) -> bool:
        """Take a word; return whether what follows may complete a loop, or one is complete."""
        words = self._words
        words.append(word)
        holding = False
        for period in range(1, min(len(words) - 1, LONGEST_LOOP_WORDS) + 1):
            same = word == words[-1 - period] and not (period == 1 and word.isdecimal())
            self._same[period] = self._same[period] + 1 if same else 0
            times = {1: WORD_LOOP, 2: PAIR_LOOP}.get(period, LOOP)
            self.full = self.full or self._same[period] >= (times - 1) * period
            holding = holding or self._same[period] >= (times - 2) * period
        return holding


class _FarewellFilter:
    """Filter that takes out a goodbye, and what comes behind it. It passes on whole sentences.

    Of a long one it passes on clauses, and the opening of a reply, as the sentence splitter does:
    nothing is spoken later.
    """

    def __init__(self, problem: str) -> None:
        self.full = False
        self._problem = problem
        self._held = ""
        self._begun = ""
        self._spoke = False

    def feed(self, text: str, *, final: bool) -> str:
        """Take more text; return what says no goodbye. Raises UnfitReply if that is nothing."""
        self._held += text
        spoken: list[str] = []
        while self._held and not self.full:
            if not self._begun:
                words = self._held.lstrip()
                spoken.append(self._held[: len(self._held) - len(words)])
                self._held = words
            end, whole = self._end(final)
            if end == 0:
                break
            piece, self._held = self._held[:end], self._held[end:]
            if is_farewell(self._begun + piece):
                if not self._spoke:
                    raise UnfitReply(self._problem)
                self.full, piece = True, ""
            self._spoke = self._spoke or any(character.isalnum() for character in piece)
            self._begun = "" if whole else self._begun + piece
            spoken.append(piece)
        return "".join(spoken)

    def _end(self, final: bool) -> tuple[int, bool]:
        """Return how much can be judged, and whether it is a sentence (or the rest of one)."""
        if not self._begun and not self._spoke and (opening := opening_end(self._held)):
            return opening, False
        found = _SENTENCE_END.search(self._held)
        end = found.end() if found else len(self._held)
        if end >= FIRST_CHARS or self._begun:
            first = 0 if self._begun else FIRST_CHARS
            early = [match.end() for match in _CLAUSE_END.finditer(self._held, 0, first)]
            if early and FIRST_LEAST_CHARS <= early[-1] < end:
                return early[-1], False
            later = _CLAUSE_END.search(self._held, max(0, first - 1))
            if later is not None and later.end() < end:
                return later.end(), False
        return (end, True) if found or final else (0, True)


class _LengthFilter:
    """Filter that ends a reply with a sentence once there is too much of it."""

    def __init__(self) -> None:
        self.full = False
        self._text = ""
        self._sent = 0

    def feed(self, text: str, *, final: bool) -> str:
        """Take more text; return what is within the length."""
        if self.full:
            return ""
        self._text += text
        end = len(self._text)
        if end > MAX_REPLY_CHARS:
            # What ends the text so far may be the point of a number.
            found = _STOP.search(self._text, MAX_REPLY_CHARS)
            self.full = found is not None or end > 2 * MAX_REPLY_CHARS
            if found is not None:
                end = min(found.end(), 2 * MAX_REPLY_CHARS)
            else:
                end = min(end, 2 * MAX_REPLY_CHARS)
        start, self._sent = self._sent, max(self._sent, end)
        return self._text[start:end]


# --- helpers ----------------------------------------------------------------------------------

_WORD = re.compile(r"\w+")
_SENTENCE_OVER = re.compile(r"[.!?…](?=\s)")
_STOP = re.compile(r"[.!?](?=\s)")
_SENTENCE_END = re.compile(r"[.!?…。？！]")
_CLAUSE_END = re.compile(r"[,;:]\s|\s[–-]\s|—")

_TALK = r"(?:the|our|this|your)\s+(?:\w+\s+)?(?:interview|conversation|session|call)"
_GOODBYE = (
    r"(?:good[ -]?bye|bye(?:[ -]bye)?|farewell|take care|see you (?:soon|around|then)|"
    r"auf wiedersehen|auf wiederhören|tschüss|au revoir|adiós|hasta luego|arrivederci|tot ziens|"
    r"até logo|adeus)"
)
_FAREWELL = re.compile(
    # A word of farewell is one where it is said to somebody: "you said goodbye to them" is not.
    rf"(?:(?:^|[.,;:!—–-])\s*|\b(?:and|so|now|then|well|okay|ok|thanks|you)\s+){_GOODBYE}"
    r"(?=\s*(?:$|[.,;:!…—–-]|for now\b|then\b|and\b|(?-i:[A-Z])))"
    r"|\b(?:let me|let us|let's|i'll|i will|we'll|we will)(?: now)? say good[ -]?bye"
    rf"|\b(?:concludes|ends|completes)\s+{_TALK}"
    r"|(?:\bis|'s|’s|was|reached|come to|us to|\bare at|'re at|’re at|now at|marks)"
    rf"\s+the\s+end\s+of\s+{_TALK}"
    rf"|\b{_TALK}\s+(?:is|has)\s+(?:now\s+|just\s+)?(?:over|finished|completed?|ended|at an end|"
    r"concluded)\b"
    rf"|\b(?:end|finish|stop|close|conclude|wrap up)\s+{_TALK}\s+(?:here|now|at this point)\b"
    r"|\b(?:that|this) (?:was|is) (?:my last question|the last question|everything)"
    r"(?=\s*(?:$|[.,;!]|from me|from my side|for (?:now|today)))"
    r"|\bhave an? (?:very )?(?:nice|great|good|lovely|wonderful|pleasant)"
    r" (?:day|evening|afternoon|weekend|rest of)",
    re.IGNORECASE,
)
