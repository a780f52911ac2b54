"""LiveOverview: one live interview in the list of all of them: phase, question, time, levels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from audio.pcm import SILENCE_DBFS, level_dbfs
from audio.speech import VOICE_RATE
from sessions.interviewer.progress import Progress
from sessions.monitor.events import PresentViewer
from sessions.monitor.session_view import SessionView
from sessions.monitor.takeover import Takeover
from sessions.turntaking.transitions import CandidateState, FloorHolder, InterviewerState

_STOPPED = (FloorHolder.PAUSED, FloorHolder.WAITING)
_HOLDERS = {FloorHolder.INTERVIEWER: "interviewer", **dict.fromkeys(_STOPPED, "nobody")}


@dataclass(frozen=True, slots=True)
class LiveOverview:
    """How an interview stands just now; made when it is asked for, and only then."""

    state: dict[str, Any]
    """Plain data, as it may stand in a row of the database. The levels are not in it: they would be
    out of date by the time it is read."""

    candidate_db: int
    """In whole dBFS."""

    interviewer_db: int
    """In whole dBFS."""


def overview_of(
    view: SessionView,
    takeover: Takeover,
    progress: Progress,
    connected: bool,
    people: Sequence[PresentViewer],
) -> LiveOverview:
    """Return how an interview stands just now."""
    machine, now = view.machine, view.now()
    current = progress.current
    number = 0
    if current is not None:
        number = 1 + [question.id for question in view.context.plan.questions()].index(current.id)
    state = {
        "phase": _phase(view, connected),
        "holder": _HOLDERS.get(machine.holder, "recruiter"),
        "connected": connected,
        "question": (
            None
            if current is None
            else {
                "id": current.id,
                "number": number,
                "of": len(view.context.plan.questions()),
                "text": current.text,
            }
        ),
        "time_limit_ms": round(machine.limit_ms),
        "time_left_ms": round(machine.time_left_ms(now)),
        "monitors": len(people),
        "listeners": sum(person.listening for person in people),
    }
    return LiveOverview(state, round(view.level_db()), round(_interviewer_db(view, takeover, now)))


def _phase(view: SessionView, connected: bool) -> str:
    machine = view.machine
    if not machine.begun and not connected:
        return "waiting"
    if not connected:
        return "away"
    if machine.holder in _STOPPED:
        return "paused"
    if machine.holder in (FloorHolder.RECRUITER, FloorHolder.LOST):
        return "taken_over"
    match machine.interviewer:
        case InterviewerState.THINKING:
            return "thinking"
        case InterviewerState.SPEAKING:
            return "asking"
        case _ if machine.candidate is CandidateState.AWAITING_TRANSCRIPT:
            return "thinking"
        case _:
            return "answering"


def _interviewer_db(view: SessionView, takeover: Takeover, now: float) -> float:
    if view.machine.holder is FloorHolder.RECRUITER:
        return takeover.level_db()
    playback = view.playing()
    if playback is None or playback.exact or not playback.begun:
        return SILENCE_DBFS
    end = playback.sounded_to(now)
    begin = max(0, end - VOICE_RATE // 10)
    pcm = bytes(memoryview(playback.reply.pcm)[2 * begin : 2 * end])
    return level_dbfs(np.frombuffer(pcm, dtype="<i2"))
