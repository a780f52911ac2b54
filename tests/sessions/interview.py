"""An interview held in memory: the record grows turn by turn, as the session would write it."""

from dataclasses import dataclass, field

from sessions.interviewer.protocol import Conversation, Interviewer, Move, ReplyPart, Usage
from sessions.plan.plan import Plan
from sessions.turntaking.causes import Cause
from sessions.turntaking.turns import Speaker, Turn

SPEECH_MS_A_WORD = 400
MINUTE_MS = 60_000


@dataclass
class Reply:
    """One reply, taken apart."""

    parts: list[ReplyPart]

    @property
    def move(self) -> Move:
        first = self.parts[0]
        assert isinstance(first, Move)
        return first

    @property
    def text(self) -> str:
        return " ".join("".join(part for part in self.parts if isinstance(part, str)).split())

    @property
    def usage(self) -> Usage | None:
        last = self.parts[-1]
        return last if isinstance(last, Usage) else None


@dataclass
class Interview:
    """Both sides of an interview on `plan`; time passes by the words that are said."""

    plan: Plan
    interviewer: Interviewer
    candidate_name: str = "Ada"
    turns: list[Turn] = field(default_factory=list)
    now_ms: int = 0
    minutes: float | None = None

    async def ask_for(
        self,
        cause: Cause,
        said: str = "",
        *,
        idle_level: int = 0,
        heard: float = 1.0,
        on_record: bool = True,
    ) -> Reply:
        """A reply to `said` (if anything), put on record as far as it was heard (a share)."""
        if said and on_record:
            self.say(said)
        conversation = self.conversation(cause, "" if on_record else said, idle_level)
        reply = Reply([part async for part in self.interviewer.reply(conversation)])
        if said and not on_record:
            self.say(said)
        self.put_on_record(reply, heard)
        return reply

    async def answer(self, said: str, *, heard: float = 1.0, on_record: bool = True) -> Reply:
        """The reply to an answer."""
        return await self.ask_for(Cause.ANSWER, said, heard=heard, on_record=on_record)

    async def open(self, *, heard: float = 1.0) -> Reply:
        """The greeting."""
        return await self.ask_for(Cause.OPENING, heard=heard)

    def conversation(self, cause: Cause, said: str = "", idle_level: int = 0) -> Conversation:
        """The view an interviewer gets now."""
        limit = self.plan.time_limit_minutes if self.minutes is None else self.minutes
        return Conversation(
            plan=self.plan,
            candidate_name=self.candidate_name,
            language=self.plan.language,
            turns=tuple(self.turns),
            cause=cause,
            said=said,
            idle_level=idle_level,
            time_left_ms=max(0, int(limit * MINUTE_MS) - self.now_ms),
        )

    def say(self, text: str) -> None:
        """The candidate's turn goes on record."""
        self._add(Speaker.CANDIDATE, text, text)

    def put_on_record(self, reply: Reply, heard: float = 1.0) -> None:
        """The interviewer's turn goes on record."""
        text = reply.text
        self._add(
            Speaker.INTERVIEWER, text, text[: int(len(text) * heard)].strip(), reply.move, heard < 1
        )

    def _add(
        self,
        speaker: Speaker,
        text: str,
        heard: str,
        move: Move | None = None,
        interrupted: bool = False,
    ) -> None:
        began = self.now_ms
        self.now_ms += SPEECH_MS_A_WORD * max(1, len(heard.split()))
        record = move.as_record() if move else {}
        self.turns.append(
            Turn(
                len(self.turns),
                speaker,
                text,
                heard,
                began,
                self.now_ms,
                interrupted=interrupted,
                move=record,
            )
        )
