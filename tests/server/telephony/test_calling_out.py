"""Calls that Viva makes: through the vendor's API, answered by a person or by a machine."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from server.store.records import Account
from sessions.record.tables import User
from sessions.session_context import Providers
from tests.fakes.twilio_calls import CALLER, Twilio, new_sid
from tests.fakes.twilio_rest import TwilioRest
from tests.seeding import SeededInterview
from tests.server.conftest import Speak
from tests.server.edge import SHORT_PLAN, Edge, open_edge
from tests.server.telephony.calls import consented, heard
from tests.server.telephony.conftest import phone_settings

Seed = Callable[..., Awaitable[SeededInterview]]
FROM = "+15005550006"


@pytest.fixture
async def rest() -> AsyncIterator[TwilioRest]:
    async with TwilioRest() as running:
        yield running


@pytest.fixture
async def calling(
    clean_database: AsyncEngine,
    database_url: str,
    local_providers: Providers,
    tmp_path: Path,
    rest: TwilioRest,
) -> AsyncIterator[Edge]:
    settings = phone_settings(
        tmp_path,
        twilio_api_url=rest.url,
        twilio_from_number=FROM,
        twilio_machine="leave_message",
        outbound_calls_per_hour=5,
    )
    async with open_edge(settings, database_url, local_providers) as edge:
        yield edge


@pytest.fixture
async def interview(calling: Edge, seed_interview: Seed) -> SeededInterview:
    return await seed_interview(plan_document=SHORT_PLAN, candidate_phone=CALLER)


async def place(edge: Edge, interview: SeededInterview, **body: str) -> tuple[int, dict[str, Any]]:
    """POST .../call by a recruiter of the interview's organisation."""
    response = await edge.client.post(
        f"/api/v1/interviews/{interview.interview_id}/call",
        json=body,
        headers=await recruiter(edge, interview),
    )
    return response.status_code, response.json()


async def recruiter(edge: Edge, interview: SeededInterview) -> dict[str, str]:
    """What a request of somebody there carries; the account is made first."""
    values = {"organisation_id": interview.organisation_id, "password_hash": "none"}
    address = f"{new_sid('')}@viva.example"
    async with edge.viva.services.engine.begin() as connection:
        await connection.execute(insert(User).values(email=address, **values))
    account = await edge.viva.services.store.accounts.find_user_by_email(address)
    assert isinstance(account, Account)
    token = edge.viva.services.tokens.issue(account.id, account.organisation_id, account.role)
    return {"Authorization": f"Bearer {token}"}


async def calls(edge: Edge, interview: SeededInterview) -> list[dict[str, Any]]:
    """GET .../calls."""
    path = f"/api/v1/interviews/{interview.interview_id}/calls"
    response = await edge.client.get(path, headers=await recruiter(edge, interview))
    assert response.status_code == 200
    found: list[dict[str, Any]] = response.json()["calls"]
    return found


async def answered(edge: Edge, rest: TwilioRest, **fields: str) -> Any:
    """Somebody picks up the last call that was placed."""
    twilio = Twilio(edge.base_url, edge.client)
    url = rest.asked[-1]["Url"][0]
    form = {"CallSid": rest.placed[-1], "Direction": "outbound-api"} | fields
    return await twilio.ask(url, **form)


async def test_the_candidate_is_called_and_enters_the_interview(
    calling: Edge, rest: TwilioRest, interview: SeededInterview
) -> None:
    status, call = await place(calling, interview)
    assert (status, call["direction"], call["number"]) == (201, "outbound", CALLER)
    (asked,) = rest.asked
    assert (asked["To"], asked["From"]) == ([CALLER], [FROM])
    assert asked["Url"] == [f"{calling.base_url}/bridges/twilio/voice?call={call['id']}"]
    assert asked["StatusCallback"] == [f"{calling.base_url}/bridges/twilio/status"]
    assert asked["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
    assert asked["MachineDetection"] == ["DetectMessageEnd"]


async def test_one_call_too_many_of_an_organisation_is_not_placed(
    calling: Edge, rest: TwilioRest, interview: SeededInterview
) -> None:
    numbers = [f"+44163296{number:04}" for number in range(6)]
    answers = [await place(calling, interview, to=number) for number in numbers]
    assert [status for status, _ in answers] == [201] * 5 + [429]
    assert answers[-1][1]["code"] == "too-many-calls"
    assert len(rest.asked) == 5


async def test_an_answering_machine_gets_a_message_and_no_interview(
    calling: Edge, rest: TwilioRest, interview: SeededInterview
) -> None:
    await place(calling, interview)
    twiml = await answered(calling, rest, AnsweredBy="machine_end_beep")
    assert twiml.verbs == ["Say", "Hangup"]
    assert "message for Ada" in twiml.said
    fax_at = await place(calling, interview)
    assert fax_at[0] == 201
    assert (await answered(calling, rest, AnsweredBy="fax")).verbs == ["Hangup"]
    reasons = [call["end_reason"] for call in await calls(calling, interview)]
    assert reasons == ["answering_machine"] * 2
    assert not await consented(calling, interview)


async def test_what_begins_like_a_machine_is_heard_before_it_is_spoken_to(
    calling: Edge, rest: TwilioRest, interview: SeededInterview, speak: Speak
) -> None:
    await place(calling, interview)
    twiml = await answered(calling, rest, AnsweredBy="machine_start")
    assert twiml.verbs == ["Connect"]
    call = rest.placed[0]
    twilio = Twilio(calling.base_url, calling.client)
    async with twilio.stream(twiml, call) as line:
        await line.say(await speak("Please leave a message after the tone."))
        assert await line.closed() == 4412
    assert not line.heard
    assert (await twilio.ask(twiml.action, CallSid=call)).verbs == ["Hangup"]
    (told,) = await calls(calling, interview)
    assert told["end_reason"] == "answering_machine"


async def test_the_status_of_a_call_is_told(
    calling: Edge, rest: TwilioRest, interview: SeededInterview
) -> None:
    await place(calling, interview)
    twilio = Twilio(calling.base_url, calling.client)
    for status in ("initiated", "ringing", "busy", "ringing"):
        await twilio.post("/bridges/twilio/status", CallSid=rest.placed[0], CallStatus=status)
    (call,) = await calls(calling, interview)
    assert (call["status"], call["end_reason"]) == ("busy", "busy")
    assert call["ended_at"]


async def test_who_is_called_hears_who_calls(
    calling: Edge, rest: TwilioRest, interview: SeededInterview
) -> None:
    await place(calling, interview)
    twiml = await answered(calling, rest, AnsweredBy="human")
    call = rest.placed[0]
    twilio = Twilio(calling.base_url, calling.client)
    async with twilio.stream(twiml, call) as line:
        await line.until(lambda: line.heard)
        await line.press("1")
        await heard(line, 1)
    assert await consented(calling, interview)
    another = await twilio.ask(rest.asked[0]["Url"][0], CallSid=new_sid("CA"))
    assert another.verbs == ["Hangup"], "the address is for its own call"


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (400, json.dumps({"code": 21211, "message": "Invalid 'To' Phone Number"}), "Invalid 'To'"),
        (503, "<html>", "cannot be reached"),
        (201, "[]", "201"),
        (201, json.dumps({"sid": 7}), "201"),
    ],
)
async def test_a_refusal_is_told_and_kept(
    calling: Edge, rest: TwilioRest, interview: SeededInterview, status: int, body: str, told: str
) -> None:
    rest.refusal = (status, body)
    code, problem = await place(calling, interview)
    assert code == 502
    assert told in problem["detail"]
    (call,) = await calls(calling, interview)
    assert call["status"] == "failed"
    assert told in call["end_reason"]


async def test_nobody_is_called_without_a_number_an_account_or_an_interview(
    calling: Edge, edge: Edge, rest: TwilioRest, interview: SeededInterview, seed_interview: Seed
) -> None:
    numberless = await seed_interview(plan_document=SHORT_PLAN)
    assert (await place(calling, numberless))[1]["type"].endswith("no-number")
    assert (await place(calling, numberless, to=CALLER))[0] == 201
    assert (await place(calling, numberless, to="0163 2960961"))[0] == 422
    assert (await place(edge, interview))[1]["type"].endswith("no-telephone")
    stranger = await calling.client.post(
        f"/api/v1/interviews/{interview.interview_id}/call",
        json={},
        headers=await recruiter(calling, numberless),
    )
    assert stranger.status_code == 404, "nobody calls for another organisation"
    over = await seed_interview(plan_document=SHORT_PLAN, candidate_phone=CALLER, status="ended")
    assert (await place(calling, over))[0] == 409
    assert len(rest.asked) == 1


async def test_without_a_number_to_call_from_no_call_is_placed(
    database_url: str,
    local_providers: Providers,
    tmp_path: Path,
    rest: TwilioRest,
    interview: SeededInterview,
) -> None:
    settings = phone_settings(tmp_path / "other", twilio_api_url=rest.url)
    async with open_edge(settings, database_url, local_providers) as edge:
        code, problem = await place(edge, interview)
    assert (code, rest.asked) == (502, [])
    assert "VIVA_TWILIO_FROM_NUMBER" in problem["detail"]


async def test_where_twilio_cannot_be_reached_it_is_said(
    database_url: str,
    local_providers: Providers,
    tmp_path: Path,
    interview: SeededInterview,
    closed_port: int,
) -> None:
    nowhere = f"http://127.0.0.1:{closed_port}"
    settings = phone_settings(tmp_path / "other", twilio_api_url=nowhere, twilio_from_number=FROM)
    async with open_edge(settings, database_url, local_providers) as edge:
        code, problem = await place(edge, interview)
    assert code == 502
    assert "cannot be reached" in problem["detail"]
