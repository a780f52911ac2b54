"""Reasoning filter: takes out of a reply what the model thinks aloud, and its template's marks.

Models that reason write their thoughts into the reply, between tags of many spellings; servers with
the wrong template leak special tokens and channel marks. None of that may be spoken, shown, stored
or taken for the move.
"""

import re

_NAME = (
    r"(?:seed:|antml:|ant)?"
    r"(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|analysis|scratchpad|inner_?monologue|"
    r"chain_of_thought|cot)"
)
MAX_TAG_CHARS = 160
"""Length within which a tag must close: one that is longer is text."""

_OPENING = re.compile(
    rf"<\s*(?P<name>{_NAME})(?:\s[^<>\n]{{0,80}})?>"
    r"|\[THINK(?:ING)?\]"
    r"|◁think▷"
    r"|<[|｜]\s*(?:START_THINKING|begin_of_thought|think(?:ing)?)\s*[|｜]>"
    r"|<[|｜]\s*channel\s*[|｜]?>\s*(?!final\b)\w{1,40}[^<\n]{0,60}(?:<[|｜]message[|｜]>|(?=[\n]))",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    rf"<\s*/\s*{_NAME}\s*>"
    r"|\[/THINK(?:ING)?\]"
    r"|◁/think▷"
    r"|<[|｜]\s*(?:END_THINKING|end_of_thought|/think(?:ing)?)\s*[|｜]>"
    r"|<[|｜]\s*(?:end|return|call)\s*[|｜]>"
    r"|<channel[|｜]>"
    r"|(?=<[|｜]\s*(?:start|channel)\s*[|｜]>)",
    re.IGNORECASE,
)
_ORPHAN = re.compile(
    rf"<\s*/\s*{_NAME}\s*>|\[/THINK(?:ING)?\]|◁/think▷"
    r"|<[|｜]\s*(?:END_THINKING|end_of_thought|/think(?:ing)?)\s*[|｜]>",
    re.IGNORECASE,
)
_EMPTY = re.compile(rf"<\s*{_NAME}\s*/>", re.IGNORECASE)
_TOKEN = re.compile(
    # The role that follows the token is part of the mark, as is the name of a channel.
    r"<[|｜]\s*(?:im_start|start|start_header_id)\s*[|｜]>(?:\s*(?:assistant|model)\b)?"
    r"|<[|｜]\s*channel\s*[|｜]>\s*final\s*(?:<[|｜]\s*message\s*[|｜]>)?"
    r"|<[|｜][^<>\n]{1,60}[|｜]>|<channel[|｜]>"
    r"|<(?:start|end)_of_turn>(?:\s*model\b)?|</?s>|\[/?INST\]",
    re.IGNORECASE,
)
_MARK = re.compile(
    "|".join(
        f"(?:{p.pattern.replace('?P<name>', '?:')})" for p in (_EMPTY, _OPENING, _ORPHAN, _TOKEN)
    ),
    re.IGNORECASE,
)
_STARTS = "<[◁"
_MAYBE = re.compile(
    # What may become a mark with more text: tags, tokens with the word behind them, and brackets.
    rf"<\s*/?\s*[a-z:_]{{0,20}}/?|<\s*/?\s*{_NAME}\s[^<>\n]*"
    r"|<[|｜][^<>\n]*(?:[|｜]>?)?"
    r"|<[|｜]\s*(?:im_start|start|start_header_id)\s*[|｜]>[\s\w]*"
    r"|<[|｜]\s*channel\s*[|｜]?>[^<>\n]*(?:<[|｜]?[\s\w]*[|｜]?)?"
    r"|<(?:start|end)_of_turn>[\s\w]*"
    r"|\[(?:/?[A-Z]{0,8})?"
    r"|◁[/\w]*",
    re.IGNORECASE,
)


class ReasoningFilter:
    """Filter of one reply's stream. The result depends on the text alone, not on how it is cut.

    Reasoning that never ends is all reasoning: nothing of it comes out.
    """

    def __init__(self) -> None:
        self._buffer = ""
        self._inside = 0

    def feed(self, text: str) -> tuple[str, bool]:
        """Take more of the stream; return what of it is the reply's own.

        The flag says that all that came before was reasoning, whose beginning was not marked.
        """
        self._buffer += text
        return self._drain(final=False)

    def flush(self) -> tuple[str, bool]:
        """End the stream; return what was held back, as `feed` does."""
        return self._drain(final=True)

    def _drain(self, *, final: bool) -> tuple[str, bool]:
        own: list[str] = []
        restart = False
        while self._buffer:
            if self._inside:
                if not self._skip(final):
                    break
                continue
            start = min(
                (at for sign in _STARTS if (at := self._buffer.find(sign)) >= 0), default=-1
            )
            if start < 0:
                own.append(self._buffer)
                self._buffer = ""
                break
            own.append(self._buffer[:start])
            self._buffer = self._buffer[start:]
            if not final and len(self._buffer) < MAX_TAG_CHARS and _MAYBE.fullmatch(self._buffer):
                break
            mark = _MARK.match(self._buffer)
            if mark is None:
                own.append(self._buffer[0])
                self._buffer = self._buffer[1:]
                continue
            if _ORPHAN.match(self._buffer):
                own, restart = [], True
            elif _OPENING.match(self._buffer) and not _EMPTY.match(self._buffer):
                self._inside = 1
            self._buffer = self._buffer[mark.end() :]
        return "".join(own), restart

    def _skip(self, final: bool) -> bool:
        """Drop reasoning up to its end; tell whether there is anything left to look at."""
        closing = _CLOSING.search(self._buffer)
        opening = _OPENING.search(self._buffer)
        if opening is not None and (closing is None or opening.start() < closing.start()):
            if opening["name"] is None:  # marks of a template do not nest
                self._inside, self._buffer = 1, self._buffer[opening.end() :]
            else:
                self._inside, self._buffer = self._inside + 1, self._buffer[opening.end() :]
            return True
        if closing is not None:
            named = closing[0] != ""
            self._inside = self._inside - 1 if named else 0
            self._buffer = self._buffer[closing.end() :]
            return True
        # The end of the text may be the beginning of a tag.
        self._buffer = "" if final else self._buffer[-MAX_TAG_CHARS:]
        return False
