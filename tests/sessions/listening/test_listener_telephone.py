"""A telephone's sound is judged by thresholds of its own, and only as long as it is a telephone."""

from bench.telephone import over_the_line
from sessions.turntaking import events as ev
from tests.sessions.conftest import Said
from tests.sessions.listening.microphone_hall import Room
from tests.support.virtual_time import run_virtual

ANSWERS = (
    "I like the old oak behind the house.",
    "We read books by the fire and mend the old tools.",
    "The wind from the north is the worst for the trees.",
)


def noticed_ms(said: Said, *, telephone: bool) -> float:
    """How much speech is noticed in answers that came over a line."""

    async def story() -> float:
        room = Room()
        room.listener.attach(telephone=telephone)
        room.microphone.open()
        for answer in ANSWERS:
            await room.say_and_pause(over_the_line(said(answer)), 600)
        room.close()
        edges = [
            (isinstance(event, ev.SpeechStarted), event.at_ms)
            for _, event in room.events
            if isinstance(event, ev.SpeechStarted | ev.SpeechStopped)
        ]
        return sum(at_ms if not started else -at_ms for started, at_ms in edges)

    return run_virtual(story())


def test_more_of_a_telephones_speech_is_noticed_by_its_own_thresholds(said: Said) -> None:
    usual = noticed_ms(said, telephone=False)
    own = noticed_ms(said, telephone=True)
    whole = sum(len(said(answer)) / 16 for answer in ANSWERS)
    assert 0.65 * whole < own <= 1.1 * whole, (usual, own, whole)
    assert own > usual, (usual, own, whole)
