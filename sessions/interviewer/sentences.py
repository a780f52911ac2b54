"""Sentence splitter: from a stream of text to sentences, spoken while the rest is being written.

Where a sentence ends depends on the text alone, never on how the stream is cut: each rule says
after which character it can decide, and the rule that can decide first does.
"""

import re

from sessions.interviewer.openings import opening_end

FIRST_CHARS = 60
"""Length of text from which on the first piece may end at a clause: at some 15 characters a second
it covers four seconds of speech, and gives the voice something to start on."""

FIRST_LEAST_CHARS = 24
"""Length below which a clause alone sounds torn off."""

MAX_SENTENCE_CHARS = 240
"""Length above which a sentence is split: no voice needs more, and a barge-in loses less."""


class SentenceSplitter:
    """Splitter of a stream: `feed` returns whole sentences as they close, `flush` the rest.

    Sentences are stripped, never empty, and always hold a letter or digit. Whitespace apart, their
    concatenation is the text (signs after the last word are dropped). The work is linear: what is
    behind `max_chars` decides nothing, and is not looked at.
    """

    def __init__(
        self, *, max_chars: int = MAX_SENTENCE_CHARS, first_chars: int = FIRST_CHARS
    ) -> None:
        self._max_chars = max(max_chars, 40)
        self._first_chars = first_chars
        self._buffer = ""
        self._window = ""
        self._word_at = 0
        self._first = self._begins = True

    def feed(self, text: str) -> list[str]:
        """Take more text; return the sentences that are complete now."""
        self._buffer += text
        return self._cut(final=False)

    def end_sentence(self) -> list[str]:
        """Return the sentence that is over with the text taken so far, whatever follows."""
        kept = self._first, self._begins
        pieces = self.flush()
        self._first, self._begins = (False, False) if pieces else kept
        return pieces

    def flush(self) -> list[str]:
        """End the text; return what is left, as sentences. The splitter can be used again."""
        pieces = self._cut(final=True)
        rest = " ".join(self._buffer.split())
        self._buffer = ""
        self._first = self._begins = True
        if _has_word(rest):
            pieces.append(rest)
        return pieces

    def _cut(self, *, final: bool) -> list[str]:
        pieces: list[str] = []
        at = 0
        while True:
            text = _TEXT.search(self._buffer, at)
            at = text.start() if text else len(self._buffer)
            self._window = self._buffer[at : at + self._max_chars + 1]
            self._word_at = next((n for n, c in enumerate(self._window) if c.isalnum()), -1)
            end = self._end(final and at + len(self._window) == len(self._buffer))
            if end is None:
                self._buffer = self._buffer[at:]
                return pieces
            if self._has_word(end):
                pieces.append(" ".join(self._window[:end].split()))
                opens = self._begins and opening_end(self._window) == end
                self._first = opens and self._window[end - 1] == ","
                self._begins = False
            at += end

    def _has_word(self, end: int) -> bool:
        """Return whether there is a letter or digit in the window before this position."""
        return 0 <= self._word_at < end

    def _end(self, final: bool) -> int | None:
        """Return where the first sentence of the window ends, None while that is undecided.

        The rule that could decide after the fewest characters wins.
        """
        decided = [
            rule
            for rule in (self._opening(), self._sentence(final), self._clause(), self._too_long())
            if rule is not None and rule[0] <= len(self._window)
        ]
        return min(decided, key=lambda rule: rule[0])[1] if decided else None

    def _sentence(self, final: bool) -> tuple[int, int] | None:
        """Return (characters needed to decide, end) of the first sentence."""
        needed = 0
        for match in _TERMINAL.finditer(self._window):
            if not self._has_word(match.end()):
                continue
            if match[0] == "\n" or match[0][0] in "。？！":
                return max(needed, match.end()), match.end()
            following = _NEXT_WORD.match(self._window, match.end())
            if following is None:
                return None  # what follows is not known: later ends are undecided, too
            letter = _FIRST_LETTER.search(following[1])
            if letter is not None and not _takes_a_word(self._window, match):
                # Its first letter decides, which comes a token sooner than the word's end.
                needed = max(needed, following.start(1) + letter.end())
            elif following[2] == "" and not final:
                return None
            else:
                needed = max(needed, following.end())
            if _ends(self._window, match, following[1]):
                return needed, match.end()
        return None

    def _opening(self) -> tuple[int, int] | None:
        """Return the end of an opening with which the reply begins: its sound is there already."""
        end = opening_end(self._window) if self._begins else None
        if end is None:
            return None
        closed = self._window[end - 1] == "."  # only what follows shows that it is no "..."
        return end + closed, end

    def _clause(self) -> tuple[int, int] | None:
        """Return the end at the last clause boundary so far, for the first piece of a reply."""
        if not self._first:
            return None
        return self._last_boundary(_CLAUSE, FIRST_LEAST_CHARS, self._first_chars)

    def _too_long(self) -> tuple[int, int] | None:
        """Return the end of a sentence that is too long: at a clause, or between two words."""
        if len(self._window) < self._max_chars:
            return None
        window = self._window[: self._max_chars]
        for pattern in (_CLAUSE, _SPACE):
            ends = [match.end() for match in pattern.finditer(window)]
            ends = [end for end in ends if end >= self._max_chars // 4 and self._has_word(end)]
            if ends:
                return self._max_chars, ends[-1]
        return self._max_chars, self._max_chars

    def _last_boundary(
        self, pattern: re.Pattern[str], least: int, needed: int
    ) -> tuple[int, int] | None:
        """Return the last boundary in the first `needed` characters, or the first one after."""
        last: int | None = None
        for match in pattern.finditer(self._window):
            if match.end() < least or not self._has_word(match.end()):
                continue
            if match.end() > needed:
                return (match.end(), match.end()) if last is None else (needed, last)
            last = match.end()
        return None if last is None else (needed, last)


# --- helpers ----------------------------------------------------------------------------------

_CLOSERS = "\"')\\]”’»"
_TERMINAL = re.compile(rf"\n|[。？！]|(?:[.!?…]+[{_CLOSERS}]*)(?=\s)")
_NEXT_WORD = re.compile(r"\s+(\S+)(\s?)")
_CLAUSE = re.compile(r"[,;:]\s|\s[–-]\s|—")
_FIRST_LETTER = re.compile(r"[^\W_]")
_SPACE = re.compile(r"\s")
_TEXT = re.compile(r"\S")

_TITLES = frozenset(
    "dr mr mrs ms mx prof st sen rep gen col lt sgt capt rev hon messrs mme".split()
)
_NEVER_LAST = _TITLES | frozenset(
    "e.g i.e eg ie vs cf fig figs nos vol pp ca approx resp incl".split()
)
"""Abbreviations that never end a sentence: what they belong to follows."""

_MAYBE_LAST = frozenset(
    "etc inc ltd co corp jr sr dept est min max a.m p.m ph.d m.d b.sc m.sc u.s u.k e.u u.n".split()
)
"""Abbreviations that may end a sentence: they do if the next word usually begins one."""

_STARTERS = frozenset(
    "what how why when where who whom whose which could can would will do does did is are was were "
    "have has had tell please and but so then the a an i you it we they he she that this these "
    "those there here let thank thanks in on at for after before if my our your now next also "
    "great okay well yes no could finally".split()
)


def _has_word(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _ends(text: str, terminal: re.Match[str], following: str) -> bool:
    """Return whether a full stop (question mark ...) followed by this word ends a sentence."""
    sign = terminal[0].rstrip("\"')]”’»")
    first = next((character for character in following if character.isalnum()), "")
    if sign.startswith(("…", "..")):
        return first.isupper() or first.isdigit()
    if sign != ".":
        return not first.islower()
    word, numbers_the_text = _word_before(text, terminal)
    if first.islower():
        return False
    if word == "no":
        return not first.isdigit()
    if word in _NEVER_LAST or numbers_the_text:
        return False
    if _may_be_cut_short(word):
        return re.sub(r"\W.*$", "", following.lower().lstrip("\"'(“‘«")) in _STARTERS
    return True


def sentence_over(text: str, following: str) -> bool:
    """Return whether a sentence ends where `text` does, as far as what follows tells by now."""
    closed = SentenceSplitter().feed(text + following)
    return bool(closed) and " ".join(closed).split() == text.split()


def _takes_a_word(text: str, terminal: re.Match[str]) -> bool:
    """Return whether `_ends` needs the whole next word to decide."""
    if terminal[0].rstrip("\"')]”’»") != ".":
        return False
    return _may_be_cut_short(_word_before(text, terminal)[0])


def _word_before(text: str, terminal: re.Match[str]) -> tuple[str, bool]:
    """Return the word before a full stop, and whether it is the number of an item of a list."""
    end = begin = terminal.start()
    while begin > 0 and (text[begin - 1].isalnum() or text[begin - 1] in "_.&'-"):
        begin -= 1
    word = text[begin:end].lower().lstrip("'-")
    return word, word.isdigit() and begin == 0


def _may_be_cut_short(word: str) -> bool:
    """Return whether a full stop may belong to the word itself: J., etc., U.S."""
    initial = len(word) == 1 and word.isalpha() and word != "i"
    return initial or word in _MAYBE_LAST or re.fullmatch(r"(?:\w\.)+\w", word) is not None
