"""Those who watch cost the candidate nothing: one that never reads, and twenty that do."""

from dataclasses import dataclass

import pytest

from server.dialects.monitor.dialect import encode
from sessions.monitor.session_monitor import LocalSeat
from tests.sessions.conftest import Said
from tests.sessions.hall import ANSWERS, Candidate
from tests.sessions.monitor.test_session_monitor import make_hall
from tests.sessions.monitor.watching import Watch, viewer
from tests.support.virtual_time import pass_ms, run_virtual

MOVED_AT_MOST = 0.05
"""Of the candidate's voice-to-voice time."""

ITEMS_A_SECOND = 40.0
"""What is written to one monitor: 12.5 frames of sound, half as many levels, and some events. To
make them costs most (6 to 10 ms of CPU a second of interview), and is done once for all."""


@dataclass
class Figures:
    """Of one interview."""

    voice_to_voice_ms: list[float]
    seconds: float
    watches: list[Watch]


def measure(said: Said, *, stuck: int = 0, reading: int = 0) -> Figures:
    """Hold the whole interview, watched by so many."""

    async def story() -> Figures:
        hall = make_hall()
        candidate = await hall.come_in()
        stuck_seats = [join(candidate, number) for number in range(stuck)]
        watches = [Watch(candidate.session, viewer(f"R{n}")) for n in range(reading)]
        for watch in watches:
            watch.seat.listen(True)
        began_ms = candidate.session.now()
        for number, answer in enumerate(ANSWERS, 1):
            await candidate.listen(number)
            await pass_ms(600)
            await candidate.say(said(answer), answer)
        await candidate.over()
        seconds = (candidate.session.now() - began_ms) / 1000
        for seat in stuck_seats:
            assert seat.subscription.waiting <= 256
            assert len(seat.subscription._frames) <= 4
        waits = [t.latency.get("voice_to_voice_ms") for t in hall.log.all_turns()]
        return Figures([wait for wait in waits if wait is not None], seconds, watches)

    return run_virtual(story())


def join(candidate: Candidate, number: int) -> LocalSeat:
    """One that listens, and never reads."""
    seat = candidate.session.monitor.join(viewer(f"Stuck {number}"), None)
    seat.listen(True)
    return seat


@pytest.fixture(scope="module")
def alone(said: Said) -> Figures:
    return measure(said)


def test_one_that_never_reads_does_not_move_the_candidates_waits(
    alone: Figures, said: Said
) -> None:
    watched = measure(said, stuck=1)
    assert len(watched.voice_to_voice_ms) == 3
    worst = max(alone.voice_to_voice_ms)
    assert abs(max(watched.voice_to_voice_ms) - worst) < MOVED_AT_MOST * worst


def test_twenty_who_listen_do_not_either_and_get_everything(alone: Figures, said: Said) -> None:
    watched = measure(said, reading=20)
    worst = max(alone.voice_to_voice_ms)
    assert abs(max(watched.voice_to_voice_ms) - worst) < MOVED_AT_MOST * worst
    first = watched.watches[0]
    assert len(first.frames) > 100
    assert len(first.events) > 40
    made = {id(item) for watch in watched.watches for item in watch.items()}
    assert len(made) == len(first.items()), "everything is made once, for all of them"
    assert len(first.items()) < ITEMS_A_SECOND * watched.seconds
    assert all(encode(item) for item in first.items())
