"""Reply parser: from what a model writes to the header that states its move, and what is spoken.

A reply begins with a header, `[[ask q3]]` or `[[probe q2 probe=1]]`. Models garble it now and
then, and tokens split it anywhere; whatever is found of it, no part of it is ever spoken.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sessions.interviewer.protocol import MoveKind

MAX_HEADER_CHARS = 120
"""Length within which a header must close."""

MAX_HELD_CHARS = 160
"""Length of text that is held back at most until a closing bracket comes."""


@dataclass(frozen=True, slots=True)
class Header:
    """Header of a reply, as far as it could be parsed."""

    kind: MoveKind
    """Kind of move that it claims."""

    question: str | None = None
    """Id of a question of the plan; None if it names none that is known."""

    detail: Mapping[str, str | int] = field(default_factory=dict)
    """Further claims: {"probe": index}, {"skipped": id of a question}."""


def write_header(kind: MoveKind, question: str | None, detail: Mapping[str, object]) -> str:
    """Return the header of a reply as a model is instructed to write it."""
    extras = [f"{key}={value}" for key, value in detail.items()]
    return f"[[{' '.join([kind.value, *([question] if question else []), *extras])}]]"


class HeaderReader:
    """Parser that takes the header off the front of a stream, however the stream is cut.

    `header` is None until the header has been parsed, and where none was understood.
    """

    def __init__(self, questions: Collection[str]) -> None:
        self.header: Header | None = None
        self._questions = questions
        self._buffer = ""

    def feed(self, text: str) -> str | None:
        """Take more of the stream; return the text after the header, None while more is needed."""
        self._buffer += text
        return self._split(final=False)

    def flush(self) -> str:
        """End the stream; return what was held back, without the header."""
        return self._split(final=True) or ""

    def _split(self, *, final: bool) -> str | None:
        front = _FRONT.match(self._buffer)
        start = front.end() if front else 0
        rest = self._buffer[start:]
        if not rest:
            return "" if final else None
        if not rest.startswith("["):
            return self._buffer.lstrip()
        closed = _CLOSED.match(rest)
        if closed is not None:
            if closed.end() == len(rest) and not final:
                return None  # more closing brackets or marks may follow
            self.header = self._read(closed[1])
            return rest[closed.end() :].lstrip()
        if not final and "\n" not in rest and len(rest) < MAX_HEADER_CHARS:
            return None
        return self._unclosed(rest)

    def _unclosed(self, rest: str) -> str:
        """Parse a header whose brackets never close; return the text after it.

        It ends after those words of it that are understood; if there are none, with its line.
        """
        line, newline, below = rest.partition("\n")
        words = line.lstrip("[ ").split(" ")
        taken = 0
        while taken < len(words) and self._is_header_word(words[taken], taken):
            taken += 1
        self.header = self._read(" ".join(words[:taken]))
        if taken == 0 and newline and len(line) < MAX_HEADER_CHARS:
            return below.lstrip()
        return (" ".join(words[taken:]) + newline + below).lstrip()

    def _is_header_word(self, word: str, place: int) -> bool:
        bare = word.strip("[]:,.").lower()
        if place == 0:
            return bare in _KINDS
        return self._known(bare) is not None or re.fullmatch(r"\w+=[\w-]*", bare) is not None

    def _read(self, text: str) -> Header | None:
        words = re.findall(r"[\w-]+(?:\s*=\s*[\w-]+)?", text.lower())
        if not words or words[0] not in _KINDS:
            return None
        kind = _KINDS[words[0]]
        question: str | None = None
        detail: dict[str, str | int] = {}
        for word in words[1:]:
            key, equals, value = (part.strip() for part in word.partition("="))
            if not equals:
                question = question or self._known(word)
            elif key in _NUMBERS and value.isdecimal() and len(value) <= 3:
                detail[key] = int(value)
            elif key == "skipped" and (known := self._known(value)) is not None:
                detail[key] = known
        return Header(kind, None if kind is MoveKind.CLOSE else question, detail)

    def _known(self, word: str) -> str | None:
        """Return the plan's id that a word means, whatever its signs and case."""
        if word in self._questions:
            return word
        same = [known for known in self._questions if _bare(known) == _bare(word)]
        return same[0] if len(same) == 1 and _bare(word) else None


class SpokenText:
    """Filter that makes a stream speakable: headers, stage directions, markup and emoji go.

    The result depends on the text alone, not on how the stream is cut. Text that may turn out to be
    markup is held back, at most `MAX_HELD_CHARS`.
    """

    def __init__(self) -> None:
        self._buffer = ""
        self._line_start = True
        self._spoke = False

    def feed(self, text: str) -> str:
        """Take more of the stream; return what of it can be spoken so far (often "")."""
        self._buffer += text
        return self._drain(final=False)

    def flush(self) -> str:
        """End the stream; return what was held back."""
        return self._drain(final=True)

    def _drain(self, *, final: bool) -> str:
        spoken: list[str] = []
        while self._buffer:
            taken, said = self._step(final)
            if taken == 0:
                break
            self._buffer = self._buffer[taken:]
            spoken.append(said)
        return self._clean("".join(spoken))

    def _step(self, final: bool) -> tuple[int, str]:
        """Return how much of the buffer is decided, and what is spoken of that."""
        if self._line_start:
            mark = _LINE_MARK.match(self._buffer)
            if mark is not None:
                if mark.end() == len(self._buffer) and not final:
                    return 0, ""
                self._line_start = False
                return mark.end(), ""
            if _MAYBE_LINE_MARK.fullmatch(self._buffer) and not final:
                return 0, ""
            self._line_start = False
        character = self._buffer[0]
        if character == "\n":
            self._line_start = True
            return 1, " "
        if character in _PAIRS:
            return self._held(character, final)
        plain = _PLAIN.match(self._buffer)
        return (plain.end(), plain[0]) if plain is not None else (1, "")

    def _held(self, opener: str, final: bool) -> tuple[int, str]:
        """Return the same for text from an opening sign on, which waits for its closing one."""
        window = self._buffer[:MAX_HELD_CHARS]
        found = _PAIRS[opener].match(window)
        if found is not None and opener == "[" and self._buffer[found.end() :].startswith("("):
            found = _LINK.match(window)
        more = not final and len(self._buffer) < MAX_HELD_CHARS
        if found is not None:
            if found.end() == len(self._buffer) and opener in "[*" and more:
                return 0, ""  # [text](address) and **text** may go on
            return found.end(), _spoken_inside(opener, found)
        if more and "\n" not in window:
            return 0, ""
        return 1, "(" if opener == "(" else ""

    def _clean(self, text: str) -> str:
        text = _EMOJI.sub("", text).replace("_", " ").replace("]", "")
        if not self._spoke:
            text = text.lstrip()
        self._spoke = self._spoke or bool(text)
        return text


class VerbatimText:
    """Filter with the methods of `SpokenText` that changes nothing but the ends of lines."""

    def feed(self, text: str) -> str:
        """Return the text in one line."""
        return text.replace("\n", " ")

    def flush(self) -> str:
        """Return nothing: nothing is held back."""
        return ""


# --- helpers ----------------------------------------------------------------------------------

_KINDS: Mapping[str, MoveKind] = {
    **{kind.value: kind for kind in MoveKind},
    "question": MoveKind.ASK,
    "next": MoveKind.ASK,
    "followup": MoveKind.PROBE,
    "follow-up": MoveKind.PROBE,
    "rephrase": MoveKind.REPEAT,
    "wait": MoveKind.HOLD,
    "end": MoveKind.CLOSE,
}
_NUMBERS = frozenset({"probe", "wording", "early", "slower", "faster", "stop", "wrapping"})

LATE_HEADER = re.compile(
    rf"\[\[\s*(?:{'|'.join(map(re.escape, _KINDS))})(?=[\s\]:,])", re.IGNORECASE
)
"""Beginning of a header that stands behind other text."""

_FRONT = re.compile(r"[\s`*>#]*")
_CLOSED = re.compile(r"\[{1,2}([^\[\]\n]{0,100})\]{1,2}[ \t`*]*")
_LINE_MARK = re.compile(r"[ \t]*(?:[-•–—>#*]+|\d{1,2}[.)])[ \t]+")
_MAYBE_LINE_MARK = re.compile(r"[ \t]*(?:[-•–—>#*]*|\d{1,2}[.)]?)[ \t]*")
_PLAIN = re.compile(r"[^\n\[(*<`]+")
_PAIRS: Mapping[str, re.Pattern[str]] = {
    "[": re.compile(r"\[{1,2}[^\[\]\n]*\]{1,2}"),
    "(": re.compile(r"\(([^()\[\]*<\n]*)\)"),
    "*": re.compile(r"\*{1,3}([^*\[\]<\n]+)\*{1,3}"),
    "<": re.compile(r"<([^<>\n]*)>"),
}
_LINK = re.compile(r"\[([^\[\]*<\n]*)\]\([^()\n]*\)")
_STAGE = re.compile(
    r"\s*(?:\w+ly )?(?:smil|nod|laugh|chuckl|paus|sigh|grin|lean|listen|wait|typ|gestur|silen|"
    r"think|clear|warm|soft|gentl|friendly|beat|breath)\w*(?: \w+){0,3}\s*",
    re.IGNORECASE,
)
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2190-\u21ff\u2b00-\u2bff\ufe00-\ufe0f\u200d\u20e3]"
)


def _spoken_inside(opener: str, found: re.Match[str]) -> str:
    """Return what is spoken of a piece in brackets or asterisks."""
    if opener == "<":
        return ""
    if opener == "[":
        return found[1] if found.re is _LINK else ""
    if _STAGE.fullmatch(found[1]):
        return ""
    return f"({found[1]})" if opener == "(" else found[1]


def _bare(word: str) -> str:
    return re.sub(r"[\W_]+", "", word.lower())
