"""The caller's handset: turns, marks, and what is dropped."""

import numpy as np
import pytest

from server.simulator.candidate import REACTION_S
from server.simulator.handset import TURN_PAUSE_S, Handset
from server.simulator.wire import PlaySound

FRAME = 480
VOICE = (8_000 * np.ones(FRAME)).astype("<i2").tobytes()


class Clock:
    """Plays 20 ms after 20 ms."""

    def __init__(self) -> None:
        self.handset = Handset()
        self.at_s = 100.0
        self.reached: list[str] = []

    def pass_(self, seconds: float) -> None:
        for _ in range(round(seconds * 50)):
            self.at_s += 0.02
            self.reached += self.handset.reached(self.at_s)

    def take(self, sound: PlaySound) -> None:
        self.handset.take(sound, self.at_s)

    def finished(self) -> bool:
        return self.handset.finished(self.at_s)


def test_a_turn_ends_with_the_mark_behind_its_last_sound() -> None:
    clock = Clock()
    for _ in range(10):
        clock.take(PlaySound(VOICE))
    clock.handset.mark("end-7")
    clock.pass_(0.1)
    assert clock.handset.audible_since_s(clock.at_s) == pytest.approx(100.0)
    assert not clock.finished()
    clock.pass_(0.1 + REACTION_S + 0.02)
    assert clock.reached == ["end-7"]
    assert clock.finished()
    assert len(clock.handset.next_turn(clock.at_s)) >= 10 * len(VOICE)
    assert not clock.finished()


def test_without_a_mark_silence_tells_and_an_underrun_does_not() -> None:
    clock = Clock()
    clock.take(PlaySound(VOICE))
    clock.handset.mark("at-1")
    clock.pass_(REACTION_S + 0.6)
    assert not clock.finished(), "the rest may still come"
    clock.take(PlaySound(VOICE))
    clock.pass_(TURN_PAUSE_S + 0.1)
    assert clock.finished()


def test_silencing_drops_sound_and_names_its_marks() -> None:
    clock = Clock()
    for number in range(10):
        clock.take(PlaySound(VOICE))
        clock.handset.mark(f"at-{number}")
    clock.pass_(0.08)
    pending, played_ms = clock.handset.silence(clock.at_s)
    assert clock.reached == ["at-0", "at-1", "at-2", "at-3"]
    assert pending == [f"at-{number}" for number in range(4, 10)]
    assert played_ms == 80
    clock.pass_(0.2)
    assert len(clock.reached) == 4, "they are the bridge's to return, or to lose"
    assert not clock.handset.speaker.busy(clock.at_s)
    clock.pass_(TURN_PAUSE_S + 0.1)
    assert not clock.finished(), "nothing waits for an answer"


def test_sound_of_another_item_is_counted_anew() -> None:
    clock = Clock()
    clock.take(PlaySound(VOICE, "one"))
    clock.pass_(0.02)
    clock.take(PlaySound(VOICE, "two"))
    clock.take(PlaySound(VOICE, "two"))
    clock.pass_(0.02)
    assert clock.handset.silence(clock.at_s) == ([], 20)


def test_what_nobody_hears_is_no_turn() -> None:
    clock = Clock()
    clock.take(PlaySound(bytes(len(VOICE))))
    clock.handset.mark("end-1")
    clock.pass_(5)
    assert not clock.finished()
