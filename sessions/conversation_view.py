"""The interview as it stands, for those who look at it: the interviewer, the voice, the ears,
and a leg that comes."""

from collections.abc import Callable, Iterable

from sessions.interviewer.prefetch import foreseen
from sessions.interviewer.protocol import Conversation
from sessions.leg import ReadyNote
from sessions.plan.vocabulary import Vocabulary
from sessions.session_context import SessionContext
from sessions.turn_history import TurnHistory
from sessions.turntaking.causes import Cause


class ConversationView:
    """Of one session. `time_left` tells ms, `voice_ahead` is told sentences that may be due."""

    def __init__(
        self,
        context: SessionContext,
        history: TurnHistory,
        time_left: Callable[[], float],
        voice_ahead: Callable[[Iterable[str]], None],
    ) -> None:
        self._context = context
        self._book = history
        self._time_left = time_left
        self._voice_ahead = voice_ahead
        self._vocabulary = Vocabulary(context.plan)

    def conversation(
        self, cause: Cause, said: str = "", idle_level: int = 0, *, urgent: bool = False
    ) -> Conversation:
        """What the interviewer gets to see now."""
        return Conversation(
            plan=self._context.plan,
            candidate_name=self._context.candidate_name,
            language=self._context.language,
            turns=tuple(self._book.turns),
            cause=cause,
            said=said,
            idle_level=idle_level,
            time_left_ms=int(self._time_left()),
            urgent=urgent,
        )

    def ready(self) -> ReadyNote:
        """What a leg is told that has just come."""
        return ReadyNote(
            str(self._context.session_id),
            self._context.candidate_name,
            self._context.plan.title,
            resumed=bool(self._book.turns),
            time_left_ms=self._time_left(),
            turns=tuple(self._book.turns),
        )

    def look_ahead(self) -> None:
        """It is the candidate's turn, or they are not here yet: time to voice what comes next."""
        cause = Cause.ANSWER if self._book.turns else Cause.OPENING
        self._voice_ahead(foreseen(self.conversation(cause)))

    def terms(self) -> str:
        """Words to expect from the candidate now."""
        return self._vocabulary.terms(self._book.question)
