"""What is said before an interview, in virtual time: to callers who say nothing, or the wrong."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from server.store.records import Interview
from server.telephony.ivr_prompts import ask_for_consent, ask_for_pin, consent_opening
from sessions.ivr import PhoneDialogue
from sessions.leg import DigitPressed
from tests.fakes.fake_leg import FakeLeg
from tests.sessions.hall import PLAN, Hall
from tests.support.virtual_time import now_ms, run_virtual

INTERVIEW = Interview(
    id=uuid4(),
    organisation_id=uuid4(),
    plan_id=uuid4(),
    plan_title="Gardener, first interview",
    plan_document=PLAN,
    candidate_name="Ada",
    candidate_email=None,
    candidate_phone="+441632960961",
    language="en",
    time_limit_s=900,
    status="invited",
    join_expires_at=datetime.now(UTC),
    consent_at=None,
    created_at=datetime.now(UTC),
    started_at=None,
    ended_at=None,
    end_reason=None,
)


def in_dialogue(story: Callable[[PhoneDialogue, Hall], Coroutine[Any, Any, None]]) -> None:
    """A caller on a line without any sound."""

    async def received() -> None:
        hall, leg = Hall(), FakeLeg(telephone=True)
        async with PhoneDialogue(leg, hall.providers) as dialogue:
            leg.on_event = dialogue.receive
            await story(dialogue, hall)
        leg.lose()
        await hall.empty()

    run_virtual(received())


@pytest.mark.parametrize("outbound", [True, False])
def test_the_opening_says_who_speaks_whom_for_and_what_is_kept(outbound: bool) -> None:
    said = " ".join(consent_opening(INTERVIEW, "Acme Gardens", outbound=outbound))
    for words in ("Ada", "a computer", "Acme Gardens", "turned into text", "not kept", "hang up"):
        assert words in said
    assert ("I am calling" in said) is outbound


def test_a_caller_who_says_nothing_is_asked_three_times_and_let_go() -> None:
    async def story(dialogue: PhoneDialogue, hall: Hall) -> None:
        began = now_ms()
        assert not await ask_for_consent(dialogue, INTERVIEW, "Acme", outbound=True)
        assert now_ms() - began < 90_000
        said = " ".join(hall.synthesizer.spoken)
        assert said.count("press 1") == 3
        assert said.count("turned into text") == 1
        assert said.endswith("Goodbye.")

    in_dialogue(story)


def test_a_key_at_any_time_decides() -> None:
    async def story(dialogue: PhoneDialogue, hall: Hall) -> None:
        dialogue.receive(DigitPressed("1"))
        assert await ask_for_consent(dialogue, INTERVIEW, "Acme", outbound=True)
        dialogue.receive(DigitPressed("9"))
        dialogue.receive(DigitPressed("2"))
        assert not await ask_for_consent(dialogue, INTERVIEW, "Acme", outbound=True)

    in_dialogue(story)


@pytest.mark.parametrize(
    ("keys", "tried"),
    [
        ("20734416", ["20734416"]),
        ("*20734416", ["20734416"]),
        ("2073#20734416", ["20734416"]),
        ("2073", []),
        ("", []),
        ("00000000" * 3, ["00000000"] * 3),
    ],
)
def test_a_pin_is_whole_before_it_is_tried(keys: str, tried: list[str]) -> None:
    async def story(dialogue: PhoneDialogue, hall: Hall) -> None:
        asked: list[str] = []

        async def check(pin: str) -> Interview | None:
            asked.append(pin)
            return INTERVIEW if pin == "20734416" else None

        for key in keys:
            dialogue.receive(DigitPressed(key))
        found = await ask_for_pin(dialogue, check)
        assert asked == tried
        assert (found is INTERVIEW) is ("20734416" in tried)
        if found is None:
            assert hall.synthesizer.spoken[-1].endswith("Goodbye.")

    in_dialogue(story)


def test_a_plan_without_a_persona_speaks_as_viva() -> None:
    plain = replace(INTERVIEW, plan_document={})
    assert "This is Viva" in " ".join(consent_opening(plain, "Acme", outbound=True))
