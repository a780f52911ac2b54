"""Tests: loops beside the interviews outlive whatever befalls them, and say when they fail."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest

from sessions.leg import LegEnd
from sessions.record.action_log import Action, ActionKind, ActionWriter, Actor, Step
from sessions.record.retrying import StoreUnavailable
from sessions.side_tasks import FAILURES_BORNE, STEP_WITHIN_S, SideTasks, contained, log_failure
from tests.fakes.fake_actions import FakeActions
from tests.fakes.fake_interviewer import closing
from tests.server.logged import captured
from tests.sessions.conftest import Said
from tests.sessions.hall import ANSWERS, GOODBYE, GREETING, Hall
from tests.sessions.monitor.watching import Watch
from tests.support.virtual_time import pass_ms, run_virtual

EVERY_S = 1.0


class Loop:
    """A side task whose steps end as `outcomes` says: with an error, by hanging, or well."""

    def __init__(self, *outcomes: Any) -> None:
        self.outcomes = list(outcomes)
        self.steps = 0
        self.told: list[str | None] = []
        self.side_tasks = SideTasks(lambda _name, problem: self.told.append(problem))
        self.side_tasks.start("a loop", self.step, EVERY_S)

    async def step(self) -> None:
        self.steps += 1
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome == "hangs":
            await asyncio.Event().wait()
        elif outcome is not None:
            raise outcome


ERRORS = [ValueError("a value"), StoreUnavailable("away"), KeyError("k"), OSError(2, "no"), "hangs"]


@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_a_side_task_goes_on_after_any_error_and_tells_of_failures_in_a_row(error: Any) -> None:
    async def story() -> None:
        loop = Loop(error, None, *[error] * (FAILURES_BORNE - 1), None, *[error] * FAILURES_BORNE)
        steps = len(loop.outcomes) + 1
        await pass_ms(steps * (EVERY_S + STEP_WITHIN_S) * 1_000)
        assert loop.steps >= steps, "it stopped"
        assert len(loop.told) == 2
        assert loop.told[0] is not None
        assert "in a row" in loop.told[0]
        assert loop.told[1] is None
        await loop.side_tasks.stop()
        assert len(loop.told) == 2

    run_virtual(story())


def test_a_side_task_that_has_ended_is_told_as_dead() -> None:
    async def story() -> None:
        loop = Loop(asyncio.CancelledError())  # the one thing that ends it, from within
        await pass_ms(EVERY_S * 1_500)
        assert loop.told == ["has stopped"]
        await loop.side_tasks.stop()

    run_virtual(story())


async def test_work_that_fails_alone_raises_nothing() -> None:
    async def work() -> None:
        raise ValueError

    await log_failure("work", work())


async def test_work_that_fails_again_and_again_fills_no_log() -> None:
    async def work() -> None:
        raise ValueError

    spawn = contained("work", asyncio.create_task)
    with captured() as log:
        for _ in range(100):
            task = spawn(work())
            assert task is not None
            await task
    failures = [json.loads(line)["failures"] for line in log.getvalue().splitlines()]
    assert failures == [1, 2, 4, 8, 16, 32, 64]


class RefusingActions(FakeActions):
    """A log that refuses some actions, as a database refuses a row."""

    async def enter(self, interview_id: Any, action: Action, step: Step) -> None:
        if action.text == "bad" or action.kind is ActionKind.WATCH:
            raise ValueError("no such column")
        await super().enter(interview_id, action, step)


async def test_a_step_that_cannot_be_recorded_holds_up_no_other() -> None:
    actions, rita = RefusingActions(), Actor(uuid4(), "Rita")
    writer = ActionWriter(actions, uuid4())
    for words in ("good", "bad", "better"):
        writer.put(Action(ActionKind.HINT, rita, words), Step.DONE)
    await writer.flush()
    assert [action.text for action, _ in actions.entries] == ["good", "better"]


def test_an_interview_outlives_an_audit_that_cannot_be_written(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: Any) -> None:
        raise ValueError("no such table")

    async def story() -> None:
        hall = Hall(GREETING, closing(GOODBYE))
        monkeypatch.setattr(hall.actions, "enter", refuse)
        candidate = await hall.come_in()
        watch = Watch(candidate.session)
        await candidate.listen(1)
        await watch.leave()
        late = Watch(candidate.session)  # whose going is noted when the session lets go of all
        await pass_ms(600)
        await candidate.say(said(ANSWERS[0]), ANSWERS[0])
        await candidate.over()
        await pass_ms(100)
        assert list(hall.log.ends.values()) == [("completed", True)]
        assert candidate.leg.ends == [LegEnd.OVER]
        await late.leave()

    run_virtual(story())
