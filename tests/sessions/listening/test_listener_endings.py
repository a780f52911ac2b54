"""How finished it sounds: asked at each pause of a model that is configured, and of no other."""

import numpy as np
from numpy.typing import NDArray

from audio.speech import SPEECH_RATE, SpeechBusy
from sessions.turntaking import events as ev
from tests.sessions.conftest import Said
from tests.sessions.listening.microphone_hall import Room
from tests.support.virtual_time import pass_ms, run_virtual

ANSWER = "Fifteen people worked on the search engine."


class FakeTurnModel:
    """Finds everything finished at 0.7, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.heard: list[NDArray[np.int16]] = []
        self._error = error

    async def warm_up(self) -> None:
        """See `TurnModel`."""

    async def finished(self, audio: NDArray[np.int16]) -> float:
        """See `TurnModel`."""
        self.heard.append(audio)
        await pass_ms(150)
        if self._error is not None:
            raise self._error
        return 0.7

    async def close(self) -> None:
        """See `TurnModel`."""


def test_each_pause_is_judged_by_its_sound(said: Said) -> None:
    async def story() -> None:
        model = FakeTurnModel()
        room = Room(turn_model=model)
        room.open()
        await room.say_and_pause(said(ANSWER))
        await room.words(1, 2)
        assert await room.next(ev.EndOfTurnScored) == ev.EndOfTurnScored(1, 2, 0.7)
        assert len(model.heard[0]) >= len(said(ANSWER)) - SPEECH_RATE // 5
        for _ in range(5):
            await room.say_and_pause(said(ANSWER))
        await room.words(1, 3)
        assert await room.next(ev.EndOfTurnScored, skip=1) == ev.EndOfTurnScored(1, 3, 0.7)
        assert len(model.heard[1]) <= 8 * SPEECH_RATE
        room.close()

    run_virtual(story())


def test_words_asked_for_in_the_middle_of_speech_are_no_ending(said: Said) -> None:
    async def story() -> None:
        model = FakeTurnModel()
        room = Room(turn_model=model)
        room.open()
        room.microphone.start(said(ANSWER))
        await pass_ms(1_000)
        await room.words(1, 1)
        assert model.heard == []
        room.close()

    run_virtual(story())


def test_a_model_that_is_too_busy_leaves_it_to_the_words(said: Said) -> None:
    async def story() -> None:
        room = Room(turn_model=FakeTurnModel(SpeechBusy("Too much is waiting.")))
        room.open()
        await room.say_and_pause(said(ANSWER))
        assert await room.words(1, 2)  # they come all the same
        await pass_ms(300)
        assert room.of(ev.EndOfTurnScored) == []
        assert room.failures == []
        room.close()

    run_virtual(story())
