"""One session's desk: where those who watch it sit, are told what happens, and say what they want.

The session tells it what happens, and asks it what the next reply has to carry. What somebody wants
goes on record first, then to the turn machine as an event: the desk decides who may, never when.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from sessions.interviewer.progress import Progress, progress_of
from sessions.interviewer.protocol import Conversation
from sessions.leg import CaptionNote, CommittedNote, EndedNote, Note, StateNote, TroubleNote
from sessions.monitor.channel import MAX_MONITORS, Channel
from sessions.monitor.events import (
    ConnectionNow,
    CoverageNow,
    Event,
    FloorNow,
    ListenersNow,
    Snapshot,
    StateNow,
    TurnReopened,
    Watcher,
)
from sessions.monitor.mixer import Mixer
from sessions.monitor.overview import WallView, wall_of
from sessions.monitor.projections import cost_of, coverage_of, latencies_of, latency_of
from sessions.monitor.protocol import Refusal, Since, Viewer
from sessions.monitor.requests import RecruiterRequests
from sessions.monitor.rights import Right
from sessions.monitor.session_view import SessionView
from sessions.monitor.subscription import Subscription
from sessions.monitor.takeover import Takeover
from sessions.record.action_log import Action, ActionKind
from sessions.speaking.voiced_reply import VoicedReply
from sessions.turntaking.commands import CheckpointTurn, MoveFloor
from sessions.turntaking.turns import Turn

LISTENED = TroubleNote("listened", "Somebody from the hiring team is listening now.")
LISTENED_NO_MORE = TroubleNote("listened_no_more", "Nobody from the hiring team is listening now.")


class SessionMonitor:
    """Use it from the session's event loop only."""

    def __init__(self, view: SessionView) -> None:
        self._view = view
        self._channel = Channel(view.now)
        self._mixer = Mixer(
            now=view.now,
            playing=view.playing,
            spread=self._channel.spread,
            tell=self._channel.publish,
        )
        self.requests = RecruiterRequests(view, self._channel.publish)
        self.takeover = Takeover(
            view,
            self.requests,
            self._mixer,
            publish=self._channel.publish,
            notify=self._notify_all,
            on_speaking=self._publish_state,
        )
        self._seats: list[LocalSeat] = []
        self._captions: dict[str, CaptionNote] = {}
        self._coverage: CoverageNow | None = None
        self._state: StateNow | None = None
        self._told_listening = False
        self._connected = False

    # --- for the session -------------------------------------------------------------------------

    def on_note(self, note: Note) -> None:
        """Publish what the candidate's leg is told, as far as it concerns monitors."""
        if not self._channel.active:
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

    def connection(self, connected: bool) -> None:
        """The candidate's leg has come or gone."""
        self._connected = connected
        self._channel.publish(ConnectionNow(connected))
        if connected and self._told_listening:
            self._view.notify(LISTENED)
        if connected:
            self.takeover.leg_came()

    def heard(self, samples: NDArray[np.int16]) -> None:
        """The candidate's sound; called for every frame."""
        if self._mixer.running:
            self._mixer.candidate(samples)

    def reopened(self, index: int) -> None:
        """A turn is none any more."""
        self._channel.publish(TurnReopened(index))

    def floor_moved(self, command: MoveFloor) -> None:
        """The turn machine has moved the floor."""
        self.takeover.moved(command)
        self.requests.floor_moved(command.state)

    def for_reply(self, generation: int, conversation: Conversation) -> Conversation:
        """The conversation, with what recruiters want the reply to carry."""
        return self.requests.for_reply(generation, conversation)

    def replied(self, reply: VoicedReply, command: CheckpointTurn) -> None:
        """A reply goes on record as far as it was heard: before its turn is made."""
        self.requests.replied(reply, command)

    async def close(self, reason: str) -> None:
        """The session is over, or leaves memory: everybody is told so, and goes."""
        self._mixer.want(sound=False, levels=False, voices=False)
        self.takeover.close()
        self.requests.close(reason)
        if self._channel.active and reason == "suspended":
            self._channel.publish(EndedNote(reason, "The interview has left this server."))
        for seat in list(self._seats):
            self.requests.note(ActionKind.UNWATCH, seat.viewer.actor)
        self._seats.clear()
        self._channel.end(reason)
        await self.requests.writer.flush(patient=False)

    # --- for those who watch ---------------------------------------------------------------------

    @property
    def people(self) -> tuple[Watcher, ...]:
        """Who watches."""
        return tuple(
            Watcher(seat.viewer.actor, seat.subscription.wants_sound) for seat in self._seats
        )

    def join(self, viewer: Viewer, since: Since | None) -> "LocalSeat":
        """A place at this interview. Raises Refusal."""
        if Right.WATCH not in viewer.rights:
            raise Refusal("not_allowed", "This ticket does not allow to watch.")
        if len(self._seats) >= MAX_MONITORS:
            raise Refusal("no_room", f"{MAX_MONITORS} people watch this interview already.")
        subscription, known = self._channel.subscribe(since)
        subscription.wants_levels = Right.LISTEN in viewer.rights
        seat = LocalSeat(self, viewer, subscription, self._channel.stream)
        self._seats.append(seat)
        if not known:
            seat.opening = self._snapshot()
        self._people_changed()
        self.requests.note(ActionKind.WATCH, viewer.actor)
        self.takeover.seat_came(seat)
        return seat

    def leave(self, seat: "LocalSeat") -> None:
        """Somebody goes. Harmless a second time."""
        if seat not in self._seats:
            return
        self._seats.remove(seat)
        self._channel.unsubscribe(seat.subscription)
        self.takeover.seat_gone(seat)
        if seat.subscription.wants_sound:
            self.requests.note(ActionKind.UNLISTEN, seat.viewer.actor)
        self.requests.note(ActionKind.UNWATCH, seat.viewer.actor)
        self._people_changed()

    def listen(self, seat: "LocalSeat", on: bool) -> None:
        """Begin, or cease, to send sound to somebody."""
        if seat.subscription.wants_sound is on:
            return
        seat.subscription.wants_sound = on
        self.requests.note(ActionKind.LISTEN if on else ActionKind.UNLISTEN, seat.viewer.actor)
        self._people_changed()

    def _people_changed(self) -> None:
        sound, levels = self._channel.wanted()
        self._mixer.want(sound=sound, levels=levels, voices=bool(self._seats))
        self._channel.publish(ListenersNow(self.people))
        told = any(s.subscription.wants_sound and s.viewer.tell for s in self._seats)
        if told is not self._told_listening:
            self._told_listening = told
            self._view.notify(LISTENED if told else LISTENED_NO_MORE)

    # --- what is told ----------------------------------------------------------------------------

    def _notify_all(self, note: CaptionNote | TroubleNote) -> None:
        """Tell the candidate's leg, and the monitors."""
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
        state = self._state_now()
        if (
            self._state is None
            or replace(state, time_left_ms=self._state.time_left_ms) != self._state
        ):
            self._state = state
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
        """What changes with a turn on record."""
        publish: Callable[[Event], None] = self._channel.publish
        latency = latency_of(turn)
        if latency is not None:
            publish(latency)
        if "voiced_chars" in turn.usage:
            publish(cost_of(self._view.history.turns))
        coverage = coverage_of(self._view.context.plan, self.progress())
        if coverage != self._coverage:
            self._coverage = coverage
            publish(coverage)

    def progress(self) -> Progress:
        """Where the interview stands."""
        view = self._view
        left_ms = int(view.machine.time_left_ms(view.now()))
        return progress_of(view.context.plan, view.history.turns, left_ms)

    def wall(self) -> WallView:
        """How things stand, for the wall; made when somebody looks, and only then."""
        return wall_of(self._view, self.takeover, self.progress(), self._connected, self.people)

    def floor_now(self) -> FloorNow:
        """Who holds the floor."""
        return self.takeover.now()

    def _snapshot(self) -> Snapshot:
        view = self._view
        self._coverage = coverage_of(view.context.plan, self.progress())
        turns = tuple(sorted(view.history.turns, key=lambda turn: turn.index))
        return Snapshot(
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
            floor=self.floor_now(),
            coverage=self._coverage,
            turns=turns,
            captions=tuple(self._captions.values()),
            latencies=latencies_of(turns),
            cost=cost_of(turns),
            people=self.people,
            hints=tuple(self.requests.hints),
        )


class LocalSeat:
    """A `Seat` at an interview of this process."""

    def __init__(
        self, monitor: SessionMonitor, viewer: Viewer, subscription: Subscription, stream: str
    ) -> None:
        self._monitor = monitor
        self.viewer = viewer
        self.subscription = subscription
        self.stream = stream
        self.opening: Snapshot | None = None

    @property
    def holds_floor(self) -> bool:
        """See `Seat`."""
        return self._monitor.takeover.seat is self

    def listen(self, on: bool) -> None:
        """See `Seat`."""
        self._demand(Right.LISTEN)
        self._monitor.listen(self, on)

    async def act(
        self, kind: ActionKind, *, text: str = "", force: bool = False, minutes: int = 0
    ) -> UUID:
        """See `Seat`."""
        self._demand(NEEDS[kind])
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

    def _demand(self, right: Right) -> None:
        if right not in self.viewer.rights:
            raise Refusal("not_allowed", f"This ticket does not grant the right to {right.value}.")


NEEDS = {
    ActionKind.HINT: Right.HINT,
    ActionKind.PAUSE: Right.CONTROL,
    ActionKind.RESUME: Right.CONTROL,
    ActionKind.EXTEND: Right.CONTROL,
    ActionKind.SKIP: Right.CONTROL,
    ActionKind.END: Right.CONTROL,
    ActionKind.TAKE_OVER: Right.TAKE_OVER,
    ActionKind.HAND_BACK: Right.TAKE_OVER,
}
"""Which right an action needs."""
