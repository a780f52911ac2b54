"""The tally: whoever asks is charged, and no call is lost between turns."""

import asyncio
from uuid import uuid4

import pytest

from audio.metering import LOCAL, METER, Consumption, Service, report
from sessions.cost.money import bill_of, usage_of
from sessions.cost.tally import Tally

HEARD = Consumption(Service.HEARING, "ears.example", "heard-1", audio_ms=1_500)
SAID = Consumption(Service.SPEAKING, LOCAL, "heart", characters=12)


async def test_tasks_started_under_a_tally_report_to_it_and_to_no_other() -> None:
    mine, other = Tally(uuid4()), Tally(uuid4())

    async def call(times: int) -> None:
        for _ in range(times):
            await asyncio.to_thread(report, HEARD)

    tasks = [
        mine.charged(asyncio.create_task)(call(2)),
        other.charged(asyncio.create_task)(call(1)),
    ]
    await asyncio.gather(*tasks)
    report(HEARD)  # by nobody
    assert METER.get() is None
    assert [used.audio_ms for used in mine.run] == [3_000]
    assert [used.audio_ms for used in other.run] == [1_500]


def test_a_turn_takes_what_was_used_since_the_last_and_gives_it_back_when_it_goes() -> None:
    tally = Tally(uuid4(), before=(HEARD,))
    tally.add(HEARD)
    first = tally.take()
    assert [used.audio_ms for used in first] == [1_500]
    assert tally.take() == ()
    tally.give_back(first)
    tally.add(HEARD)
    tally.add(SAID)
    assert [(used.audio_ms, used.characters) for used in tally.take()] == [(3_000, 0), (0, 12)]
    assert [used.audio_ms for used in tally.run] == [3_000, 0]
    assert [used.audio_ms for used in tally.interview] == [4_500, 0]


@pytest.mark.parametrize(
    ("calls", "usd", "unpriced"),
    [
        ((), 0.0, ()),
        ((SAID,), 0.0, ()),
        ((HEARD,), None, ("heard-1",)),
        ((SAID, HEARD), None, ("heard-1",)),
    ],
)
def test_a_price_that_nobody_knows_is_unknown_and_never_nothing(
    calls: tuple[Consumption, ...], usd: float | None, unpriced: tuple[str, ...]
) -> None:
    bill = bill_of(calls)
    assert (bill.as_number, bill.unpriced) == (usd, unpriced)


def test_a_turn_says_what_it_used_and_leaves_out_what_it_did_not() -> None:
    assert usage_of(()) == {}
    assert usage_of((SAID, HEARD)) == {
        "cost_usd": None,
        "unpriced": ["heard-1"],
        "used": [
            {
                "service": "speaking",
                "provider": "local",
                "model": "heart",
                "characters": 12,
                "cost_usd": 0.0,
            },
            {
                "service": "hearing",
                "provider": "ears.example",
                "model": "heard-1",
                "audio_ms": 1_500,
                "cost_usd": None,
            },
        ],
    }
