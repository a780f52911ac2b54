"""Takeover: a recruiter speaks in the interviewer's place, one recruiter at a time.

The turn machine decides when the floor moves, and says who has it (`TurnMachine.holder`). Here is
whose microphone the candidate hears, and what becomes of it when that connection is lost.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.pcm import SILENCE_DBFS
from sessions.leg import CaptionNote, TroubleNote
from sessions.monitor.events import FloorNow, MonitorEvent
from sessions.monitor.mixer import Mixer
from sessions.monitor.protocol import RequestRefused, Viewer
from sessions.monitor.recruiter_audio import LiveVoice, RecruiterListener
from sessions.monitor.requests import RecruiterRequests
from sessions.monitor.rights import Right
from sessions.monitor.session_view import SessionView
from sessions.record.action_log import Action, ActionKind, Step
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from sessions.turntaking.commands import MoveFloor
from sessions.turntaking.transitions import FloorHolder
from sessions.turntaking.turns import Speaker

FLOOR_NOTES = {
    FloorHolder.PAUSED: TroubleNote(
        "paused", "The interview is paused, and the clock is stopped. Please stay."
    ),
    FloorHolder.WAITING: TroubleNote(
        "waiting", "The interview is paused, and the clock is stopped. Say something to go on."
    ),
    FloorHolder.RECRUITER: TroubleNote(
        "taken_over", "You are speaking with somebody from the hiring team now."
    ),
    FloorHolder.INTERVIEWER: TroubleNote("goes_on", "The interview goes on."),
}
"""What the candidate's page shows when the floor has moved."""


class ViewerSeat(Protocol):
    """A viewer's place at the interview, as far as a takeover is concerned."""

    viewer: Viewer


class Takeover:
    """The takeover of one session. Whose it is stands in `requests.taker`.

    `publish` tells the monitors; `notify` tells the candidate and the monitors; `on_speaking` is
    called when the recruiter begins or ceases to speak.
    """

    def __init__(
        self,
        view: SessionView,
        requests: RecruiterRequests,
        mixer: Mixer,
        *,
        publish: Callable[[MonitorEvent], None],
        notify: Callable[[CaptionNote | TroubleNote], None],
        on_speaking: Callable[[], None],
    ) -> None:
        self._view = view
        self._requests = requests
        self._mixer = mixer
        self._publish = publish
        self._notify = notify
        self._on_speaking = on_speaking
        self._listener: RecruiterListener | None = None
        self._voice: LiveVoice | None = None
        self._asked: Action | None = None
        self._hand_back: Action | None = None
        self._under_way = False
        self.seat: ViewerSeat | None = None
        self.recruiter_speaks = False

    def now(self) -> FloorNow:
        """Return who has the floor."""
        return self._floor(self._view.machine.holder)

    # --- from viewers ----------------------------------------------------------------------------

    async def act(self, seat: ViewerSeat, action: Action) -> None:
        """Ask for the floor, or give it back. Raises Refusal."""
        requests = self._requests
        async with requests.lock:
            if action.kind is ActionKind.TAKE_OVER:
                self._check_free(seat)
                await requests.enter(action, Step.ASKED)
                self.seat, self._asked = seat, action
                requests.taker = action.actor
                self._view.post(ev.RequestMade(Cause.TAKE_OVER, bool(action.detail.get("force"))))
            else:
                if self.seat is not seat or self._hand_back is not None:
                    raise RequestRefused("no_floor", "You do not hold the floor.")
                await requests.enter(action, Step.ASKED)
                self._hand_back = action
                self._view.spawn(self._return_floor())

    def hear(self, seat: ViewerSeat, samples: NDArray[np.int16]) -> None:
        """Take in the microphone: mono PCM16 at 16 kHz.

        Before the takeover is announced, and once the floor is being given back, it reaches nobody.
        Raises Refusal.
        """
        if self.seat is not seat:
            raise RequestRefused("no_floor", "You do not hold the floor: nobody hears you.")
        if self._view.machine.holder is not FloorHolder.RECRUITER or self._hand_back is not None:
            return
        if self._voice is not None and self._listener is not None:
            self._voice.send(samples, self._view.now())
            self._listener.feed(samples)
            self._mixer.recruiter(samples)

    def seat_joined(self, seat: ViewerSeat) -> None:
        """Let the recruiter whose connection was lost go on, if that is who joins."""
        viewer, taker = seat.viewer, self._requests.taker
        lost = self._view.machine.holder is FloorHolder.LOST and taker is not None
        if lost and taker == viewer.actor and Right.TAKE_OVER in viewer.rights:
            self.seat = seat
            self._view.post(ev.RecruiterBack())

    def seat_left(self, seat: ViewerSeat) -> None:
        """Report the recruiter as lost, if that is who leaves."""
        if self.seat is seat:
            self.seat = None
            self._view.post(ev.RecruiterLost())

    # --- from the session ------------------------------------------------------------------------

    def moved(self, command: MoveFloor) -> None:
        """Follow the turn machine, which has moved the floor."""
        called_off = False
        match command.state:
            case FloorHolder.PASSING:
                self._under_way = True
            case FloorHolder.RECRUITER:
                self._open_microphone(command.generation)
                self._settle_asked(Step.DONE)
            case FloorHolder.LOST:
                self._view.spawn(self._close_microphone())
            case FloorHolder.INTERVIEWER if self._under_way:
                called_off = self._asked is not None
                self._let_go()
            case _:
                pass
        if command.state in FLOOR_NOTES and not called_off:
            self._notify(FLOOR_NOTES[command.state])
        self._publish(self._floor(command.state))

    def level_db(self) -> float:
        """Return how loud the recruiter is, in dBFS."""
        return SILENCE_DBFS if self._listener is None else self._listener.listener.level_db()

    def leg_attached(self) -> None:
        """Show a candidate who is back how things stand."""
        holder = self._view.machine.holder
        if holder in (FloorHolder.PAUSED, FloorHolder.RECRUITER):
            self._notify(FLOOR_NOTES[holder])

    def close(self) -> None:
        """Let go of everything: the session is over."""
        if self._listener is not None:
            self._listener.drop()
        self._settle_asked(Step.DROPPED)
        self._settle_hand_back(Step.DROPPED)
        self._voice = self.seat = None

    # --- helpers ---------------------------------------------------------------------------------

    def _floor(self, holder: FloorHolder) -> FloorNow:
        actor = self._requests.taker if holder in _TAKEN else None
        return FloorNow(holder, actor, self._view.machine.time_left_ms(self._view.now()))

    def _check_free(self, seat: ViewerSeat) -> None:
        self._requests.check_begun()
        taker = self._requests.taker
        if taker is not None and self.seat is not seat:
            raise RequestRefused("floor_taken", f"{taker.name} holds the floor.")
        if self.seat is seat:
            raise RequestRefused("not_now", "You hold the floor already.")
        if self._view.machine.holder is FloorHolder.PAUSED:
            raise RequestRefused("not_now", "The interview is paused: let it go on first.")
        self._requests.check_free()

    async def _return_floor(self) -> None:
        try:
            await self._close_microphone()
        finally:
            self._view.post(ev.FloorReturned())

    def _open_microphone(self, generation: int) -> None:
        self._voice = LiveVoice(generation, self._view.leg)
        if self._listener is None:
            providers, view = self._view.providers, self._view
            self._listener = RecruiterListener(
                vad_ticker=providers.vad_ticker,
                transcriber=providers.transcriber,
                language=view.context.language,
                now=view.now,
                post=view.post,
                spawn=view.spawn,
                caption=self._caption,
                on_speaking=self._speaking_changed,
            )
        self._listener.open()

    async def _close_microphone(self) -> None:
        """Stop the voice, once what was said last is on record."""
        voice, self._voice = self._voice, None
        if voice is not None:
            voice.stop()
        if self._listener is not None:
            await self._listener.close()

    def _let_go(self) -> None:
        self._settle_asked(Step.DROPPED)
        self._settle_hand_back(Step.DONE)
        if self._voice is not None:
            self._view.spawn(self._close_microphone())
        self._voice = self.seat = self._requests.taker = None
        self._under_way = False
        self._mixer.interviewer_again()

    def _settle_asked(self, step: Step) -> None:
        if self._asked is not None:
            self._requests.settle(self._asked, step)
        self._asked = None

    def _settle_hand_back(self, step: Step) -> None:
        if self._hand_back is not None:
            self._requests.settle(self._hand_back, step)
        self._hand_back = None

    def _caption(self, number: int, text: str, final: bool) -> None:
        self._notify(CaptionNote(Speaker.RECRUITER, f"recruiter-{number}", text, final=final))

    def _speaking_changed(self, speaks: bool) -> None:
        self.recruiter_speaks = speaks
        self._on_speaking()


_TAKEN = (FloorHolder.PASSING, FloorHolder.RECRUITER, FloorHolder.LOST)
