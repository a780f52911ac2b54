"""ConversationView: the interview as it stands, in the form that each reader of it needs."""

from collections.abc import Callable, Iterable

from sessions.interviewer.openings import sounds_of
from sessions.interviewer.protocol import Conversation
from sessions.interviewer.scripted.prefetch import likely_sentences
from sessions.leg import ReadyNote
from sessions.plan.vocabulary import Vocabulary
from sessions.session_context import SessionContext
from sessions.turn_history import TurnHistory
from sessions.turntaking.causes import Cause


class ConversationView:
    """The interview of one session, for the interviewer, the transcriber, the voice and a new leg.

    `time_left` gives ms; `voice_ahead` is told sentences that may be due.
    """

    def __init__(
        self,
        context: SessionContext,
        history: TurnHistory,
        time_left: Callable[[], float],
        voice_ahead: Callable[[Iterable[str]], None],
    ) -> None:
        self._context = context
        self._history = history
        self._time_left = time_left
        self._voice_ahead = voice_ahead
        self._vocabulary = Vocabulary(context.plan)

    def conversation(
        self,
        cause: Cause,
        said: str = "",
        idle_level: int = 0,
        *,
        urgent: bool = False,
        telephone: bool = False,
    ) -> Conversation:
        """Return what the interviewer gets to see now."""
        return Conversation(
            plan=self._context.plan,
            candidate_name=self._context.candidate_name,
            language=self._context.language,
            turns=tuple(self._history.turns),
            cause=cause,
            said=said,
            idle_level=idle_level,
            time_left_ms=int(self._time_left()),
            urgent=urgent,
            telephone=telephone,
        )

    def ready(self, opened_ms: int) -> ReadyNote:
        """Return what a new leg is told first; it was opened at `opened_ms` (Unix time)."""
        return ReadyNote(
            str(self._context.session_id),
            self._context.candidate_name,
            self._context.plan.title,
            resumed=bool(self._history.turns),
            time_left_ms=self._time_left(),
            turns=tuple(self._history.turns),
            opened_ms=opened_ms,
        )

    def prefetch(self) -> None:
        """Have the sentences voiced that may come next. Called when it is the candidate's turn."""
        cause = Cause.ANSWER if self._history.turns else Cause.OPENING
        language = self._context.language or self._context.plan.language
        self._voice_ahead((*likely_sentences(self.conversation(cause)), *sounds_of(language)))

    def keywords(self) -> tuple[str, ...]:
        """Return words to expect from the candidate in the whole interview."""
        return self._vocabulary.keywords()

    def terms(self) -> str:
        """Return words to expect from the candidate now."""
        return self._vocabulary.terms(self._history.question)
