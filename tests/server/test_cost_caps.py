"""Cost caps: who may begin is refused politely, and nobody who has begun is."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from audio.metering import Consumption, Service
from server.cost_caps import TAKEN_UP_WITHIN_S, CappedSessions, CostCapReached, CostCaps
from sessions.cost.tally import Tally
from sessions.record.consumption import ConsumptionStore
from sessions.record.store import SessionStore
from sessions.record.tables import ConsumptionRow
from tests.server.stage import Stage, make_settings, open_stage

DOLLAR = Consumption(Service.HEARING, "api.openai.com", "gpt-transcribe", audio_ms=13_333_334)
STRANGE = Consumption(Service.HEARING, "ears.example", "heard-1", audio_ms=10**9)


@pytest.fixture
async def stage(clean_database: AsyncEngine, tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(clean_database, make_settings(tmp_path)) as opened:
        yield opened


async def spend(stage: Stage, interview_id: UUID, used: Consumption = DOLLAR) -> None:
    tally = Tally(interview_id)
    tally.add(used)
    await ConsumptionStore(stage.services.engine).put(tally)


def caps(stage: Stage, month: str = "", interview: str = "") -> CostCaps:
    settings = stage.services.settings.model_copy(
        update={
            "cost_cap_month_usd": Decimal(month) if month else None,
            "cost_cap_interview_usd": Decimal(interview) if interview else None,
        }
    )
    return CostCaps(settings, stage.store.costs)


async def test_a_month_that_is_spent_lets_nobody_begin_and_everybody_go_on(stage: Stage) -> None:
    owner, stranger = await stage.recruiter("Acme"), await stage.recruiter("Rival")
    running, _ = await stage.interview(owner)
    waiting, _ = await stage.interview(owner)
    elsewhere, _ = await stage.interview(stranger)
    sessions = SessionStore(stage.services.engine)
    await sessions.open_session(running.id)
    limits = caps(stage, month="1")
    await limits.check_entry(waiting.id)
    await spend(stage, running.id)
    with pytest.raises(CostCapReached, match=r"spent \$1.00 this month, of \$1.00"):
        await limits.check_new(owner.organisation_id)
    with pytest.raises(CostCapReached):
        await CappedSessions(sessions, limits).open_session(waiting.id)
    assert (await CappedSessions(sessions, limits).open_session(running.id)).begun is False
    await limits.check_new(stranger.organisation_id)
    await limits.check_entry(elsewhere.id)
    untouched = await stage.store.interviews.find(owner.organisation_id, waiting.id)
    assert untouched is not None
    assert untouched.status == "invited"  # its link stays good


async def test_erasing_an_interview_does_not_give_the_month_back(stage: Stage) -> None:
    owner = await stage.recruiter("Acme")
    interview, _ = await stage.interview(owner)
    await spend(stage, interview.id)
    assert await stage.store.erasure.erase(interview.id)
    with pytest.raises(CostCapReached):
        await caps(stage, month="1").check_new(owner.organisation_id)


async def test_what_was_spent_in_another_month_or_at_no_known_price_refuses_nobody(
    stage: Stage,
) -> None:
    owner = await stage.recruiter("Acme")
    interview, _ = await stage.interview(owner)
    await spend(stage, interview.id)
    await spend(stage, interview.id, STRANGE)
    async with stage.services.engine.begin() as connection:
        await connection.execute(
            update(ConsumptionRow).values(month=ConsumptionRow.month - text("interval '1 month'"))
        )
    await caps(stage, month="1").check_new(owner.organisation_id)


async def test_an_interview_at_its_cap_is_entered_while_it_runs_and_not_taken_up_again(
    stage: Stage,
) -> None:
    owner = await stage.recruiter("Acme")
    interview, _ = await stage.interview(owner)
    await SessionStore(stage.services.engine).open_session(interview.id)
    await spend(stage, interview.id)
    limits = caps(stage, interview="1")
    await limits.check_entry(interview.id)  # a page that is loaded again, a server that restarts
    long_ago = datetime.now(UTC) - timedelta(seconds=TAKEN_UP_WITHIN_S + 60)
    async with stage.services.engine.begin() as connection:
        await connection.execute(update(ConsumptionRow).values(updated_at=long_ago))
    with pytest.raises(CostCapReached, match="not taken up again"):
        await limits.check_entry(interview.id)
    await caps(stage, interview="1.01").check_entry(interview.id)
    state = {interview.id: (owner.organisation_id, {"phase": "paused"})}
    await stage.store.monitors.set_live("another process", state)
    await limits.check_entry(interview.id)  # paused by a recruiter: it runs all the same


async def test_recruiters_and_candidates_are_told_each_in_their_own_words(
    engine: AsyncEngine, clean_database: AsyncEngine, tmp_path: Path
) -> None:
    settings = make_settings(tmp_path, cost_cap_month_usd=1)
    async with open_stage(engine, settings) as stage:
        owner = await stage.recruiter("Acme")
        interview, token = await stage.interview(owner)
        await spend(stage, interview.id)
        body = {"plan_id": str(interview.plan_id), "candidate_name": "Grace"}
        refused = await stage.client.post(
            "/api/v1/interviews", headers=stage.headers(owner), json=body
        )
        assert (refused.status_code, refused.json()["code"]) == (402, "cost-cap")
        assert "VIVA_COST_CAP_MONTH_USD" in refused.json()["detail"]
        for path in ("/api/v1/join/ticket", "/api/v1/join/realtime"):
            away = await stage.client.post(path, json={"token": token, "consent": True})
            assert (away.status_code, away.json()["code"]) == (402, "cost-cap")
            assert "ask whoever invited you" in away.json()["detail"]
            assert "$" not in away.text
        shown = await stage.client.get("/api/v1/costs", headers=stage.headers(owner))
        assert shown.json()["month_cap_usd"] == 1.0
        assert shown.json()["months"][0]["cost_usd"] == pytest.approx(1.0, abs=0.001)
