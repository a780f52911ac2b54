"""Who of those who watch holds the floor: one at a time, with a microphone the candidate hears.

The turn machine decides when the floor moves. Here stands whose it is, what comes from that
person's microphone, and what becomes of it when the connection is lost.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.pcm import SILENCE_DBFS
from sessions.leg import CaptionNote, TroubleNote
from sessions.monitor.events import Event, FloorNow
from sessions.monitor.mixer import Mixer
from sessions.monitor.protocol import Refusal, Viewer
from sessions.monitor.recruiter_audio import LiveVoice, RecruiterEar
from sessions.monitor.requests import RecruiterRequests
from sessions.monitor.rights import Right
from sessions.monitor.session_view import SessionView
from sessions.record.action_log import Action, ActionKind, Actor, Step
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from sessions.turntaking.commands import MoveFloor
from sessions.turntaking.transitions import FloorHolder
from sessions.turntaking.turns import Speaker

TOLD = {
    FloorHolder.PAUSED: TroubleNote(
        "paused", "The interview is paused, and the clock is stopped. Please stay."
    ),
    FloorHolder.RECRUITER: TroubleNote(
        "taken_over", "You are speaking with somebody from the hiring team now."
    ),
    FloorHolder.INTERVIEWER: TroubleNote("goes_on", "The interview goes on."),
}
"""What the candidate's page shows when the floor has moved."""


class Sitter(Protocol):
    """A monitor's place, as far as the floor is concerned."""

    viewer: Viewer


class Takeover:
    """One session's. `publish` tells those who watch, `show` everybody, `state` is called when
    the recruiter begins or ceases to speak."""

    def __init__(
        self,
        view: SessionView,
        *,
        publish: Callable[[Event], None],
        show: Callable[[CaptionNote], None],
        mixer: Mixer,
        state: Callable[[], None],
    ) -> None:
        self._view = view
        self._publish = publish
        self._show = show
        self._mixer = mixer
        self._state_changed = state
        self._requests: RecruiterRequests | None = None
        self._ear: RecruiterEar | None = None
        self._voice: LiveVoice | None = None
        self._asked: Action | None = None
        self._return: Action | None = None
        self._actor: Actor | None = None
        self.holder: Sitter | None = None
        self.state = FloorHolder.INTERVIEWER
        self.recruiter_speaks = False

    def now(self) -> FloorNow:
        """Who holds the floor."""
        machine, taken = self._view.machine, self.state in _TAKEN
        left_ms = machine.time_left_ms(self._view.now())
        return FloorNow(self.state, self._actor if taken else None, left_ms)

    # --- from those who watch --------------------------------------------------------------------

    async def act(self, seat: Sitter, action: Action, requests: RecruiterRequests) -> None:
        """Take the floor, or give it back. Raises Refusal."""
        self._requests = requests
        async with requests.lock:
            if action.kind is ActionKind.TAKE_OVER:
                self._check_free(seat, requests)
                await requests.enter(action, Step.ASKED)
                self.holder, self._actor, self._asked = seat, action.actor, action
                requests.taker = action.actor
                self._view.post(ev.RequestMade(Cause.TAKE_OVER, bool(action.detail.get("force"))))
            else:
                if self.holder is not seat or self._return is not None:
                    raise Refusal("no_floor", "You do not hold the floor.")
                await requests.enter(action, Step.ASKED)
                self._return = action
                self._view.spawn(self._hand_back())

    def hear(self, seat: Sitter, samples: NDArray[np.int16]) -> None:
        """The microphone: mono PCM16 at 16 kHz. Before the takeover is announced, and once it is
        being given back, it reaches nobody. Raises Refusal."""
        if self.holder is not seat:
            raise Refusal("no_floor", "You do not hold the floor: nobody hears you.")
        if self.state is not FloorHolder.RECRUITER or self._return is not None:
            return
        if self._voice is not None and self._ear is not None:
            self._voice.send(samples, self._view.now())
            self._ear.feed(samples)
            self._mixer.recruiter(samples)

    def seat_came(self, seat: Sitter) -> None:
        """Somebody joins: perhaps the recruiter whose connection was lost."""
        viewer = seat.viewer
        lost = self.state is FloorHolder.LOST and self._actor is not None
        if lost and self._actor == viewer.actor and Right.TAKE_OVER in viewer.rights:
            self.holder = seat
            self._view.post(ev.RecruiterBack())

    def seat_gone(self, seat: Sitter) -> None:
        """Somebody has gone: perhaps the recruiter who holds the floor."""
        if self.holder is seat:
            self.holder = None
            self._view.post(ev.RecruiterLost())

    # --- from the session ------------------------------------------------------------------------

    def moved(self, command: MoveFloor) -> None:
        """The turn machine has moved the floor."""
        before, self.state = self.state, command.state
        match self.state:
            case FloorHolder.RECRUITER:
                self._open_microphone(command.generation)
                self._settle_asked(Step.DONE)
            case FloorHolder.LOST:
                self._view.spawn(self._close_microphone())
            case FloorHolder.INTERVIEWER if before in _TAKEN:
                self._let_go(before)
            case _:
                pass
        quietly = before is FloorHolder.PASSING and self.state is FloorHolder.INTERVIEWER
        if self.state in TOLD and not quietly:
            self._view.tell(TOLD[self.state])
        self._publish(self.now())

    def level_db(self) -> float:
        """How loud the recruiter is, in dBFS."""
        return SILENCE_DBFS if self._ear is None else self._ear.listener.level_db()

    def leg_came(self) -> None:
        """The candidate is back, and is to see how things stand."""
        if self.state in (FloorHolder.PAUSED, FloorHolder.RECRUITER):
            self._view.tell(TOLD[self.state])

    def close(self) -> None:
        """The session is over."""
        if self._ear is not None:
            self._ear.drop()
        self._settle_asked(Step.DROPPED)
        self._settle_return(Step.DROPPED)
        self._voice = self.holder = None

    # --- helpers ---------------------------------------------------------------------------------

    def _check_free(self, seat: Sitter, requests: RecruiterRequests) -> None:
        requests.check_begun()
        if self._actor is not None and self.holder is not seat:
            raise Refusal("floor_taken", f"{self._actor.name} holds the floor.")
        if self.holder is seat:
            raise Refusal("not_now", "You hold the floor already.")
        if self._view.machine.holder is FloorHolder.PAUSED:
            raise Refusal("not_now", "The interview is paused: let it go on first.")
        requests.check_free()

    async def _hand_back(self) -> None:
        await self._close_microphone()
        self._view.post(ev.FloorReturned())

    def _open_microphone(self, generation: int) -> None:
        self._voice = LiveVoice(generation, self._view.leg)
        if self._ear is None:
            providers, view = self._view.providers, self._view
            self._ear = RecruiterEar(
                vad_ticker=providers.vad_ticker,
                transcriber=providers.transcriber,
                language=view.context.language,
                now=view.now,
                post=view.post,
                spawn=view.spawn,
                caption=self._caption,
                speaking=self._speaking,
            )
        self._ear.open()

    async def _close_microphone(self) -> None:
        """What was said last goes on record first."""
        voice, self._voice = self._voice, None
        if voice is not None:
            voice.stop()
        if self._ear is not None:
            await self._ear.close()

    def _let_go(self, before: FloorHolder) -> None:
        self._settle_asked(Step.DROPPED)
        self._settle_return(Step.DONE)
        if self._voice is not None:
            self._view.spawn(self._close_microphone())
        self._voice = self.holder = self._actor = None
        if self._requests is not None:
            self._requests.taker = None
        self._mixer.floor_is_back()

    def _settle_asked(self, step: Step) -> None:
        if self._asked is not None and self._requests is not None:
            self._requests.settle(self._asked, step)
        self._asked = None

    def _settle_return(self, step: Step) -> None:
        if self._return is not None and self._requests is not None:
            self._requests.settle(self._return, step)
        self._return = None

    def _caption(self, number: int, text: str, final: bool) -> None:
        self._show(CaptionNote(Speaker.RECRUITER, f"recruiter-{number}", text, final=final))

    def _speaking(self, speaks: bool) -> None:
        self.recruiter_speaks = speaks
        self._state_changed()


_TAKEN = (FloorHolder.PASSING, FloorHolder.RECRUITER, FloorHolder.LOST)
