"""The clocks of the candidate's page and of the cockpit: both go by what they were told last."""

from itertools import groupby

import pytest

from sessions.leg import StateNote
from sessions.monitor.events import FloorNow, StateNow
from sessions.record.action_log import ActionKind
from sessions.turntaking.transitions import FloorHolder
from tests.sessions.hall import Candidate
from tests.sessions.monitor.test_session_monitor import make_hall, settled
from tests.sessions.monitor.watching import Watch
from tests.support.virtual_time import now_ms, pass_ms, run_virtual


def test_both_pages_show_the_same_time_to_the_second_whatever_moves_it() -> None:
    """In a pause, after more time was given, and when the interview goes on."""

    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        watch = Watch(candidate.session)
        await settled(candidate, 1)
        for kind, minutes in (
            (ActionKind.PAUSE, 0),
            (ActionKind.EXTEND, 5),
            (ActionKind.RESUME, 0),
        ):
            await watch.seat.act(kind, minutes=minutes)
            await pass_ms(20_000)
            left_ms = candidate.session.time_left_ms
            assert candidate_clock(candidate) == pytest.approx(left_ms, abs=500), kind
            assert cockpit_clock(watch) == pytest.approx(left_ms, abs=500), kind
        holders = [holder for holder, _ in groupby(n.holder for n in candidate.leg.told(StateNote))]
        assert holders == [FloorHolder.INTERVIEWER, FloorHolder.PAUSED, FloorHolder.INTERVIEWER]

    run_virtual(story())


def candidate_clock(candidate: Candidate) -> float:
    """The ms left on the candidate's page, which goes by what it was told last."""
    leg, left_ms, at_ms, runs = candidate.leg, 0.0, 0.0, True
    for told_ms, note in leg.notes:
        if isinstance(note, StateNote):
            runs = note.holder is not FloorHolder.PAUSED
            left_ms, at_ms = note.time_left_ms, told_ms
    return left_ms - (now_ms() - at_ms if runs else 0.0)


def cockpit_clock(watch: Watch) -> float:
    """The ms left in the cockpit, which goes by what it was told last."""
    left_ms, at_ms, runs = 0.0, 0.0, True
    for came_ms, one in zip(watch.came_ms, watch.events, strict=True):
        if isinstance(one.event, FloorNow):
            runs = one.event.holder is not FloorHolder.PAUSED
        if isinstance(one.event, FloorNow | StateNow):
            left_ms, at_ms = one.event.time_left_ms, came_ms
    return left_ms - (now_ms() - at_ms if runs else 0.0)
