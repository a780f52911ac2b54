"""What a leg tells its session: sound, keys, written words, and how far playback has come."""

import asyncio

import numpy as np
from numpy.typing import NDArray

from sessions.keypad import Keypad
from sessions.leg import Leg
from sessions.listening.listener import Hearing
from sessions.monitor.session_monitor import Desk
from sessions.speaking.playback import Speaking
from sessions.turntaking import events as ev


class FromLeg:
    """The session's side towards its leg. One that was replaced is not listened to any more."""

    desk: Desk
    _leg: Leg | None
    _attached: bool
    _hearing: Hearing
    _speaking: Speaking
    _keypad: Keypad
    _mailbox: asyncio.Queue[ev.Event | None]

    def hear(self, leg: Leg, samples: NDArray[np.int16]) -> None:
        """The candidate's sound: mono PCM16 at 16 kHz."""
        if leg is self._leg:
            self._hearing.feed(samples)
            self.desk.heard(samples)

    def type(self, leg: Leg, text: str) -> None:
        """The candidate writes in place of speaking."""
        if leg is self._leg and self._attached:
            self.post(ev.AnswerTyped(text))

    def pressed(self, leg: Leg, digit: str) -> None:
        """A key of the telephone."""
        if leg is self._leg and self._attached:
            self._keypad.press(digit)

    def end_answer(self, leg: Leg) -> None:
        """The candidate says that the answer is complete."""
        if leg is self._leg:
            self._hearing.end_answer()

    def hush(self, leg: Leg) -> None:
        """The candidate wants the interviewer to be silent."""
        if leg is self._leg:
            self.post(ev.QuietAsked())

    def played(self, leg: Leg, generation: int, samples: int) -> None:
        """Playback has come this far."""
        if leg is self._leg:
            self._speaking.played(generation, samples)

    def marked(self, leg: Leg, generation: int) -> None:
        """A mark has been played."""
        if leg is self._leg:
            self._speaking.marked(generation)

    def flushed(self, leg: Leg, generation: int, samples: int) -> None:
        """The leg is silent."""
        if leg is self._leg:
            self._speaking.flushed(generation, samples)

    def post(self, event: ev.Event) -> None:
        """Put an event into the mailbox."""
        self._mailbox.put_nowait(event)
