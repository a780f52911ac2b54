"""LegNotifier: tells a session's leg of states, captions, committed turns, troubles and the end."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from sessions.leg import (
    CaptionNote,
    CommittedNote,
    EndedNote,
    Leg,
    LegEnd,
    Note,
    StateNote,
    TroubleNote,
)
from sessions.listening.local_agreement import CaptionText
from sessions.speaking.voiced_reply import VoicedReply
from sessions.turntaking.causes import EndReason, SuspendReason
from sessions.turntaking.machine import TurnMachine
from sessions.turntaking.turns import Speaker, Turn

SOUND_TROUBLES = {
    "no_sound": "Nothing comes from your microphone. Is it connected, and not muted?",
    "muted": "Your microphone is muted on this page.",
    "noise": "There is too much noise to understand you. Please find a quieter place.",
    "voices": "Other voices are heard near you, perhaps a television. Please find a quieter place.",
    "clipping": "Your microphone is turned up too high: your voice is distorted.",
}
"""What the candidate's page shows, by code."""

END_OF_SUSPENDED = {
    SuspendReason.ALONE: LegEnd.RESTART,
    SuspendReason.SERVER_STOPS: LegEnd.RESTART,
    SuspendReason.ADJOURNED: LegEnd.ADJOURNED,
    SuspendReason.AWAY: LegEnd.ADJOURNED,
    SuspendReason.UNAVAILABLE: LegEnd.UNAVAILABLE,
}
"""What the candidate is told of a session that leaves memory."""


class LegNotifier:
    """Tells whatever leg there is now.

    Captions of one utterance or reply share an id, so that later ones replace earlier ones.

    `leg` gives the leg, `time_left` the ms that are left; `on_note` is told whatever the leg is
    told.
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
        self._shown: tuple[StateNote, float] | None = None  # the note but for its time, the limit
        self._unsettled: set[str] = set()  # ids of captions whose final words are still to come
        self._dropped = 0  # the newest utterance that is over

    def reset(self) -> None:
        """Forget which state was told: another leg is there."""
        self._shown = None

    def notify(self, note: Note) -> None:
        """Tell the leg, and nobody else."""
        leg = self._leg()
        if leg is not None:
            leg.tell(note)

    def state(self, machine: TurnMachine, recruiter_speaks: bool) -> None:
        """Tell what each party is doing, who leads and the time left, if one of them changed."""
        parties = machine.candidate, machine.interviewer
        note = StateNote(*parties, 0.0, machine.holder, recruiter_speaks)
        if self._shown != (note, machine.limit_ms):
            self._shown = note, machine.limit_ms
            self._tell(replace(note, time_left_ms=self._time_left()))

    def caption_candidate(self, utterance: int, caption: CaptionText) -> None:
        """Show the candidate's words so far; those of an utterance that is over are nobody's."""
        if utterance > self._dropped:
            self._caption(Speaker.CANDIDATE, _utterance_id(utterance), caption, final=False)

    def caption_interviewer(self, reply: VoicedReply, text: str) -> None:
        """Show the sentences of a reply that have begun to sound."""
        caption_id = _reply_id(reply.generation)
        self._caption(Speaker.INTERVIEWER, caption_id, _stable(text), final=False)

    def settle_candidate(self, turn: Turn, utterance: int) -> None:
        """Show the final words of a candidate's turn."""
        self._caption(turn.speaker, _utterance_id(utterance), _stable(turn.heard_text), final=True)

    def settle_interviewer(self, turn: Turn, generation: int) -> None:
        """Show the final words of an interviewer's turn: the heard text."""
        self._caption(turn.speaker, _reply_id(generation), _stable(turn.heard_text), final=True)

    def drop_candidate(self, utterance: int) -> None:
        """Take in that an utterance is over: words shown of it that are no turn are withdrawn."""
        self._dropped = max(self._dropped, utterance)
        self._withdraw(Speaker.CANDIDATE, _utterance_id(utterance))

    def drop_interviewer(self, generation: int) -> None:
        """Take in that a reply is over: words shown of it that are no turn are withdrawn."""
        self._withdraw(Speaker.INTERVIEWER, _reply_id(generation))

    def committed(self, turn: Turn) -> None:
        """Tell that a turn is in the database."""
        self._tell(CommittedNote(turn))

    def database_trouble(self, sentence: str) -> None:
        """Tell that the database is away, in this sentence."""
        self._tell(TroubleNote("database", sentence))

    def sound_trouble(self, code: str) -> None:
        """Tell what is wrong with the candidate's sound; an unknown code tells nothing."""
        if code in SOUND_TROUBLES:
            self._tell(TroubleNote(code, SOUND_TROUBLES[code]))

    def ended(self, reason: EndReason) -> None:
        """Tell that the interview is over."""
        self._tell(EndedNote(reason, end_message(reason)))

    def _caption(self, speaker: Speaker, name: str, caption: CaptionText, *, final: bool) -> None:
        if final:
            self._unsettled.discard(name)
        else:
            self._unsettled.add(name)
        self._tell(CaptionNote(speaker, name, caption.text, final, caption.stable_words))

    def _withdraw(self, speaker: Speaker, name: str) -> None:
        if name in self._unsettled:
            self._caption(speaker, name, _stable(""), final=True)

    def _tell(self, note: Note) -> None:
        self.notify(note)
        self._on_note(note)


def _stable(text: str) -> CaptionText:
    """Return a caption of words that will stay."""
    return CaptionText(text, len(text.split()))


def _utterance_id(utterance: int) -> str:
    return f"said-{utterance}"


def _reply_id(generation: int) -> str:
    return f"reply-{generation}"


END_MESSAGES: Mapping[str, str] = {
    EndReason.COMPLETED: "That was the whole interview. Thank you for your time.",
    EndReason.TIME_LIMIT: "The time for this interview is up. Thank you, your answers are saved.",
    EndReason.ENDED_BY_CANDIDATE: "You have ended the interview. Your answers are saved.",
    EndReason.CLOSED_EARLY: "The interviewer has ended the interview before its time. Your answers "
    "are saved.",
    EndReason.RECRUITER: "The recruiter has ended the interview. Your answers are saved.",
}


def end_message(reason: str) -> str:
    """Return a sentence for the candidate; a general one for an unknown reason."""
    return END_MESSAGES.get(reason, "The interview has ended. Your answers are saved.")
