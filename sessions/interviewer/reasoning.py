"""Reasoning filter: takes out of a reply what the model thinks aloud, and its template's marks.

Models that reason write their thoughts into the reply, between tags of many spellings; servers with
the wrong template leak special tokens and channel marks. None of that may be spoken, shown, stored
or taken for the move.
"""

import re
from enum import Enum

MAX_TAG_CHARS = 160
"""Length within which a tag must close: one that is longer is text."""

MAX_FRONT_CHARS = 200
"""Length within which a reply's header must be over, for what follows to be its front."""


class ThoughtMark(Enum):
    """Mark in a reply's stream."""

    BEFORE = "all that came before was reasoning, whose beginning was not marked"


class ReasoningFilter:
    """Filter of one reply's stream. The result depends on the text alone, not on how it is cut.

    It returns pieces in their order: text of the reply's own, or the mark that what came before was
    none. Reasoning that never ends is all reasoning: nothing of it comes out.
    """

    def __init__(self) -> None:
        self._buffer = ""
        self._ends_tag = False
        self._inside: _Inside | None = None
        self._front = ""
        self._wrappers: list[str] = []

    def feed(self, text: str) -> list[str | ThoughtMark]:
        """Take more of the stream; return what is decided by now."""
        self._buffer += text
        self._ends_tag = ">" in text
        return self._drain(final=False)

    def flush(self) -> list[str | ThoughtMark]:
        """End the stream; return what was held back, as `feed` does."""
        return self._drain(final=True)

    def _drain(self, *, final: bool) -> list[str | ThoughtMark]:
        pieces: list[str | ThoughtMark] = []
        at = 0
        while at < len(self._buffer):
            if self._inside is not None:
                at, over = self._inside.skip(self._buffer, at, final)
                if not over:
                    break
                self._inside = None
                continue
            found = _SIGN.search(self._buffer, at)
            self._own(self._buffer[at : found.start() if found else None], pieces)
            if found is None:
                at = len(self._buffer)
                break
            step = self._mark(found.start(), final, pieces)
            if step is None:
                at = found.start()
                break
            at = step
        self._buffer = self._buffer[at:]
        return pieces

    def _own(self, text: str, pieces: list[str | ThoughtMark]) -> None:
        """Pass on text of the reply's own."""
        if text:
            pieces.append(text)
            self._front = (self._front + text)[:MAX_FRONT_CHARS]

    def _mark(self, at: int, final: bool, pieces: list[str | ThoughtMark]) -> int | None:
        """Take what may be a mark; return where the text goes on, None while it is undecided."""
        left = len(self._buffer) - at
        if not final and left < MAX_TAG_CHARS and self._may_grow(at):
            return None
        if (end := self._template_mark(at, pieces)) is not None:
            return end
        tag = _TAG.match(self._buffer, at)
        end = self._tag(tag, final, pieces) if tag is not None else -1
        if end == -1:  # it is no mark
            self._own(self._buffer[at], pieces)
            return at + 1
        return end

    def _may_grow(self, at: int) -> bool:
        """Return whether what stands at the end of the buffer may become a mark."""
        if _MARK_BEGUN.fullmatch(self._buffer, at):
            return True
        tag = _TAG_BEGUN.fullmatch(self._buffer, at)
        if tag is None:
            return False
        more = tag["more"]
        return not more or self._at_front() or is_reasoning(tag["name"], front=True)

    def _template_mark(self, at: int, pieces: list[str | ThoughtMark]) -> int | None:
        """Take a special token, a channel mark or a mark in brackets, if it is one."""
        for pattern in (_OPENING, _ORPHAN, _TOKEN):
            mark = pattern.match(self._buffer, at)
            if mark is None:
                continue
            if pattern is _OPENING:
                self._inside = _Inside(None)
            elif pattern is _ORPHAN:
                self._restart(pieces)
            return mark.end()
        return None

    def _tag(self, tag: re.Match[str], final: bool, pieces: list[str | ThoughtMark]) -> int | None:
        """Take a tag; return as `_mark` does, -1 where the tag is text."""
        name, closes, front = tag["name"], bool(tag["closes"]), self._at_front()
        if tag[0].endswith("/>"):
            return tag.end() if is_reasoning(name, front=front) else -1
        if closes and name.lower() in self._wrappers:
            self._wrappers.remove(name.lower())
            return tag.end()
        if closes:
            if not is_reasoning(name, front=True):
                return -1
            self._restart(pieces)
            return tag.end()
        if is_reasoning(name, front=front):
            self._inside = _Inside(name)
            return tag.end()
        if not front:
            return -1
        if _wraps_speech(name):
            self._wrappers.append(name.lower())
            return tag.end()
        if not final and not self._ends_tag:
            return None
        end, over = _Inside(name).skip(self._buffer, tag.end(), final=False)
        if over:  # a pair of tags that nobody knows, with the model's own in between
            return end
        return -1 if final else None

    def _at_front(self) -> bool:
        """Return whether nothing has come but the header."""
        return len(self._front) < MAX_FRONT_CHARS and _FRONT.fullmatch(self._front) is not None

    def _restart(self, pieces: list[str | ThoughtMark]) -> None:
        self._front = ""
        self._wrappers.clear()
        pieces.append(ThoughtMark.BEFORE)


class _Inside:
    """Reasoning that has begun, with a tag of that name or (None) with a mark of a template."""

    def __init__(self, name: str | None) -> None:
        self._name = name
        self._depth = 1

    def skip(self, text: str, at: int, final: bool) -> tuple[int, bool]:
        """Return where the reasoning ends, or where to look on, and whether it has ended."""
        for mark in _BOUNDARY.finditer(text, at):
            self._depth = self._depth_after(mark)
            if self._depth <= 0:
                return mark.end(), True
            at = mark.end()
        # The end of the text may be the beginning of a mark.
        return (len(text) if final else max(at, len(text) - MAX_TAG_CHARS)), False

    def _depth_after(self, mark: re.Match[str]) -> int:
        match mark.lastgroup:
            case "resumes":
                return 0
            case "opening":
                return 1  # marks of a template do not nest
            case "closing":
                return self._depth - 1
        name, own = mark["name"], self._name
        mine = (own is not None and name.lower() == own.lower()) or (
            (own is None or is_reasoning(own)) and is_reasoning(name)
        )
        if not mine or mark[0].endswith("/>"):
            return self._depth
        return self._depth + (-1 if mark["closes"] else 1)


def is_reasoning(name: str, *, front: bool = False) -> bool:
    """Return whether a tag's name says that the model thinks.

    `front`: also one that says so only where it stands in front of the reply or closes what is in
    front of it (in a question it may be meant).
    """
    segments = _segments(name)
    if any(_THINKS.fullmatch(segment) for segment in segments):
        return True
    return front and any(segment in _PREPARES for segment in segments)


# --- helpers ----------------------------------------------------------------------------------

_THINKS = re.compile(
    r"(?:inner|deep|pre|model|chainof)?"
    r"(?:think|thinks|thinking|thought|thoughts|reason|reasons|reasoning|reasoned|reflection|"
    r"reflections|reflecting|analysis|analyses|analyzing|analysing|scratch|scratchpad|monologue|"
    r"cot|deliberation|deliberations|deliberate|deliberating|rationale|introspection|rumination|"
    r"cogitation|brainstorm|brainstorming)"
    r"(?:process|steps?|content|block|trace|text)?"
)
"""Segment of a name that says it wherever it stands."""

_PREPARES = frozenset(
    "plan planning internal hidden private note notes draft drafts strategy evaluation assessment "
    "observation observations memo memory critique review comment meta judgement judgment "
    "consideration considerations understanding".split()
)
"""Segment that says it in front of a reply only."""

_SPEAKS = frozenset(
    "answer response reply final output speak speaks speaking speech say says said spoken message "
    "text content assistant interviewer result utterance voice prosody sentence verbal dialogue "
    "s p b i u q em strong span div br hr h1 h2 h3 h4 h5 h6 ul ol li a small mark sub sup html "
    "body blockquote section article main".split()
)
"""Segment of a tag that wraps what is to be spoken."""


def _segments(name: str) -> list[str]:
    """Return the parts of a name: reasoning_content, thinking-process, innerThought."""
    return [part.lower() for part in re.split(r"[_:.\-]+|(?<=[a-z])(?=[A-Z])", name) if part]


def _wraps_speech(name: str) -> bool:
    return any(segment in _SPEAKS for segment in _segments(name))


_NAME = r"(?P<name>[A-Za-z][\w:.-]{0,60})"
_TAG = re.compile(rf"<\s*(?P<closes>/?)\s*{_NAME}(?:\s[^<>\n]{{0,80}})?\s*/?>")
_TAG_BEGUN = re.compile(rf"<\s*/?\s*(?:{_NAME}(?P<more>\s[^<>\n]{{0,80}})?/?)?")
_SIGN = re.compile("[<[◁]")
_FRONT = re.compile(r"[\s`*>#]*(?:\[{1,2}[^\[\]\n]{0,100}\]{1,2}[\s`*]*)?")

_OPENING = re.compile(
    r"\[THINK(?:ING)?\]"
    r"|◁think▷"
    r"|<[|｜]\s*(?:START_THINKING|begin_of_thought|think(?:ing)?)\s*[|｜]>"
    r"|<[|｜]\s*channel\s*[|｜]?>\s*(?!final\b)\w{1,40}[^<\n]{0,60}(?:<[|｜]message[|｜]>|(?=[\n]))",
    re.IGNORECASE,
)
_ORPHAN = re.compile(
    r"\[/THINK(?:ING)?\]|◁/think▷"
    r"|<[|｜]\s*(?:END_THINKING|end_of_thought|/think(?:ing)?)\s*[|｜]>",
    re.IGNORECASE,
)
_BOUNDARY = re.compile(
    r"(?P<resumes>(?=<[|｜]\s*(?:start|channel)\s*[|｜]>))"
    rf"|(?P<opening>{_OPENING.pattern})"
    rf"|(?P<closing>{_ORPHAN.pattern}|<[|｜]\s*(?:end|return|call)\s*[|｜]>|<channel[|｜]>)"
    rf"|(?P<tag>{_TAG.pattern})",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    # The role that follows the token is part of the mark, as is the name of a channel.
    r"<[|｜]\s*(?:im_start|start|start_header_id)\s*[|｜]>(?:\s*(?:assistant|model)\b)?"
    r"|<[|｜]\s*channel\s*[|｜]>\s*final\s*(?:<[|｜]\s*message\s*[|｜]>)?"
    r"|<[|｜][^<>\n]{1,60}[|｜]>|<channel[|｜]>"
    r"|<(?:start|end)_of_turn>(?:\s*model\b)?|</?s>|\[/?INST\]",
    re.IGNORECASE,
)
_MARK_BEGUN = re.compile(
    # What may become a mark with more text: tokens with the word behind them, and brackets.
    r"<[|｜][^<>\n]*(?:[|｜]>?)?"
    r"|<[|｜]\s*(?:im_start|start|start_header_id)\s*[|｜]>[\s\w]*"
    r"|<[|｜]\s*channel\s*[|｜]?>[^<>\n]*(?:<[|｜]?[\s\w]*[|｜]?)?"
    r"|<(?:start|end)_of_turn>[\s\w]*"
    r"|\[(?:/?[A-Z]{0,8})?"
    r"|◁[/\w]*",
    re.IGNORECASE,
)
