"""The page on turn-taking shows the code as it is."""

import pytest

from docs.generators import turn_taking
from sessions.turntaking.timers import Timer
from sessions.turntaking.transitions import CANDIDATE_MOVES, INTERVIEWER_MOVES


def test_the_page_is_current() -> None:
    document = turn_taking.DOCUMENT.read_text(encoding="utf-8")
    assert document == turn_taking.render(document), "run: python -m docs.generators.turn_taking"


def test_every_move_is_drawn() -> None:
    parts = turn_taking.parts()
    for name, moves in (("candidate", CANDIDATE_MOVES), ("interviewer", INTERVIEWER_MOVES)):
        drawn = [line for line in parts[name].splitlines() if "-->" in line]
        assert len(drawn) == len(moves) + 1
    assert all(f"`{timer.name}`" in parts["timers"] for timer in Timer)


def test_a_part_without_marks_is_missed() -> None:
    with pytest.raises(ValueError, match="'candidate' needs"):
        turn_taking.render("# Turn-taking")
