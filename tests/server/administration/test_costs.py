"""`viva costs`: sums for people and for programs, in which an unknown price is no 0."""

import json
from uuid import UUID

import pytest

from audio.metering import Consumption, Service
from server.administration.costs import LISTS, list_costs
from server.administration.database import CommandRefused
from sessions.cost.tally import Tally
from sessions.record.consumption import ConsumptionStore
from tests.server.stage import Stage

MINUTE = Consumption(Service.HEARING, "api.openai.com", "gpt-transcribe", audio_ms=60_000)
STRANGE = Consumption(Service.SPEAKING, "voices.example", "a-voice", characters=90)


async def spend(stage: Stage, interview_id: UUID, *calls: Consumption) -> None:
    tally = Tally(interview_id)
    for used in calls:
        tally.add(used)
    await ConsumptionStore(stage.services.engine).put(tally)


@pytest.mark.parametrize("by", LISTS)
async def test_costs_are_listed_with_what_is_unknown(stage: Stage, by: str) -> None:
    assert await list_costs(stage.store, by, as_json=False) == "Nothing was used yet."
    interview, _ = await stage.interview(await stage.recruiter("Acme"))
    await spend(stage, interview.id, MINUTE, STRANGE)
    printed = await list_costs(stage.store, by, as_json=False)
    assert "$0.0045 + unknown (a-voice)" in printed
    assert "1.0 min heard: $0.0045" in printed
    assert "90 characters said: unknown" in printed
    (line,) = json.loads(await list_costs(stage.store, by, as_json=True))
    assert (line["cost_usd"], line["unpriced"]) == (0.0045, ["a-voice"])
    with pytest.raises(CommandRefused, match="month, organisation, plan or interview"):
        await list_costs(stage.store, "week", as_json=False)
