"""Reply reader: from a model's reply to a move that fits the interview, and speakable text.

What a model claims to do is corrected where it is unknown, repeated or missing, so that progress
can be read from the moves alone.
"""

import re
from collections.abc import Iterable, Mapping

from sessions.interviewer.enquiries.request_wordings import Intent
from sessions.interviewer.intents import intent_of
from sessions.interviewer.leaving import wants_to_leave
from sessions.interviewer.progress import Progress
from sessions.interviewer.protocol import (
    SENTENCE_OVER,
    Conversation,
    Move,
    MoveKind,
    ReplyPart,
    UnfitReply,
)
from sessions.interviewer.reasoning import ReasoningFilter, ThoughtMark
from sessions.interviewer.reply_limits import MAX_REPLY_CHARS, SpeechLimits, is_farewell
from sessions.interviewer.reply_parser import (
    LATE_HEADER,
    MAX_HEADER_CHARS,
    Header,
    HeaderReader,
    SpokenText,
    VerbatimText,
)
from sessions.interviewer.sentences import sentence_over
from sessions.interviewer.speaking_rate import faster, slower
from sessions.interviewer.unmarked_thoughts import spoken_part, without_thoughts
from sessions.plan.plan import Question
from sessions.turntaking.causes import Cause

SAME_QUESTION = 0.6
"""Share of a question's words from which on a reply puts that question."""

CLAIMED_QUESTION = 0.3
"""The same share where the header says that a question is put, but none that is known."""

LOOK_BACK_CHARS = 60
"""Length of the end of a sentence that is looked at to tell whether it is one: its last word."""

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
        self._english = conversation.language.startswith("en")
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
        if "?" not in text and any(map(is_farewell, re.split(r"(?<=[.!…])\s+|\n", text))):
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

    def early_close(self) -> str:
        """Return what is wrong with a farewell now; "" where it may be.

        It is wrong while must-ask questions are open and there is time, unless the candidate asked
        for it.
        """
        progress = self._progress
        if progress.closed or progress.next is None or not progress.must_ask:
            return ""
        if self._asked_to_stop():
            return ""
        return (
            "The language model closed the interview with must-ask questions open:"
            f" {', '.join(question.id for question in progress.must_ask)}."
        )

    def _asked_to_stop(self) -> bool:
        """Return whether the candidate wants the end, or was offered it and did not say no."""
        offered = self._progress.stop_offered and intent_of(self._latest) is not Intent.NO
        return offered or wants_to_leave(self._latest)

    def _check_close(self) -> None:
        """Raise UnfitReply for a farewell that is too early."""
        if problem := self.early_close():
            raise UnfitReply(problem)

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
            # of other languages nobody can tell
            asked_to_stop = not self._english or self._asked_to_stop()
            if kind is MoveKind.CLOSE and "early" in claims and asked_to_stop:
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
        if self._cause in (Cause.NO_SOUND, Cause.MUTED, Cause.NOISE, Cause.VOICES):
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


class ReplyReader:
    """Reader of a stream: takes pieces of a reply, returns a Move and then speakable text.

    The Move waits for the first text. Where the header is missing or says too little, it waits for
    the end of the reply: what was written may turn out to be reasoning, by a closing tag or a
    header behind it. With `verbatim`, what stands behind the header is spoken as it is: it was not
    written by a model.
    """

    def __init__(
        self, conversation: Conversation, progress: Progress, *, verbatim: bool = False
    ) -> None:
        self._verbatim = verbatim
        self._questions = [q.id for q in conversation.plan.questions()]
        self._reasoning = ReasoningFilter()
        self._moves = MoveInference(conversation, progress)
        self._limits: SpeechLimits | None = None
        self._unsaid: Move | None = None
        self._signs = ""
        self._header_done = False
        self._raw = self._waiting = self._before = ""
        self._searched = 0
        self._begin()

    @property
    def full(self) -> bool:
        """Whether nothing more of the reply will be spoken."""
        return self._limits is not None and self._limits.full

    def feed(self, token: str) -> list[ReplyPart]:
        """Take a piece; return what can be passed on by now. Raises UnfitReply."""
        return self._read([token] if self._verbatim else self._reasoning.feed(token))

    def flush(self) -> list[ReplyPart]:
        """End the reply; return what was held back. Raises UnfitReply."""
        parts = self._read(self._reasoning.flush())
        if not self._header_done:
            self._header_done = True
            parts += self._take(self._header.flush())
        self._waiting += self._spoken.flush()
        return parts + self._pass_on(final=True)

    def _begin(self) -> None:
        """Read from here on as if nothing had come before."""
        self._header = HeaderReader(self._questions)
        self._header_done = False
        self._spoken: SpokenText | VerbatimText = VerbatimText() if self._verbatim else SpokenText()
        self._raw = self._waiting = ""
        self._searched = 0

    def _read(self, pieces: Iterable[str | ThoughtMark]) -> list[ReplyPart]:
        parts: list[ReplyPart] = []
        found = list(pieces)
        if self._limits is None and ThoughtMark.BEFORE in found:  # all before it was reasoning
            last = len(found) - 1 - found[::-1].index(ThoughtMark.BEFORE)
            self._begin()
            found = found[last + 1 :]
        for piece in found:
            if isinstance(piece, str):
                parts += self._take(piece)
            else:  # what waits was reasoning; what was before it is said
                self._waiting, self._spoken = " ", SpokenText()
        return parts

    def _take(self, text: str) -> list[ReplyPart]:
        if not self._header_done:
            rest = self._header.feed(text)
            if rest is None:
                return []
            self._header_done = True
            text = rest
        if self._limits is None:
            self._raw += text
        self._waiting += self._spoken.feed(text)
        return self._pass_on(final=False)

    def _pass_on(self, *, final: bool) -> list[ReplyPart]:
        if self._limits is None:
            if not any(character.isalnum() for character in self._waiting):
                return []
            if final and not self._verbatim and not without_thoughts(self._waiting).strip():
                raise UnfitReply("The language model wrote its thoughts in place of a reply.")
            if not final and not self._verbatim and not spoken_part(self._waiting):
                return []
            move = self._moves.from_header(self._header.header)
            if move is None and (header := LATE_HEADER.search(self._raw, self._searched)):
                behind = self._raw[header.start() :]
                self._begin()
                return self._take(behind) + (self.flush() if final else [])
            self._searched = max(0, len(self._raw) - MAX_HEADER_CHARS)
            if move is None and not final:
                return []
            if move is None and self._header.header is None and self._too_long():
                return []
            move = move or self._moves.from_text(self._waiting, self._header.header)
            may_close = self._verbatim or move.kind is MoveKind.CLOSE
            self._limits = SpeechLimits("" if may_close else self._moves.early_close())
            self._unsaid = move
        return self._speak(self._limits, final)

    def _too_long(self) -> bool:
        """Return whether a reply without a header is too long to be one.

        It may be somebody's thoughts.
        """
        return len(self._waiting) > MAX_REPLY_CHARS

    def _sentence_over(self, text: str, passed: str) -> bool:
        """Tell whether this text, of which so much is passed on, is known to end a sentence.

        What shows it may wait here for long, and the voice would wait for it.
        """
        self._before = (self._before + text)[-LOOK_BACK_CHARS:]
        if not passed.endswith(text) or not sentence_over(self._before, self._waiting):
            return False
        self._before = ""
        return True

    def _speak(self, limits: SpeechLimits, final: bool) -> list[ReplyPart]:
        text, self._waiting = self._waiting, ""
        over: list[ReplyPart] = []
        if not self._verbatim:
            end = len(text) if final else spoken_part(text)
            judged, self._waiting = text[:end], text[end:]
            text = limits.feed(without_thoughts(judged) if final else judged, final=final)
            if not final and self._sentence_over(judged, text):
                over.append(SENTENCE_OVER)
        if self._unsaid is None:
            return [text, *over] if text else over
        self._signs += text
        if not any(character.isalnum() for character in self._signs):
            return []
        move, self._unsaid = self._unsaid, None
        return [move, self._signs, *over]
