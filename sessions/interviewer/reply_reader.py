"""Reply reader: from a model's reply to a move that fits the interview, and speakable text.

What a model claims to do is corrected where it is unknown, repeated or missing, so that progress
can be read from the moves alone.
"""

import re
from collections.abc import Iterable, Mapping

from sessions.interviewer.intents import Intent, intent_of, wants_to_end
from sessions.interviewer.progress import Progress
from sessions.interviewer.protocol import Conversation, Move, MoveKind, ReplyPart, UnfitReply
from sessions.interviewer.reasoning import ReasoningFilter
from sessions.interviewer.reply_parser import Header, HeaderReader, SpokenText
from sessions.interviewer.speaking_rate import faster, slower
from sessions.plan.plan import Question
from sessions.turntaking.causes import Cause

SAME_QUESTION = 0.6
"""Share of a question's words from which on a reply puts that question."""

CLAIMED_QUESTION = 0.3
"""The same share where the header says that a question is put, but none that is known."""

_FAREWELL = re.compile(
    r"\b(goodbye|good bye|bye(?! the)|end of (the|our|this) (interview|conversation)|"
    r"concludes (the|our|this) (interview|conversation)|that was (my last question|everything))\b",
    re.IGNORECASE,
)
_COMMON = frozenset(
    "the a an and or of to in on at for with is are was were be been do does did have has had you "
    "your i my me we our it its that this what how about tell could would can please any".split()
)


class MoveInference:
    """Inference of the move of one reply."""

    def __init__(self, conversation: Conversation, progress: Progress) -> None:
        self._cause = conversation.cause
        self._latest = progress.pending[-1] if progress.pending else ""
        self._idle_level = conversation.idle_level
        self._progress = progress
        self._plan = conversation.plan
        self._current = progress.current.id if progress.current else None

    def from_header(self, header: Header | None) -> Move | None:
        """Return the move that a header claims, corrected; None if the text must decide."""
        if self._cause is Cause.TIME_UP:
            return Move(MoveKind.CLOSE)
        if header is None:
            return None
        if header.kind is MoveKind.CLOSE:
            self._check_close()
            return self._move(MoveKind.CLOSE, None, header.detail)
        if header.kind is MoveKind.ASK:
            return self._put(header.question, header.detail) if header.question else None
        if header.question is not None and header.question not in self._progress.asked:
            return None
        question = header.question or self._current
        return self._move(header.kind, question, header.detail) if question else None

    def from_text(self, text: str, header: Header | None) -> Move:
        """Return the move that a text makes, for a header that is missing or not understood."""
        progress = self._progress
        claimed = header.kind if header is not None else None
        asks = claimed is MoveKind.ASK
        put = _closest(text, progress.remaining, CLAIMED_QUESTION if asks else SAME_QUESTION)
        if put is not None:
            return self._put(put.id, {})
        if _FAREWELL.search(text) and "?" not in text:
            self._check_close()
            return self._move(MoveKind.CLOSE, None, {})
        following = progress.next or next(iter(progress.remaining), None)
        if following is not None and (asks or (claimed is None and self._current is None)):
            return self._put(following.id, {})
        current = progress.current
        if current is None:
            return Move(MoveKind.HOLD)
        if _closest(text, (current,), SAME_QUESTION) is not None:
            return self._move(MoveKind.REPEAT, current.id, {})
        return self._move(MoveKind.PROBE if "?" in text else MoveKind.HOLD, current.id, {})

    def _check_close(self) -> None:
        """Raise UnfitReply for a farewell while must-ask questions are open and there is time.

        It is right where the candidate asked for it.
        """
        progress = self._progress
        if progress.closed or progress.next is None or not progress.must_ask:
            return
        intent = intent_of(self._latest)
        if wants_to_end(self._latest) or (progress.stop_offered and intent is not Intent.NO):
            return
        raise UnfitReply(
            "The language model closed the interview with must-ask questions open:"
            f" {', '.join(question.id for question in progress.must_ask)}."
        )

    def _put(self, question: str, detail: Mapping[str, str | int]) -> Move:
        """Return ASK for a question that is new, REPEAT for one that was put before."""
        new = question not in self._progress.asked
        return self._move(MoveKind.ASK if new else MoveKind.REPEAT, question, detail)

    def _move(self, kind: MoveKind, question: str | None, claims: Mapping[str, str | int]) -> Move:
        """Return a move with those claims that fit it.

        Its detail notes a cause that the candidate did not ask for (a silence, a return), so that
        the move is not counted.
        """
        detail: dict[str, str | int] = {}
        probe = claims.get("probe")
        if kind is MoveKind.PROBE and question is not None and isinstance(probe, int):
            if probe < len(self._plan.question(question).probes):
                detail["probe"] = probe
        elif kind is MoveKind.REPEAT and "wording" in claims:
            detail["wording"] = claims["wording"]
        elif kind in (MoveKind.ASK, MoveKind.CLOSE) and self._current is not None:
            if claims.get("skipped") == self._current:
                detail["skipped"] = self._current
            if kind is MoveKind.CLOSE and "early" in claims:
                detail["early"] = claims["early"]
            if kind is MoveKind.ASK and "wrapping" in claims:
                detail["wrapping"] = 1
        elif kind is MoveKind.HOLD and "stop" in claims:
            detail["stop"] = 1
        if "slower" in claims or "faster" in claims:
            change = slower if "slower" in claims else faster
            detail["pace"] = change(self._progress.speaking_rate)
        if self._cause in (Cause.RESUME, Cause.UNPAUSE, Cause.HAND_BACK):
            detail["resumed"] = 1
        if self._cause is Cause.IDLE and kind not in (MoveKind.ASK, MoveKind.CLOSE):
            detail["idle"] = max(1, self._idle_level)
        if self._cause in (Cause.NO_SOUND, Cause.NOISE):
            detail["sound"] = 1
        return Move(kind, question, detail)


def _closest(text: str, questions: Iterable[Question], threshold: float) -> Question | None:
    """Return the question most of whose words stand in a text, if enough of them do."""
    said = _words(text)
    best: Question | None = None
    best_share = threshold
    for question in questions:
        for wording in (question.text, *question.rephrased):
            words = _words(wording)
            share = len(words & said) / len(words) if words else 0.0
            if share >= best_share and (best is None or share > best_share):
                best, best_share = question, share
    return best


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"[\w']+", text.lower()) if word not in _COMMON}


MAX_REPLY_CHARS = 1_200
"""Length at which a reply is ended with a sentence, since a model rambles: about 80 s of speech."""

MAX_HEADERLESS_CHARS = 600
"""Length of a reply without a header that is read at most before its move is inferred."""


class ReplyReader:
    """Reader of a stream: takes pieces of a reply, returns a Move and then speakable text.

    The Move waits for the first text; where the header is missing or says too little, for enough
    text to infer it. `full`: nothing more of the reply will be spoken.
    """

    def __init__(self, conversation: Conversation, progress: Progress) -> None:
        self._questions = [q.id for q in conversation.plan.questions()]
        self._reasoning = ReasoningFilter()
        self._header = HeaderReader(self._questions)
        self._moves = MoveInference(conversation, progress)
        self._spoken = SpokenText()
        self._header_done = False
        self._moved = False
        self._waiting = ""
        self._length = 0
        self.full = False

    def feed(self, token: str) -> list[ReplyPart]:
        """Take a piece; return what can be passed on by now."""
        return self._read(*self._reasoning.feed(token))

    def _read(self, token: str, restart: bool) -> list[ReplyPart]:
        if restart and not self._moved:  # what waits was reasoning
            self._header = HeaderReader(self._questions)
            self._header_done = False
            self._spoken, self._waiting = SpokenText(), ""
        if not self._header_done:
            rest = self._header.feed(token)
            if rest is None:
                return []
            self._header_done = True
            token = rest
        return self._take(self._spoken.feed(token), final=False)

    def flush(self) -> list[ReplyPart]:
        """End the reply; return what was held back."""
        parts = self._read(*self._reasoning.flush())
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
        """Return the text so far, cut at the end of a sentence once there is too much of it."""
        text, self._waiting = self._waiting, ""
        room = MAX_REPLY_CHARS - self._length
        self._length += len(text)
        if room < len(text):
            end = re.search(r"[.!?](?=\s|$)", text[max(0, room) :])
            self.full = end is not None or self._length > 2 * MAX_REPLY_CHARS
            if end is not None:
                text = text[: max(0, room) + end.end()]
        return [text] if text else []
