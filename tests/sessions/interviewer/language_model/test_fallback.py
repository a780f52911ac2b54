"""Fallback: the scripted interviewer steps in, and a failing model is not called for a while."""

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from audio.providers.circuit_breaker import FAILURES_TO_OPEN, OPEN_S
from sessions.interviewer.language_model.fallback import FallbackInterviewer
from sessions.interviewer.protocol import (
    Conversation,
    InterviewerError,
    Move,
    MoveKind,
    ReplyPart,
    Usage,
)
from sessions.plan.plan import demo_plan
from sessions.turntaking.causes import Cause

VIEW = Conversation(demo_plan(), "Ada", "en", (), Cause.OPENING, time_left_ms=60_000)
MOVE = Move(MoveKind.HOLD)


class Stub:
    """An interviewer that yields and raises what it is told."""

    def __init__(self, model: str, *parts: ReplyPart | InterviewerError) -> None:
        self.model = model
        self.parts = parts
        self.calls = 0
        self.warm = False

    async def warm_up(self) -> None:
        self.warm = True

    async def close(self) -> None:
        self.warm = False

    async def reply(self, conversation: Conversation) -> AsyncGenerator[ReplyPart, None]:
        self.calls += 1
        for part in self.parts:
            if isinstance(part, InterviewerError):
                raise part
            yield part


def failing(*before: ReplyPart) -> Stub:
    return Stub("model", *before, InterviewerError("It failed.", retryable=True))


SPARE = (MOVE, "Hello.", Usage("scripted"))


async def parts_of(interviewer: FallbackInterviewer) -> list[ReplyPart]:
    return [part async for part in interviewer.reply(VIEW)]


async def test_a_model_that_works_is_left_to_it() -> None:
    spare = Stub("scripted", *SPARE)
    both = FallbackInterviewer(Stub("model", MOVE, "Hi ", "there.", Usage("model")), spare)
    assert await parts_of(both) == [MOVE, "Hi ", "there.", Usage("model")]
    assert spare.calls == 0
    assert both.model == "model"


@pytest.mark.parametrize("before", [(), (Move(MoveKind.CLOSE),)], ids=["at once", "after a move"])
async def test_a_failure_before_the_first_word_is_covered_and_logged_once(
    before: tuple[ReplyPart, ...],
) -> None:
    both = FallbackInterviewer(failing(*before), Stub("scripted", *SPARE))
    with capture_logs() as logs:
        assert await parts_of(both) == list(SPARE)
    assert [entry["problem"] for entry in logs] == ["It failed."]


async def test_a_failure_in_the_middle_of_speech_is_raised() -> None:
    both = FallbackInterviewer(failing(MOVE, "I was say"), Stub("scripted", *SPARE))
    parts = both.reply(VIEW)
    assert [await anext(parts), await anext(parts)] == [MOVE, "I was say"]
    with pytest.raises(InterviewerError):
        await anext(parts)


async def test_a_model_that_keeps_failing_is_given_a_rest_and_tried_again() -> None:
    now = [100.0]
    model = failing()
    both = FallbackInterviewer(model, Stub("scripted", *SPARE), clock=lambda: now[0])
    for _ in range(FAILURES_TO_OPEN + 4):
        assert await parts_of(both) == list(SPARE)
    assert model.calls == FAILURES_TO_OPEN
    now[0] += OPEN_S
    await parts_of(both)
    assert model.calls == FAILURES_TO_OPEN + 1
    now[0] += 2 * OPEN_S
    model.parts = (MOVE, "Back.", Usage("model"))
    assert await parts_of(both) == [MOVE, "Back.", Usage("model")]
    model.parts = (InterviewerError("Again.", retryable=True),)
    await parts_of(both)
    await parts_of(both)
    assert model.calls == FAILURES_TO_OPEN + 4, "one success, and it counts from the start"


async def test_each_of_a_chain_steps_in_for_those_before_it_and_is_told_apart_on_record() -> None:
    third = Stub("third", MOVE, "Third.", Usage("third"))
    chain = FallbackInterviewer(failing(), failing(MOVE), third, Stub("scripted", *SPARE))
    assert await parts_of(chain) == [MOVE, "Third.", Usage("third")]
    third.parts = (InterviewerError("Gone."),)
    assert await parts_of(chain) == list(SPARE)


async def test_the_last_of_a_chain_is_asked_whatever_its_circuit_says() -> None:
    last = failing()
    chain = FallbackInterviewer(failing(), last, clock=lambda: 0.0)
    for _ in range(FAILURES_TO_OPEN + 3):
        with pytest.raises(InterviewerError):
            await parts_of(chain)
    assert last.calls == FAILURES_TO_OPEN + 3
    assert not any(circuit.living for circuit in chain.circuits)
    last.parts = SPARE
    assert await parts_of(chain) == list(SPARE)
    assert [circuit.living for circuit in chain.circuits] == [False, True]


async def test_a_reply_that_nobody_waits_for_says_nothing_of_the_model() -> None:
    model = Stub("model", MOVE, "Hi.", Usage("model"))
    chain = FallbackInterviewer(model, Stub("scripted", *SPARE), clock=lambda: 0.0)
    for _ in range(FAILURES_TO_OPEN + 1):
        parts = chain.reply(VIEW)
        await anext(parts)
        await parts.aclose()
    assert chain.circuits[0].living


async def test_what_is_urgent_is_not_asked_of_the_model() -> None:
    model = Stub("model", MOVE, "Hi.", Usage("model"))
    both = FallbackInterviewer(model, Stub("scripted", *SPARE))
    assert [part async for part in both.reply(replace(VIEW, urgent=True))] == list(SPARE)
    assert model.calls == 0


async def test_both_are_warmed_up_and_closed() -> None:
    model, spare = Stub("model"), Stub("scripted")
    both = FallbackInterviewer(model, spare)
    await both.warm_up()
    assert [model.warm, spare.warm] == [True, True]
    await both.close()
    assert [model.warm, spare.warm] == [False, False]
