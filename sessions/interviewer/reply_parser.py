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

    Signs that are no markup stay: an index, an operator, a type parameter, a name with underscores.
    The result depends on the text alone, not on how the stream is cut. Text that may turn out to be
    markup is held back, at most `MAX_HELD_CHARS`.
    """

    def __init__(self) -> None:
        self._buffer = ""
        self._line_start = True
        self._before = ""
        self._open = 0
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
            self._before = self._buffer[taken - 1]
            self._buffer = self._buffer[taken:]
            spoken.append(said)
        text = "".join(spoken)
        if not self._spoke:
            text = text.lstrip()
        self._spoke = self._spoke or bool(text)
        return text

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
            return self._sign(character, final)
        if character == "]":
            kept = self._open > 0 or self._before.isdigit()
            self._open = max(0, self._open - 1)
            return 1, "]" if kept else ""
        if character in _JOINERS:  # between letters it belongs to the word
            belongs = self._before and not _EMOJI.match(self._before)
            return 1, character if character in "\u200c\u200d" and belongs else ""
        if _EMOJI.match(character):
            return 1, ""
        plain = _PLAIN.match(self._buffer)
        return (plain.end(), plain[0]) if plain is not None else (1, "")

    def _sign(self, sign: str, final: bool) -> tuple[int, str]:
        """Return the same for a sign that may begin markup."""
        run = len(self._buffer) - len(self._buffer.lstrip(sign))
        following = self._buffer[run : run + 1]
        if not following and not final:
            return 0, ""
        in_word = self._before.isalnum() or self._before in (")", "]", "_")
        if sign == "[" and run == 1 and in_word:
            self._open += 1
            return 1, sign
        if sign in "*_" and (in_word or not following or following.isspace()):
            return run, self._buffer[:run]
        if sign == "<" and not (following.isalpha() or following == "/"):
            return run, self._buffer[:run]
        return self._held(sign, run, final)

    def _held(self, opener: str, run: int, final: bool) -> tuple[int, str]:
        """Return the same for text from an opening sign on, which waits for its closing one."""
        window = self._buffer[:MAX_HELD_CHARS]
        found = _PAIRS[opener].match(window)
        more = not final and len(self._buffer) < MAX_HELD_CHARS
        if found is not None:
            if found.end() == len(self._buffer) and opener in "[*_`" and more:
                return 0, ""  # [text](address), **text** and names may go on
            behind = self._buffer[found.end() :]
            if opener == "[" and behind.startswith("("):
                link = _LINK.match(window)
                if link is None and more and "\n" not in behind and ")" not in behind:
                    return 0, ""
                found = link or found
            if opener not in "*_" or not behind[:1].isalnum():
                return found.end(), _spoken_inside(opener, found, self._before)
        elif more and "\n" not in window:
            return 0, ""
        return self._alone(opener, run)

    def _alone(self, opener: str, run: int) -> tuple[int, str]:
        """Return the same for a sign that opens nothing."""
        if opener in "*_":
            return run, self._buffer[:run]
        if opener == "[":
            return 1, "[" if self._buffer[1:2].isdigit() else ""
        return 1, "" if opener == "`" else opener


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
_JOINERS = "\u200c\u200d\u20e3" + "".join(map(chr, range(0xFE00, 0xFE10)))
_EMOJI = re.compile(f"[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff{_JOINERS}]")
_PLAIN = re.compile(f"[^\\n\\[\\](*<`_{_EMOJI.pattern[1:-1]}]+")
_PAIRS: Mapping[str, re.Pattern[str]] = {
    "[": re.compile(r"\[{1,2}([^\[\]\n]*)\]{1,2}"),
    "(": re.compile(r"\(([^()\[\]*<\n]*)\)"),
    "*": re.compile(r"(\*{1,3})(?!\s)([^*\[\]<\n]+)(?<!\s)\1(?!\*)"),
    "_": re.compile(r"(_{1,3})(?!\s)([^_*\[\]<\n]+)(?<!\s)\1(?!_)"),
    "`": re.compile(r"(`{1,2})([^`\n]+)\1"),
    "<": re.compile(r"<([^<>\n]*)>"),
}
_LINK = re.compile(r"\[([^\[\]*<\n]*)\]\([^()\n]*\)")
_ITEM = r"(?:[-+]?[\d.]+%?|\"[^\"]*\"|'[^']*'|\w)"
_LITERAL = re.compile(rf"\s*(?:{_ITEM}(?:\s*[,:;/–-]\s*{_ITEM})*)?\s*")
_HALF_OPEN = re.compile(r"[-+\d.]+\s*,\s*[-+\d.]+\)")
_MARKUP = re.compile(
    r"/?\s*(?:b|i|u|s|em|strong|p|br|hr|span|small|mark|sub|sup|a|ul|ol|li|h[1-6]|q|code|pre|font|"
    r"blockquote|speak|break|prosody|emphasis|say-as|voice|phoneme|audio|"
    r"\w*(?:answer|response|reply|output|speech|spoken|assistant|candidate|recruiter|now|notes|"
    r"event)\w*)\s*/?"
    r"|/?\s*[\w:-]+\s+[\w:-]+\s*=.*|[\w:-]+\s*/",
)
"""Inside of a tag that is markup, or one of the prompt's own."""

_ADDRESS = re.compile(r"https?://\S+|[\w.+-]+@[\w.-]+")
_STAGE = re.compile(
    # What the interviewer does, and how: "(waiting time)" and "(thinking of memory)" are text.
    r"\s*(?:\w+ly )?(?:smil(?:e|es|ing)|nod(?:s|ding)?|laugh(?:s|ing|ter)?|chuckl(?:e|es|ing)|"
    r"paus(?:e|es|ing)|sigh(?:s|ing)?|grin(?:s|ning)?|lean(?:s|ing)|listen(?:s|ing)|"
    r"wait(?:s|ing)?|typ(?:es|ing)|gestur(?:e|es|ing)|silen(?:t|ce)|silently|think(?:s|ing)|"
    r"clear(?:s|ing)|warm|warmly|soft|softly|gentle|gently|friendly|beat|breath(?:e|es|ing)?)"
    r"(?: (?:\w+ly|for|an?|the|moment|second|seconds|beat|while|bit|little|short|long|again|in|"
    r"agreement|thought|silence|to|at|your?|candidate|candidate's|response|answer|reply|and|with|"
    r"back|forward|throat|tone|voice|smil(?:e|es|ing)|nod(?:s|ding)?|laugh(?:s|ing)?|"
    r"paus(?:e|es|ing)|listen(?:s|ing)|wait(?:s|ing)?|encouragement|breath)){0,6}\s*",
    re.IGNORECASE,
)


def _spoken_inside(opener: str, found: re.Match[str], before: str) -> str:
    """Return what is spoken of a piece in brackets or between marks."""
    if found.re is _LINK:
        return found[1]
    inside = found[found.lastindex or 0]
    if opener == "`":
        return inside
    if opener == "[":
        literal = _LITERAL.fullmatch(inside) or _HALF_OPEN.match(inside)
        return found[0] if literal and not found[0].startswith("[[") else ""
    if opener == "<":
        if _ADDRESS.fullmatch(inside):
            return inside
        generic = before.isalnum() and len(inside) == 1 and inside.isupper()
        markup = _MARKUP.fullmatch(inside.lower()) or _STAGE.fullmatch(inside)
        return "" if markup and not generic else found[0]
    if _STAGE.fullmatch(inside):
        return ""
    if opener == "(" or (opener == "_" and found[1] == "__" and _IDENTIFIER.fullmatch(inside)):
        return found[0]
    return re.sub(r"(?<!\w)_(?!\s)([^_]+)_(?!\w)", r"\1", inside)


_IDENTIFIER = re.compile(r"[a-z][a-z0-9]*")


def _bare(word: str) -> str:
    return re.sub(r"[\W_]+", "", word.lower())
