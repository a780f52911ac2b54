"""What a session's leg is told: states, captions, acknowledged turns, troubles, the end."""

from collections.abc import Callable, Mapping

from sessions.leg import CaptionNote, CommittedNote, EndedNote, Leg, Note, StateNote, TroubleNote
from sessions.listening.local_agreement import CaptionText
from sessions.speaking.voiced_reply import VoicedReply
from sessions.turntaking.causes import EndReason
from sessions.turntaking.transitions import CandidateState, InterviewerState
from sessions.turntaking.turns import Speaker, Turn

SOUND_TROUBLES = {
    "no_sound": "Nothing comes from your microphone. Is it connected, and not muted?",
    "noise": "There is too much noise to understand you. Please find a quieter place.",
    "clipping": "Your microphone is turned up too high: your voice is distorted.",
}
"""What the candidate's page shows, by code."""


class LegNotifier:
    """Tells whatever leg is there now (`leg` gives it); `on_note` is told the same. `time_left` is
    in ms. Captions of one utterance or reply share an id, so that later ones replace earlier ones.
    """

    def __init__(
        self,
        leg: Callable[[], Leg | None],
        time_left: Callable[[], float],
        on_note: Callable[[Note], None] = lambda note: None,
    ) -> None:
        self._leg = leg
        self._time_left = time_left
        self._on_note = on_note
        self._shown: tuple[CandidateState, InterviewerState] | None = None

    def reset(self) -> None:
        """Forget what was told: another leg is there, which knows no state."""
        self._shown = None

    def notify(self, note: Note) -> None:
        """Tell the leg, and nobody else."""
        leg = self._leg()
        if leg is not None:
            leg.tell(note)

    def state(self, candidate: CandidateState, interviewer: InterviewerState) -> None:
        """Who is doing what; said only where it changes."""
        if self._shown != (candidate, interviewer):
            self._shown = (candidate, interviewer)
            self._tell(StateNote(candidate, interviewer, self._time_left()))

    def understood(self, utterance: int, caption: CaptionText) -> None:
        """The candidate's words so far."""
        self._caption(Speaker.CANDIDATE, _said(utterance), caption, final=False)

    def spoken(self, reply: VoicedReply, text: str) -> None:
        """The sentences of a reply that have begun to sound."""
        caption_id = _replied(reply.generation)
        self._caption(Speaker.INTERVIEWER, caption_id, _settled(text), final=False)

    def answered(self, turn: Turn, utterance: int) -> None:
        """The words of a candidate's turn are settled."""
        self._caption(turn.speaker, _said(utterance), _settled(turn.heard_text), final=True)

    def replied(self, turn: Turn, generation: int) -> None:
        """The words of an interviewer's turn are settled: those that were heard."""
        self._caption(turn.speaker, _replied(generation), _settled(turn.heard_text), final=True)

    def committed(self, turn: Turn) -> None:
        """A turn is in the database."""
        self._tell(CommittedNote(turn))

    def database_trouble(self, sentence: str) -> None:
        """The database is away, as the sentence says."""
        self._tell(TroubleNote("database", sentence))

    def sound_trouble(self, code: str) -> None:
        """Something is wrong with the candidate's sound; a code of no trouble is none."""
        if code in SOUND_TROUBLES:
            self._tell(TroubleNote(code, SOUND_TROUBLES[code]))

    def ended(self, reason: EndReason) -> None:
        """The interview is over."""
        self._tell(EndedNote(reason, farewell(reason)))

    def _caption(self, speaker: Speaker, name: str, caption: CaptionText, *, final: bool) -> None:
        self._tell(CaptionNote(speaker, name, caption.text, final, caption.stable_words))

    def _tell(self, note: Note) -> None:
        self.notify(note)
        self._on_note(note)


def _settled(text: str) -> CaptionText:
    """Words that will stay."""
    return CaptionText(text, len(text.split()))


def _said(utterance: int) -> str:
    return f"said-{utterance}"


def _replied(generation: int) -> str:
    return f"reply-{generation}"


FAREWELLS: Mapping[str, str] = {
    EndReason.COMPLETED: "That was the whole interview. Thank you for your time.",
    EndReason.TIME_LIMIT: "The time for this interview is up. Thank you, your answers are saved.",
    EndReason.ENDED_BY_CANDIDATE: "You have ended the interview. Your answers are saved.",
    EndReason.RECRUITER: "The recruiter has ended the interview. Your answers are saved.",
    EndReason.CANDIDATE_SILENT: "We have not heard you for a while, so the interview was ended. "
    "Your answers are saved.",
    EndReason.CANDIDATE_UNHEARD: "There was too much noise for us to understand you, so the "
    "interview was ended. Your answers are saved.",
    EndReason.INTERVIEWER_UNAVAILABLE: "The interviewer has a technical problem. "
    "Your answers are saved; the recruiter will get in touch.",
}


def farewell(reason: str) -> str:
    """A sentence for people; an unknown reason gets a general one."""
    return FAREWELLS.get(reason, "The interview has ended. Your answers are saved.")
