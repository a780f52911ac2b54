"""What recruiters want of an interview: put on record, passed to the turn machine, followed up.

A hint waits here for its question boundary, an extension for the next reply that can tell of it.
A wish that the turn machine has to time (pause, skip, end) is one at a time.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from sessions.interviewer.announcements import ANNOUNCEMENTS, is_boundary, more_time
from sessions.interviewer.progress import ENOUGH_HEARD, Progress
from sessions.interviewer.protocol import Conversation, Move
from sessions.monitor.events import ActionNow, Event
from sessions.monitor.protocol import Refusal
from sessions.monitor.session_view import SessionView
from sessions.record.action_log import Action, ActionKind, ActionWriter, Actor, Step
from sessions.record.retrying import StoreUnavailable
from sessions.speaking.voiced_reply import VoicedReply
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from sessions.turntaking.commands import CheckpointTurn
from sessions.turntaking.transitions import FloorHolder

MOST_HINTS = 8
"""Hints that wait at most: more questions than are ever left to put."""


@dataclass(frozen=True, slots=True)
class _Carried:
    """What a reply that was prepared carries."""

    cause: str
    hint: Action | None
    extensions: tuple[Action, ...]


class RecruiterRequests:
    """One session's. `publish` tells those who watch."""

    def __init__(self, view: SessionView, publish: Callable[[Event], None]) -> None:
        self._view = view
        self._publish = publish
        self.hints: list[Action] = list(view.context.hints)
        self.lock = asyncio.Lock()
        self.writer = ActionWriter(view.providers.actions, view.context.interview_id)
        self.asked: Action | None = None
        self.taker: Actor | None = None
        """Who has asked for the floor, or has it; until the interviewer has it again."""
        self._resume: Action | None = None
        self._paused: tuple[Action, float] | None = None
        self._untold: list[Action] = []
        self._carried: dict[int, _Carried] = {}

    async def act(self, action: Action, progress: Progress) -> None:
        """Put it on record, and have it happen. Raises Refusal, and then nothing happens."""
        async with self.lock:
            self._check(action, progress)
            first = Step.DONE if action.kind is ActionKind.EXTEND else Step.ASKED
            await self.enter(action, first)
            self._do(action)

    async def enter(self, action: Action, step: Step) -> None:
        """The first step on record, and told. Raises Refusal."""
        try:
            await self.writer.enter(action, step)
        except StoreUnavailable as error:
            raise Refusal("database_down", f"Nothing was done. {error}") from error
        self._publish(ActionNow(action, step))

    def settle(self, action: Action, step: Step) -> None:
        """What has become of it: told now, on record soon."""
        self._publish(ActionNow(action, step))
        self.writer.put(action, step)
        self._view.spawn(self.writer.flush())

    def note(self, kind: ActionKind, actor: Actor) -> None:
        """On record only: somebody has come, gone, or begun to listen."""
        self.writer.put(Action(kind, actor), Step.DONE)
        self._view.spawn(self.writer.flush())

    # --- what may be done now --------------------------------------------------------------------

    def check_begun(self) -> None:
        """Raises Refusal before the interview has begun, and when it comes to its end."""
        machine = self._view.machine
        parting = self.asked is not None and self.asked.kind is ActionKind.END
        if machine.closing or parting:
            raise Refusal("too_late", "The interview is coming to its end.")
        if not machine.begun:
            raise Refusal("not_now", "The interview has not begun yet.")

    def check_free(self) -> None:
        """Raises Refusal while another wish waits."""
        if self.asked is not None:
            name, what = self.asked.actor.name, self.asked.kind.value
            raise Refusal("not_now", f"{name} has just asked for something else ({what}).")

    def _check(self, action: Action, progress: Progress) -> None:
        state = self._view.machine.holder
        self.check_begun()
        match action.kind:
            case ActionKind.HINT:
                if len(self.hints) >= MOST_HINTS:
                    raise Refusal("too_many", f"{MOST_HINTS} hints wait already.")
            case ActionKind.PAUSE | ActionKind.SKIP:
                if state is not FloorHolder.INTERVIEWER or self.taker is not None:
                    raise Refusal("not_now", "The interviewer does not hold the floor just now.")
                self.check_free()
                if action.kind is ActionKind.SKIP and progress.current is None:
                    raise Refusal("not_now", "There is no question to skip.")
            case ActionKind.RESUME:
                waits = self.asked is not None and self.asked.kind is ActionKind.PAUSE
                if state is not FloorHolder.PAUSED and not waits:
                    raise Refusal("not_now", "The interview is not paused.")
                if self._resume is not None:
                    raise Refusal("not_now", "The interview goes on already.")
            case _:
                pass

    def _do(self, action: Action) -> None:
        post, force = self._view.post, bool(action.detail.get("force"))
        match action.kind:
            case ActionKind.HINT:
                self.hints.append(action)
            case ActionKind.PAUSE:
                self.asked = action
                post(ev.RequestMade(Cause.PAUSE, force))
            case ActionKind.SKIP:
                self.asked = action
                post(ev.RequestMade(Cause.SKIP, force))
            case ActionKind.EXTEND:
                self._untold.append(action)
                post(ev.TimeExtended(float(action.detail["ms"])))
            case ActionKind.END:
                self._drop_asked()
                self.asked = action
                post(ev.EndRequestedByRecruiter(force))
            case ActionKind.RESUME:
                if self._view.machine.holder is FloorHolder.PAUSED:
                    self._resume = action
                else:  # the pause was only asked for
                    self._drop_asked()
                    self.settle(action, Step.DONE)
                post(ev.Unpaused())
            case _:
                raise ValueError(f"{action.kind} is no wish")

    def _drop_asked(self) -> None:
        if self.asked is not None:
            self.settle(self.asked, Step.DROPPED)
            self.asked = None

    # --- what becomes of it ----------------------------------------------------------------------

    def floor_moved(self, holder: FloorHolder) -> None:
        """Settle a pause that has begun, or is over, by who has the floor now."""
        now = self._view.now()
        if holder is FloorHolder.PAUSED:
            if self.asked is not None:
                self.settle(self.asked, Step.DONE)
                self._paused, self.asked = (self.asked, now), None
        elif self._paused is not None:
            (pause, since), self._paused = self._paused, None
            resume = self._resume or Action(ActionKind.RESUME, pause.actor)
            self._resume = None
            self.settle(replace(resume, detail={"ms": round(now - since)}), Step.DONE)

    def for_reply(self, generation: int, conversation: Conversation) -> Conversation:
        """The conversation with what the reply is to carry: a hint at a question boundary, word
        of an extension, the name of who takes over."""
        announces = conversation.cause in ANNOUNCEMENTS
        hint = None
        if self.hints and not announces and is_boundary(conversation):
            hint = self.hints[0]
        untold = () if announces else tuple(self._untold)
        if hint is None and not untold and self.asked is None and self.taker is None:
            return conversation
        for old in [number for number in self._carried if number < generation - 8]:
            del self._carried[old]
        self._carried[generation] = _Carried(conversation.cause.value, hint, untold)
        more_ms = sum(float(action.detail["ms"]) for action in untold)
        return replace(
            conversation,
            hint="" if hint is None or hint.text is None else hint.text,
            aside=more_time(more_ms) if untold else "",
            actor=self.taker.name if self.taker is not None else "",
        )

    def replied(self, reply: VoicedReply, command: CheckpointTurn) -> None:
        """A reply goes on record as far as it was heard: what it carried is done."""
        carried = self._carried.pop(reply.generation, None)
        if carried is None:
            return
        asked = self.asked
        if asked is not None and asked.kind.value == carried.cause == ActionKind.SKIP:
            self.settle(asked, Step.DONE)
            self.asked = None
        self._untold = [action for action in self._untold if action not in carried.extensions]
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
        """The session is over, or leaves memory: what still waits does not happen, but hints,
        which a session that comes back takes up again."""
        if self.asked is not None:
            met = self.asked.kind is ActionKind.END and reason == "recruiter"
            self.settle(self.asked, Step.DONE if met else Step.DROPPED)
            self.asked = None
        if reason != "suspended":
            for hint in self.hints:
                self.settle(hint, Step.DROPPED)
            self.hints.clear()
