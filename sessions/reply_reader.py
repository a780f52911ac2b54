"""One reply as it is read: pieces of a model's text in, its Move and then speakable text out."""

import re

from sessions.interviewer.progress import Progress
from sessions.interviewer.protocol import Conversation, ReplyPart
from sessions.interviewer.reply_parser import HeaderReader, SpokenText
from sessions.interviewer.reply_reader import SureMove

MAX_REPLY_CHARS = 1_200
"""A spoken reply longer than this (about 80 s) is a model that rambles: it ends with a sentence."""

MAX_HEADERLESS_CHARS = 600
"""Without a header, this much of a reply is read before its move is inferred."""


class ReplyReader:
    """Pieces of a reply in, a Move and then speakable text out. The Move waits for the first
    text; where the header is missing or says too little, for enough of it to tell. `full` means
    that nothing more of the reply will be spoken."""

    def __init__(self, conversation: Conversation, progress: Progress) -> None:
        self._header = HeaderReader([q.id for q in conversation.plan.questions()])
        self._moves = SureMove(conversation, progress)
        self._spoken = SpokenText()
        self._header_done = False
        self._moved = False
        self._waiting = ""
        self._length = 0
        self.full = False

    def feed(self, token: str) -> list[ReplyPart]:
        """Take a piece; what can be passed on by now."""
        if not self._header_done:
            rest = self._header.feed(token)
            if rest is None:
                return []
            self._header_done = True
            token = rest
        return self._take(self._spoken.feed(token), final=False)

    def flush(self) -> list[ReplyPart]:
        """The model has ended: what was held back."""
        parts: list[ReplyPart] = []
        if not self._header_done:
            self._header_done = True
            parts += self._take(self._spoken.feed(self._header.flush()), final=False)
        return [*parts, *self._take("" if self.full else self._spoken.flush(), final=True)]

    def _take(self, text: str, *, final: bool) -> list[ReplyPart]:
        self._waiting += text
        if not self._moved:
            if not any(character.isalnum() for character in self._waiting):
                return []
            move = self._moves.from_header(self._header.header)
            if move is None:
                if not final and len(self._waiting) < MAX_HEADERLESS_CHARS:
                    return []
                move = self._moves.from_text(self._waiting, self._header.header)
            self._moved = True
            return [move, *self._speak()]
        return list(self._speak())

    def _speak(self) -> list[str]:
        """The text so far, cut at a sentence's end once there is too much of it."""
        text, self._waiting = self._waiting, ""
        room = MAX_REPLY_CHARS - self._length
        self._length += len(text)
        if room < len(text):
            end = re.search(r"[.!?](?=\s|$)", text[max(0, room) :])
            self.full = end is not None or self._length > 2 * MAX_REPLY_CHARS
            if end is not None:
                text = text[: max(0, room) + end.end()]
        return [text] if text else []
