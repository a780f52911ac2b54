"""SessionMonitor: lets viewers join one session, tells them what happens, and takes requests.

The session tells it what happens, and asks it what the next reply has to carry. What somebody asks
for goes on record first, then to the turn machine as an event: here is decided who may, never when.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from sessions.interviewer.progress import Progress, progress_of
from sessions.interviewer.protocol import Conversation
from sessions.leg import (
    CaptionNote,
    CommittedNote,
    EndedNote,
    Note,
    StateNote,
    TroubleNote,
)
from sessions.monitor.channel import MAX_MONITORS, Channel
from sessions.monitor.events import (
    ConnectionNow,
    CoverageNow,
    InterviewSnapshot,
    MonitorEvent,
    PresentViewer,
    StateNow,
    TurnReopened,
    ViewersNow,
)
from sessions.monitor.listening_notice import ListeningNotice
from sessions.monitor.mixer import Mixer
from sessions.monitor.overview import LiveOverview, overview_of
from sessions.monitor.projections import cost_of, coverage_of, latencies_of, latency_of
from sessions.monitor.protocol import RequestRefused, Since, Viewer
from sessions.monitor.requests import RecruiterRequests
from sessions.monitor.rights import Right
from sessions.monitor.session_view import SessionView
from sessions.monitor.subscription import Subscription
from sessions.monitor.takeover import Takeover
from sessions.record.action_log import Action, ActionKind
from sessions.speaking.voiced_reply import VoicedReply
from sessions.turntaking.commands import CheckpointTurn, MoveFloor
from sessions.turntaking.turns import Turn

LISTENING_BEGAN = TroubleNote("listened", "Somebody from the hiring team is listening now.")
LISTENING_ENDED = TroubleNote("listened_no_more", "Nobody from the hiring team is listening now.")


class SessionMonitor:
    """The monitor of one session. Use it from the session's event loop only."""

    def __init__(self, view: SessionView) -> None:
        self._view = view
        self._channel = Channel(view.now)
        self._mixer = Mixer(
            now=view.now,
            playing=view.playing,
            offer=self._channel.offer,
            report=self._channel.publish,
        )
        self.requests = RecruiterRequests(view, self._channel.publish)
        self.takeover = Takeover(
            view,
            self.requests,
            self._mixer,
            publish=self._channel.publish,
            notify=self._notify_all,
            on_speaking=lambda: view.tell_state(self.takeover.recruiter_speaks),
        )
        self._seats: list[LocalSeat] = []
        self._captions: dict[str, CaptionNote] = {}
        self._coverage: CoverageNow | None = None
        self._state: tuple[StateNow, float] | None = None  # what was published, and the limit
        self._listening_told = False
        self._listening_notice = ListeningNotice(view.leg)
        self._connected = False

    # --- for the session -------------------------------------------------------------------------

    def on_note(self, note: Note) -> None:
        """Publish what the candidate's leg is told, as far as it concerns viewers."""
        if not self._channel.active:
            if isinstance(note, CaptionNote) and note.final:  # who comes later must not see it
                self._captions.pop(note.caption_id, None)
            return
        match note:
            case StateNote():
                self._publish_state()
            case CaptionNote():
                self._caption(note)
            case CommittedNote():
                self._channel.publish(note)
                self._project(note.turn)
            case TroubleNote() | EndedNote():
                self._channel.publish(note)
            case _:
                pass

    def connection_changed(self, connected: bool) -> None:
        """Publish that the candidate's leg has come or gone.

        Show one that has come how things stand.
        """
        self._connected = connected
        self._channel.publish(ConnectionNow(connected))
        if connected:
            self._listening_notice.leg_attached()
        if connected and self._listening_told:
            self._view.notify(LISTENING_BEGAN)
        if connected:
            self.takeover.leg_attached()

    def hear(self, samples: NDArray[np.int16]) -> None:
        """Take in the candidate's sound; called for every frame."""
        if self._mixer.running:
            self._mixer.candidate(samples)

    def turn_reopened(self, index: int) -> None:
        """Publish that a turn does not count any more."""
        self._channel.publish(TurnReopened(index))

    def floor_moved(self, command: MoveFloor) -> None:
        """Follow the turn machine, which has moved the floor."""
        self.takeover.moved(command)
        self.requests.floor_moved(command.state)

    def with_requests(self, generation: int, conversation: Conversation) -> Conversation:
        """Return the conversation with what recruiters want the reply to carry."""
        conversation = self.requests.with_requests(generation, conversation)
        notice = self._listening_notice.preface(generation, conversation.cause)
        return replace(conversation, preface=notice + conversation.preface)

    def reply_recorded(self, reply: VoicedReply, command: CheckpointTurn) -> None:
        """Settle what a reply has carried: it goes on record as far as it was heard."""
        self.requests.reply_recorded(reply, command)
        self._listening_notice.heard(reply.generation, command.heard_text)

    async def close(self, reason: str) -> None:
        """Tell every viewer that the session is over, or leaves memory, and let go of them."""
        self._mixer.want(sound=False, levels=False, quality=False)
        self.takeover.close()
        self.requests.close(reason)
        if self._channel.active and reason == "suspended":
            self._channel.publish(EndedNote(reason, "The interview has left this server."))
        for seat in list(self._seats):
            self.requests.note(ActionKind.UNWATCH, seat.viewer.actor)
        self._seats.clear()
        self._channel.end(reason)
        await self.requests.writer.flush(patient=False)

    # --- for viewers -----------------------------------------------------------------------------

    @property
    def people(self) -> tuple[PresentViewer, ...]:
        """Who watches."""
        return tuple(
            PresentViewer(seat.viewer.actor, seat.subscription.wants_sound) for seat in self._seats
        )

    def join(self, viewer: Viewer, since: Since | None) -> "LocalSeat":
        """Return a place at this interview. Raises RequestRefused."""
        if Right.WATCH not in viewer.rights:
            raise RequestRefused("not_allowed", "This ticket does not allow to watch.")
        if len(self._seats) >= MAX_MONITORS:
            raise RequestRefused("no_room", f"{MAX_MONITORS} people watch this interview already.")
        subscription, known = self._channel.subscribe(since)
        subscription.wants_levels = Right.LISTEN in viewer.rights
        seat = LocalSeat(self, viewer, subscription, self._channel.stream)
        self._seats.append(seat)
        if not known:
            seat.opening = self._snapshot()
        self._people_changed()
        self.requests.note(ActionKind.WATCH, viewer.actor)
        self.takeover.seat_joined(seat)
        return seat

    def leave(self, seat: "LocalSeat") -> None:
        """Remove a viewer; one that has left already is ignored."""
        if seat not in self._seats:
            return
        self._seats.remove(seat)
        self._channel.unsubscribe(seat.subscription)
        self.takeover.seat_left(seat)
        if seat.subscription.wants_sound:
            self.requests.note(ActionKind.UNLISTEN, seat.viewer.actor)
        self.requests.note(ActionKind.UNWATCH, seat.viewer.actor)
        self._people_changed()

    def listen(self, seat: "LocalSeat", on: bool) -> None:
        """Begin, or cease, to send sound to a viewer."""
        if seat.subscription.wants_sound is on:
            return
        seat.subscription.wants_sound = on
        self.requests.note(ActionKind.LISTEN if on else ActionKind.UNLISTEN, seat.viewer.actor)
        self._people_changed()

    def _people_changed(self) -> None:
        sound, levels = self._channel.wanted()
        self._mixer.want(sound=sound, levels=levels, quality=bool(self._seats))
        self._channel.publish(ViewersNow(self.people))
        told = any(s.subscription.wants_sound and s.viewer.tell_listening for s in self._seats)
        if told is not self._listening_told:
            self._listening_told = told
            self._listening_notice.changed(told)
            self._view.notify(LISTENING_BEGAN if told else LISTENING_ENDED)

    # --- what is published -----------------------------------------------------------------------

    def _notify_all(self, note: CaptionNote | TroubleNote) -> None:
        """Tell the candidate's leg, and the viewers."""
        self._view.notify(note)
        self.on_note(note)

    def _caption(self, note: CaptionNote) -> None:
        if note.final:
            self._captions.pop(note.caption_id, None)
        else:
            self._captions[note.caption_id] = note
        self._channel.publish(note)

    def _publish_state(self) -> None:
        if not self._channel.active:
            return
        state, limit_ms = self._state_now(), self._view.machine.limit_ms
        kept = replace(state, time_left_ms=0.0), limit_ms
        if kept != self._state:
            self._state = kept
            self._channel.publish(state)

    def _state_now(self) -> StateNow:
        machine = self._view.machine
        return StateNow(
            machine.candidate,
            machine.interviewer,
            self.takeover.recruiter_speaks,
            self._view.machine.time_left_ms(self._view.now()),
        )

    def _project(self, turn: Turn) -> None:
        """Publish what changes with a turn on record."""
        publish: Callable[[MonitorEvent], None] = self._channel.publish
        latency = latency_of(turn)
        if latency is not None:
            publish(latency)
        if "voiced_chars" in turn.usage or "used" in turn.usage:
            publish(cost_of(self._view.history.turns, self._view.tally))
        coverage = coverage_of(self._view.context.plan, self.progress())
        if coverage != self._coverage:
            self._coverage = coverage
            publish(coverage)

    def progress(self) -> Progress:
        """Return where the interview stands in its plan."""
        view = self._view
        left_ms = int(view.machine.time_left_ms(view.now()))
        return progress_of(view.context.plan, view.history.turns, left_ms)

    def overview(self) -> LiveOverview:
        """Return how things stand, for the list of live interviews."""
        return overview_of(self._view, self.takeover, self.progress(), self._connected, self.people)

    def _snapshot(self) -> InterviewSnapshot:
        view = self._view
        self._coverage = coverage_of(view.context.plan, self.progress())
        turns = tuple(sorted(view.history.turns, key=lambda turn: turn.index))
        return InterviewSnapshot(
            stream=self._channel.stream,
            seq=self._channel.seq,
            at_ms=view.now(),
            interview_id=str(view.context.interview_id),
            candidate_name=view.context.candidate_name,
            language=view.context.language,
            plan=view.context.plan,
            limit_ms=view.machine.limit_ms,
            state=self._state_now(),
            connected=self._connected,
            floor=self.takeover.now(),
            coverage=self._coverage,
            turns=turns,
            captions=tuple(self._captions.values()),
            latencies=latencies_of(turns),
            cost=cost_of(turns, view.tally),
            people=self.people,
            hints=tuple(self.requests.hints),
        )


class LocalSeat:
    """The `Seat` of a viewer at an interview of this process."""

    def __init__(
        self, monitor: SessionMonitor, viewer: Viewer, subscription: Subscription, stream: str
    ) -> None:
        self._monitor = monitor
        self.viewer = viewer
        self.subscription = subscription
        self.stream = stream
        self.opening: InterviewSnapshot | None = None

    @property
    def holds_floor(self) -> bool:
        """See `Seat`."""
        return self._monitor.takeover.seat is self

    def listen(self, on: bool) -> None:
        """See `Seat`."""
        self._require(Right.LISTEN)
        self._monitor.listen(self, on)

    async def act(
        self, kind: ActionKind, *, text: str = "", force: bool = False, minutes: int = 0
    ) -> UUID:
        """See `Seat`."""
        self._require(RIGHT_FOR[kind])
        detail: dict[str, Any] = {"force": True} if force else {}
        if minutes:
            detail["ms"] = minutes * 60_000
        action = Action(kind, self.viewer.actor, text or None, detail)
        match kind:
            case ActionKind.TAKE_OVER | ActionKind.HAND_BACK:
                await self._monitor.takeover.act(self, action)
            case _:
                await self._monitor.requests.act(action, self._monitor.progress())
        return action.id

    def hear(self, samples: NDArray[np.int16]) -> None:
        """See `Seat`."""
        self._monitor.takeover.hear(self, samples)

    def leave(self) -> None:
        """See `Seat`."""
        self._monitor.leave(self)

    def _require(self, right: Right) -> None:
        if right not in self.viewer.rights:
            raise RequestRefused(
                "not_allowed", f"This ticket does not grant the right to {right.value}."
            )


RIGHT_FOR = {
    ActionKind.HINT: Right.HINT,
    ActionKind.PAUSE: Right.CONTROL,
    ActionKind.RESUME: Right.CONTROL,
    ActionKind.EXTEND: Right.CONTROL,
    ActionKind.SKIP: Right.CONTROL,
    ActionKind.END: Right.CONTROL,
    ActionKind.TAKE_OVER: Right.TAKE_OVER,
    ActionKind.HAND_BACK: Right.TAKE_OVER,
}
"""The right that an action needs."""
