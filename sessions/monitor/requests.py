"""RecruiterRequests: what recruiters ask of an interview, put on record, carried out and settled.

A hint waits here for its question boundary, an extension for the next reply that can tell of it. Of
requests that the turn machine has to time (pause, skip, end) there is one at a time.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from sessions.interviewer.announcements import ANNOUNCEMENTS, is_boundary, more_time
from sessions.interviewer.progress import ENOUGH_HEARD, Progress
from sessions.interviewer.protocol import Conversation, Move
from sessions.monitor.events import ActionNow, MonitorEvent
from sessions.monitor.protocol import RequestRefused
from sessions.monitor.session_view import SessionView
from sessions.record.action_log import Action, ActionKind, ActionWriter, Actor, Step
from sessions.record.retrying import StoreUnavailable
from sessions.record.transaction import ValueRefused
from sessions.speaking.voiced_reply import VoicedReply
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from sessions.turntaking.commands import CheckpointTurn
from sessions.turntaking.transitions import FloorHolder

MOST_HINTS = 8
"""Hints that wait at most: more questions than are ever left to put."""


@dataclass(frozen=True, slots=True)
class _Carried:
    """What a prepared reply carries."""

    cause: str
    hint: Action | None
    extensions: tuple[Action, ...]


class RecruiterRequests:
    """The requests of one session. `publish` tells the viewers."""

    def __init__(self, view: SessionView, publish: Callable[[MonitorEvent], None]) -> None:
        self._view = view
        self._publish = publish
        self.hints: list[Action] = list(view.context.hints)
        self.lock = asyncio.Lock()
        self.writer = ActionWriter(view.providers.actions, view.context.interview_id)
        self.pending: Action | None = None
        """A pause, skip or end that the turn machine has not carried out yet."""
        self.taker: Actor | None = None
        """Who has asked for the floor, or has it; until the interviewer has it again."""
        self._resume: Action | None = None
        self._paused: tuple[Action, float] | None = None
        self._unannounced: list[Action] = []
        self._carried: dict[int, _Carried] = {}

    async def act(self, action: Action, progress: Progress) -> None:
        """Put an action on record, and have it happen.

        Raises RequestRefused, and then nothing happens.
        """
        async with self.lock:
            self._check(action, progress)
            first = Step.DONE if action.kind is ActionKind.EXTEND else Step.ASKED
            await self.enter(action, first)
            self._do(action)

    async def enter(self, action: Action, step: Step) -> None:
        """Put the first step of an action on record, and publish it. Raises RequestRefused."""
        try:
            await self.writer.enter(action, step)
        except StoreUnavailable as error:
            raise RequestRefused("database_down", f"Nothing was done. {error}") from error
        except ValueRefused as error:
            sentence = "Nothing was done: it holds what cannot be put on record."
            raise RequestRefused("bad_value", sentence) from error
        self._publish(ActionNow(action, step))

    def settle(self, action: Action, step: Step) -> None:
        """Publish what has become of an action now, and put it on record soon."""
        self._publish(ActionNow(action, step))
        self.writer.put(action, step)
        self._view.spawn(self.writer.flush())

    def note(self, kind: ActionKind, actor: Actor) -> None:
        """Put on record that somebody has come, gone, or begun to listen."""
        self.writer.put(Action(kind, actor), Step.DONE)
        self._view.spawn(self.writer.flush())

    # --- what may be done now --------------------------------------------------------------------

    def check_begun(self) -> None:
        """Raise RequestRefused before the interview has begun, and when it comes to its end."""
        machine = self._view.machine
        ending = self.pending is not None and self.pending.kind is ActionKind.END
        if machine.closing or ending:
            raise RequestRefused("too_late", "The interview is coming to its end.")
        if not machine.begun:
            raise RequestRefused("not_now", "The interview has not begun yet.")

    def check_free(self) -> None:
        """Raise RequestRefused while another request waits."""
        if self.pending is not None:
            name, what = self.pending.actor.name, self.pending.kind.value
            raise RequestRefused("not_now", f"{name} has just asked for something else ({what}).")

    def _check(self, action: Action, progress: Progress) -> None:
        state = self._view.machine.holder
        self.check_begun()
        match action.kind:
            case ActionKind.HINT:
                if len(self.hints) >= MOST_HINTS:
                    raise RequestRefused("too_many", f"{MOST_HINTS} hints wait already.")
            case ActionKind.PAUSE | ActionKind.SKIP:
                free = state in (FloorHolder.INTERVIEWER, FloorHolder.WAITING)
                if not free or self.taker is not None:
                    raise RequestRefused(
                        "not_now", "The interviewer does not hold the floor just now."
                    )
                self.check_free()
                if action.kind is ActionKind.SKIP and progress.current is None:
                    raise RequestRefused("not_now", "There is no question to skip.")
            case ActionKind.RESUME:
                waits = self.pending is not None and self.pending.kind is ActionKind.PAUSE
                if state is not FloorHolder.PAUSED and not waits:
                    raise RequestRefused("not_now", "The interview is not paused.")
                if self._resume is not None:
                    raise RequestRefused("not_now", "The interview goes on already.")
            case _:
                pass

    def _do(self, action: Action) -> None:
        post, force = self._view.post, bool(action.detail.get("force"))
        match action.kind:
            case ActionKind.HINT:
                self.hints.append(action)
            case ActionKind.PAUSE:
                self.pending = action
                post(ev.RequestMade(Cause.PAUSE, force))
            case ActionKind.SKIP:
                self.pending = action
                post(ev.RequestMade(Cause.SKIP, force))
            case ActionKind.EXTEND:
                self._unannounced.append(action)
                post(ev.TimeExtended(float(action.detail["ms"])))
            case ActionKind.END:
                self._drop_pending()
                self.pending = action
                post(ev.EndRequestedByRecruiter(force))
            case ActionKind.RESUME:
                if self._view.machine.holder is FloorHolder.PAUSED:
                    self._resume = action
                else:  # the pause was only asked for
                    self._drop_pending()
                    self.settle(action, Step.DONE)
                post(ev.Unpaused())
            case _:
                raise ValueError(f"{action.kind} is no request of these")

    def _drop_pending(self) -> None:
        if self.pending is not None:
            self.settle(self.pending, Step.DROPPED)
            self.pending = None

    # --- what becomes of it ----------------------------------------------------------------------

    def floor_moved(self, holder: FloorHolder) -> None:
        """Settle a pause that has begun, or is over, by who has the floor now."""
        now = self._view.now()
        if holder is FloorHolder.PAUSED:
            if self.pending is not None:
                self.settle(self.pending, Step.DONE)
                self._paused, self.pending = (self.pending, now), None
        elif self._paused is not None:
            (pause, since), self._paused = self._paused, None
            resume = self._resume or Action(ActionKind.RESUME, pause.actor)
            self._resume = None
            self.settle(replace(resume, detail={"ms": round(now - since)}), Step.DONE)

    def with_requests(self, generation: int, conversation: Conversation) -> Conversation:
        """Return the conversation with what the reply is to carry.

        A hint at a question boundary, word of an extension, the name of who takes over.
        """
        announces = conversation.cause in ANNOUNCEMENTS
        hint = None
        if self.hints and not announces and is_boundary(conversation):
            hint = self.hints[0]
        unannounced = () if announces else tuple(self._unannounced)
        if hint is None and not unannounced and self.pending is None and self.taker is None:
            return conversation
        for old in [number for number in self._carried if number < generation - 8]:
            del self._carried[old]
        self._carried[generation] = _Carried(conversation.cause.value, hint, unannounced)
        more_ms = sum(float(action.detail["ms"]) for action in unannounced)
        return replace(
            conversation,
            hint="" if hint is None or hint.text is None else hint.text,
            preface=more_time(more_ms) if unannounced else "",
            actor=self.taker.name if self.taker is not None else "",
        )

    def reply_recorded(self, reply: VoicedReply, command: CheckpointTurn) -> None:
        """Settle what a reply has carried: it goes on record as far as it was heard."""
        carried = self._carried.pop(reply.generation, None)
        if carried is None:
            return
        pending = self.pending
        if pending is not None and pending.kind.value == carried.cause == ActionKind.SKIP:
            self.settle(pending, Step.DONE)
            self.pending = None
        self._unannounced = [
            action for action in self._unannounced if action not in carried.extensions
        ]
        enough = len(command.heard_text) >= ENOUGH_HEARD * len(command.text)
        hint = carried.hint
        if hint is not None and enough and hint in self.hints:
            self.hints.remove(hint)
            if reply.move is not None:  # what stands in the turn is never put again
                move = reply.move
                detail = {**move.detail, "hint": str(hint.id)}
                reply.move = Move(move.kind, move.question, detail)
            self.settle(hint, Step.DONE)

    def close(self, reason: str) -> None:
        """Drop what still waits: the session is over, or leaves memory.

        Hints outlive the latter: a session that is started again takes them up.
        """
        if self.pending is not None:
            met = self.pending.kind is ActionKind.END and reason == "recruiter"
            self.settle(self.pending, Step.DONE if met else Step.DROPPED)
            self.pending = None
        if reason != "suspended":
            for hint in self.hints:
                self.settle(hint, Step.DROPPED)
            self.hints.clear()
