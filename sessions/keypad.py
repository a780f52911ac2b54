"""Keypad: the telephone's keys as the words that pressing them stands for.

    *     the question again        *0    the end of the interview
    #     the next question         digits, then # or a pause: an answer in digits

Digits answer a question that expects a number, a spelling, or yes (1) or no (2); at any other
question they are ignored. What is pressed goes on record as the words it stands for.
"""

import asyncio
from collections.abc import Callable

DIGITS_WAIT_S = 2.5
"""After the last digit: about as long as people look at what they type from."""

STAR_WAIT_S = 0.8
"""After a star: a zero may still come."""

REPEAT = "Please repeat the question."
SKIP = "Please skip this question."
END = "I would like to end the interview."
YES, NO = "Yes.", "No."

NUMERIC = frozenset({"number", "spelling"})
YES_NO = "yes_no"
MAX_DIGITS = 40


class Keypad:
    """The keys of one session.

    `say` is given words that count as said; `expects` gives the shape of answer (a plan's
    `expects`) that the present question asks for.
    """

    def __init__(self, say: Callable[[str], None], expects: Callable[[], str]) -> None:
        self._say = say
        self._expects = expects
        self._digits = ""
        self._star = False
        self._timer: asyncio.TimerHandle | None = None

    def press(self, key: str) -> None:
        """Take in a key: one of 0-9, * and #."""
        self._stop_waiting()
        if self._star:
            self._star = False
            self._say(END if key == "0" else REPEAT)
            if key in "0*":  # a second star says no more than the first
                return
        match key:
            case "*":
                self._digits = ""
                self._star = True
                self._wait(STAR_WAIT_S)
            case "#":
                digits, self._digits = self._digits, ""
                self._say(digits or SKIP)
            case _:
                self._take_digit(key)

    def reset(self) -> None:
        """Forget what is half typed: the leg is gone."""
        self._stop_waiting()
        self._digits, self._star = "", False

    def _take_digit(self, key: str) -> None:
        shape = self._expects()
        if shape in NUMERIC or self._digits:
            self._digits = (self._digits + key)[:MAX_DIGITS]
            self._wait(DIGITS_WAIT_S)
        elif shape == YES_NO and key in "12":
            self._say(YES if key == "1" else NO)

    def _wait(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._on_timeout)

    def _on_timeout(self) -> None:
        self._timer = None
        if self._star:
            self._star = False
            self._say(REPEAT)
        elif self._digits:
            digits, self._digits = self._digits, ""
            self._say(digits)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
