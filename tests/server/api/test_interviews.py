"""Interviews: invited, listed, read, linked anew, ended."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from server.api.endings import WORDS
from server.providers import rules_for
from server.store.records import Account
from sessions.plan.plan import demo_plan
from sessions.record.store import SessionStore
from sessions.record.tables import InterviewRow
from sessions.turntaking.causes import EndReason
from sessions.turntaking.turns import Speaker, Turn
from tests.server.stage import BASE_URL, Stage


@pytest.fixture
async def account(stage: Stage) -> Account:
    return await stage.recruiter()


@pytest.fixture
async def plan_id(stage: Stage, account: Account) -> str:
    _, _ = await stage.interview(account)
    [plan] = await stage.store.plans.list_all(account.organisation_id)
    return str(plan.id)


async def invite(stage: Stage, account: Account, **body: object) -> tuple[int, dict[str, object]]:
    response = await stage.client.post(
        "/api/v1/interviews", json=body, headers=stage.headers(account)
    )
    return response.status_code, response.json()


async def test_an_invitation_holds_a_link_that_works(
    stage: Stage, account: Account, plan_id: str
) -> None:
    status, made = await invite(
        stage,
        account,
        plan_id=plan_id,
        candidate_name="  Ada Lo\u0308velace ",
        candidate_email="ada@example.com",
        language="en",
        time_limit_s=1200,
    )
    assert status == 201
    assert made["status"] == "invited"
    assert (made["candidate_name"], made["candidate_email"]) == (
        "Ada L\u00f6velace",
        "ada@example.com",
    )
    assert made["time_limit_s"] == 1200
    assert made["join_expires_at"]
    link = str(made["join_url"])
    assert link.startswith(f"{BASE_URL}/join/")
    token = link.rsplit("/", 1)[1]
    joined = await stage.client.post("/api/v1/join", json={"token": token})
    assert joined.json()["interview_id"] == made["id"]


async def test_a_number_and_a_pin_lead_a_caller_to_it(
    stage: Stage, account: Account, plan_id: str
) -> None:
    _, made = await invite(
        stage, account, plan_id=plan_id, candidate_name="Ada", candidate_phone="+44 (0)1632 960961"
    )
    assert made["candidate_phone"] == "+441632960961"
    pin = str(made["pin"])
    assert len(pin) == 8
    assert pin.isdigit()
    hashed = stage.services.pins.hash(pin)
    found = await stage.store.calls.interview_of_pin(hashed, reentry_lifetime_s=60)
    assert found is not None
    assert str(found.id) == made["id"]
    path = f"/api/v1/interviews/{made['id']}"
    shown = await stage.client.get(path, headers=stage.headers(account))
    assert "pin" not in shown.json()
    renewed = await stage.client.post(f"{path}/link", headers=stage.headers(account))
    assert renewed.json()["pin"] is None, "it is told once, and stays"


async def test_more_time_for_one_candidate_holds_whenever_they_come_and_is_shown_nobody(
    stage: Stage, account: Account, plan_id: str
) -> None:
    usual = stage.services.settings.model_copy(update={"accommodation": 1.25})
    made = {}
    for wanted in (2.0, None):
        _, body = await invite(
            stage, account, plan_id=plan_id, candidate_name="Ada", accommodation=wanted
        )
        made[wanted] = UUID(str(body["id"]))
        headers = stage.headers(account)
        url = f"/api/v1/interviews/{body['id']}"
        token = str(body["join_url"]).rsplit("/", 1)[1]
        answers = [
            await stage.client.get(url, headers=headers),
            await stage.client.get("/api/v1/interviews", headers=headers),
            await stage.client.get(f"{url}/transcript", headers=headers),
            await stage.client.post(f"{url}/link", headers=headers),
            await stage.client.post("/api/v1/join", json={"token": token}),
        ]
        assert not [a for a in answers if "accommodation" in a.text], "nobody is told"
        assert "accommodation" not in body
    for _ in range(2):  # once more, as after a reload, another link, another server
        facts = [await stage.services.sessions.open_session(one) for one in made.values()]
        assert [rules_for(usual, one).accommodation for one in facts] == [2.0, 1.25]


async def test_what_is_not_said_comes_from_the_plan(
    stage: Stage, account: Account, plan_id: str
) -> None:
    _, made = await invite(stage, account, plan_id=plan_id, candidate_name="Ada")
    plan = await stage.store.plans.find(account.organisation_id, UUID(plan_id))
    assert plan is not None
    assert made["time_limit_s"] == plan.document["time_limit_minutes"] * 60
    assert made["title"] == plan.title
    assert (made["language"], made["candidate_email"]) == ("en", None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"candidate_name": "  "}, "candidate_name"),
        ({"candidate_name": "Ada\0"}, "candidate_name"),
        ({"candidate_name": "x" * 121}, "candidate_name"),
        ({"candidate_email": "ada"}, "candidate_email"),
        ({"candidate_phone": "01632 960961"}, "candidate_phone"),
        ({"candidate_phone": "+0441632960961"}, "candidate_phone"),
        ({"candidate_phone": "+4416329609611234567"}, "candidate_phone"),
        ({"language": "English"}, "language"),
        ({"time_limit_s": 5}, "time_limit_s"),
        ({"time_limit_s": 10**9}, "time_limit_s"),
        ({"accommodation": 0.4}, "accommodation"),
        ({"accommodation": 5.1}, "accommodation"),
        ({"accommodation": "much"}, "accommodation"),
        ({"plan_id": "x"}, "plan_id"),
    ],
)
async def test_a_wrong_invitation_names_the_field(
    stage: Stage, account: Account, plan_id: str, change: dict[str, object], field: str
) -> None:
    good: dict[str, object] = {"plan_id": plan_id, "candidate_name": "Ada"}
    status, body = await invite(stage, account, **(good | change))
    assert status == 422
    errors = body["errors"]
    assert isinstance(errors, list)
    assert [error["field"] for error in errors] == [field]


async def test_an_unknown_plan_is_not_found(stage: Stage, account: Account) -> None:
    status, body = await invite(stage, account, plan_id=str(uuid4()), candidate_name="Ada")
    assert (status, body["detail"]) == (404, "There is no plan with this id.")


async def test_the_list_is_walked_with_cursors_and_kept_by_status(
    stage: Stage, account: Account
) -> None:
    made = [(await stage.interview(account, f"Candidate {n}"))[0] for n in range(5)]
    headers = stage.headers(account)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await stage.client.get("/api/v1/interviews", params=query, headers=headers)).json()
        assert len(page["items"]) <= 2
        seen += [item["candidate_name"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [f"Candidate {n}" for n in (4, 3, 2, 1, 0)]

    await stage.store.interviews.end(account.organisation_id, made[2].id, "recruiter")
    ended = await stage.client.get("/api/v1/interviews?status=ended", headers=headers)
    assert [item["id"] for item in ended.json()["items"]] == [str(made[2].id)]


@pytest.mark.parametrize(
    "query",
    [
        "status=lost",
        "limit=0",
        "limit=101",
        "cursor=oops",
        "cursor=fA",
        "cursor=%C3%A4",
        "cursor=MjAyNi0wMS0wMVQwMDowMDowMHw5ZDJmNGE1Mi0wZjBlLTRhMGMtOGEzNS0wZjhmMmY3YzFjOWU",
    ],
)
async def test_a_wrong_question_is_a_problem(stage: Stage, account: Account, query: str) -> None:
    response = await stage.client.get(f"/api/v1/interviews?{query}", headers=stage.headers(account))
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [query.split("=")[0]]


async def test_a_transcript_is_whole_and_grows(stage: Stage, account: Account) -> None:
    interview, _ = await stage.interview(account)
    headers = stage.headers(account)
    url = f"/api/v1/interviews/{interview.id}/transcript"
    assert (await stage.client.get(url, headers=headers)).json() == {
        "interview_id": str(interview.id),
        "status": "invited",
        "turns": [],
        "to_dos": [],
    }
    store = SessionStore(stage.services.engine)
    session_id = (await store.open_session(interview.id)).session_id
    turn = Turn(
        0,
        Speaker.INTERVIEWER,
        "Hello Ada",
        "Hello",
        0,
        900,
        interrupted=True,
        move={"kind": "ask", "question": "intro"},
        latency={"first_audio_ms": 210},
        usage={"model": "scripted"},
    )
    await store.append(session_id, turn)
    read = (await stage.client.get(url, headers=headers)).json()
    assert read["status"] == "running"
    assert read["turns"] == [
        {
            "session_id": str(session_id),
            "index": 0,
            "speaker": "interviewer",
            "text": "Hello Ada",
            "heard_text": "Hello",
            "started_ms": 0,
            "ended_ms": 900,
            "confidence": None,
            "interrupted": True,
            "move": {"kind": "ask", "question": "intro"},
            "latency": {"first_audio_ms": 210},
            "usage": {"model": "scripted"},
        }
    ]


async def test_what_was_promised_to_the_candidate_is_a_list_of_its_own(
    stage: Stage, account: Account
) -> None:
    interview, _ = await stage.interview(account)
    store = SessionStore(stage.services.engine)
    session_id = (await store.open_session(interview.id)).session_id
    asked, told = "What does the job pay?", "I'll pass your question on."
    move = {"kind": "answer", "question": "intro", "to_do": asked}
    await store.append(session_id, Turn(0, Speaker.CANDIDATE, asked, asked, 0, 900))
    promise = Turn(1, Speaker.INTERVIEWER, told, told, 900, 1_800, move=move)
    await store.append(session_id, promise)
    url = f"/api/v1/interviews/{interview.id}/transcript"
    read = (await stage.client.get(url, headers=stage.headers(account))).json()
    assert read["to_dos"] == [{"session_id": str(session_id), "index": 1, "text": asked}]


async def test_a_new_link_replaces_the_old(stage: Stage, account: Account) -> None:
    interview, old = await stage.interview(account, lifetime_s=60)
    response = await stage.client.post(
        f"/api/v1/interviews/{interview.id}/link", headers=stage.headers(account)
    )
    body = response.json()
    assert response.status_code == 200
    assert body["join_expires_at"] > interview.join_expires_at.isoformat()
    new = body["join_url"].rsplit("/", 1)[1]
    assert (await stage.client.post("/api/v1/join", json={"token": old})).status_code == 404
    assert (await stage.client.post("/api/v1/join", json={"token": new})).status_code == 200


async def test_a_waiting_interview_is_ended_once(stage: Stage, account: Account) -> None:
    interview, token = await stage.interview(account)
    headers = stage.headers(account)
    url = f"/api/v1/interviews/{interview.id}"
    first = (await stage.client.post(f"{url}/end", headers=headers)).json()
    again = (await stage.client.post(f"{url}/end", headers=headers)).json()
    assert (first["status"], first["end_reason"]) == ("ended", "recruiter")
    assert again == first
    joined = await stage.client.post("/api/v1/join", json={"token": token})
    assert (joined.status_code, joined.json()["code"]) == (410, "interview-over")
    link = await stage.client.post(f"{url}/link", headers=headers)
    assert (link.status_code, link.json()["code"]) == (409, "interview-over")
    assert stage.live.ended == []


async def test_a_live_interview_is_ended_where_it_is_held(stage: Stage, account: Account) -> None:
    interview, _ = await stage.interview(account)
    await SessionStore(stage.services.engine).open_session(interview.id)
    stage.live.ids.add(interview.id)
    headers = stage.headers(account)
    url = f"/api/v1/interviews/{interview.id}"
    assert (await stage.client.get(url, headers=headers)).json()["live"] is True
    ended = (await stage.client.post(f"{url}/end", headers=headers)).json()
    assert stage.live.ended == [(interview.id, "recruiter")]
    assert (ended["status"], ended["live"]) == ("ended", False)


REASONS = [reason for reason in EndReason if reason is not EndReason.SUSPENDED]


@pytest.mark.parametrize("reason", REASONS)
async def test_how_it_ended_is_told_in_words_with_what_was_not_asked(
    stage: Stage, account: Account, reason: EndReason
) -> None:
    interview, _ = await stage.interview(account)
    store = SessionStore(stage.services.engine)
    session_id = (await store.open_session(interview.id)).session_id
    url, headers = f"/api/v1/interviews/{interview.id}", stage.headers(account)
    before = (await stage.client.get(url, headers=headers)).json()
    assert (before["end"], before["coverage"]) == (None, None)
    questions = demo_plan().questions()
    coverage = {question.id: "answered" for question in questions[1:]}
    coverage[questions[0].id] = "not_asked"
    await store.end_session(session_id, reason, reason is EndReason.COMPLETED, coverage)
    body = (await stage.client.get(url, headers=headers)).json()
    assert body["end"]["reason"] == body["end_reason"] == reason
    assert body["end"]["label"][0].isupper()
    assert "_" not in body["end"]["text"]
    assert f"1 of {len(questions)} questions was not asked" in body["end"]["text"]
    assert [one["id"] for one in body["coverage"]] == [question.id for question in questions]
    assert body["coverage"][0] == {
        "id": questions[0].id,
        "text": questions[0].text,
        "must_ask": questions[0].must_ask,
        "state": "not_asked",
    }


async def test_no_two_ends_read_alike() -> None:
    assert set(WORDS) == set(REASONS)
    assert len({words.label for words in WORDS.values()}) == len(WORDS)
    assert len({words.text for words in WORDS.values()}) == len(WORDS)


async def test_an_end_of_an_older_version_is_told_too(stage: Stage, account: Account) -> None:
    interview, _ = await stage.interview(account)
    await stage.store.interviews.end(account.organisation_id, interview.id, "plan_done")
    url = f"/api/v1/interviews/{interview.id}"
    body = (await stage.client.get(url, headers=stage.headers(account))).json()
    assert body["end"]["label"] == "Ended"
    assert body["end"]["by"] == "nobody"


@pytest.mark.parametrize("opened", [False, True])
async def test_a_link_that_ran_out_says_so_and_is_renewed(
    stage: Stage, account: Account, opened: bool
) -> None:
    interview, token = await stage.interview(account)
    if opened:
        await SessionStore(stage.services.engine).open_session(interview.id)
    past = datetime.now(UTC) - timedelta(hours=1)
    async with stage.services.engine.begin() as connection:
        await connection.execute(update(InterviewRow).values(join_expires_at=past, started_at=past))
        if not opened:
            await connection.execute(update(InterviewRow).values(started_at=None))
    await stage.store.left.end_left(60, ())
    url, headers = f"/api/v1/interviews/{interview.id}", stage.headers(account)
    ended = (await stage.client.get(url, headers=headers)).json()
    assert (ended["status"], ended["end"]["label"]) == (
        "expired",
        "Not begun" if opened else "Expired",
    )
    listed = await stage.client.get("/api/v1/interviews?status=expired", headers=headers)
    assert [one["id"] for one in listed.json()["items"]] == [str(interview.id)]
    join = await stage.client.post("/api/v1/join", json={"token": token})
    assert (join.status_code, join.json()["code"]) == (410, "link-expired")
    renewed = await stage.client.post(f"{url}/link", headers=headers)
    assert renewed.status_code == 200
    assert renewed.json()["status"] == ("running" if opened else "invited")


@pytest.mark.parametrize(
    ("named", "spoken"), [({}, "de-CH"), ({"language": ""}, "de-CH"), ({"language": "en"}, "en")]
)
async def test_the_plans_language_is_spoken_unless_another_is_named(
    stage: Stage, account: Account, named: dict[str, str], spoken: str
) -> None:
    document = demo_plan().model_dump(mode="json") | {"language": "de-CH"}
    uploaded = await stage.client.post(
        "/api/v1/plans", json=document, headers=stage.headers(account)
    )
    plan = uploaded.json()
    assert "'de-CH'" in " ".join(plan["warnings"])
    _, made = await invite(stage, account, plan_id=plan["id"], candidate_name="Jo", **named)
    assert made["language"] == spoken
    assert bool(made["warnings"]) is (spoken != "en")
    token = str(made["join_url"]).rsplit("/", 1)[1]
    joined = await stage.client.post("/api/v1/join", json={"token": token})
    assert joined.json()["language"] == spoken
