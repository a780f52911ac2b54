"""Plans: uploaded as JSON or YAML, refused with every problem named."""

from pathlib import Path
from uuid import uuid4

import pytest

from sessions.plan.plan import READY_PLANS, demo_plan
from tests.server.stage import Stage

YAML = (Path(READY_PLANS) / "software_engineer.yaml").read_text(encoding="utf-8")


async def upload(
    stage: Stage, headers: dict[str, str], content: str | bytes, kind: str
) -> tuple[int, dict[str, object]]:
    response = await stage.client.post(
        "/api/v1/plans", content=content, headers=headers | {"Content-Type": kind}
    )
    return response.status_code, response.json()


@pytest.fixture
async def headers(stage: Stage) -> dict[str, str]:
    return stage.headers(await stage.recruiter())


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (demo_plan().model_dump_json(), "application/json"),
        (demo_plan().model_dump_json(), "application/json; charset=utf-8"),
        (YAML, "application/yaml"),
        (YAML, "text/yaml"),
        (YAML, "application/x-yaml; charset=utf-8"),
    ],
)
async def test_a_plan_is_kept_and_read_back(
    stage: Stage, headers: dict[str, str], content: str, kind: str
) -> None:
    status, made = await upload(stage, headers, content, kind)
    assert status == 201
    assert made["title"] == demo_plan().title
    assert made["document"] == demo_plan().model_dump(mode="json")
    read = await stage.client.get(f"/api/v1/plans/{made['id']}", headers=headers)
    assert read.json() == made
    listed = await stage.client.get("/api/v1/plans", headers=headers)
    assert listed.json() == {
        "items": [{name: made[name] for name in ("id", "title", "created_at")}]
    }


async def test_every_problem_of_a_plan_is_named_with_its_place(
    stage: Stage, headers: dict[str, str]
) -> None:
    status, body = await upload(stage, headers, "title: X\nsections: []\nrol: y\n", "text/yaml")
    assert status == 422
    assert body["code"] == "plan-refused"
    errors = body["errors"]
    assert isinstance(errors, list)
    assert {error["field"] for error in errors} == {"role", "sections", "rol"}
    assert any("line 3" in error["message"] for error in errors)


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "application/json", 422),
        (b"{", "application/json", 422),
        (b"[1, 2]", "application/json", 422),
        (b"\xff\xfe", "text/yaml", 422),
        (b"a: &a [*a]", "text/yaml", 422),
        (b"x" * 200_000, "text/yaml", 422),
        (b"x" * 300_000, "text/yaml", 413),
        (b"<plan/>", "application/xml", 415),
    ],
)
async def test_what_is_no_plan_is_a_problem(
    stage: Stage, headers: dict[str, str], content: bytes, kind: str, status: int
) -> None:
    found, body = await upload(stage, headers, content, kind)
    assert found == status
    assert str(body["detail"])


async def test_a_character_that_no_database_keeps_is_a_problem(
    stage: Stage, headers: dict[str, str]
) -> None:
    text = demo_plan().model_dump_json().replace(demo_plan().role, "engineer\\u0000")
    status, body = await upload(stage, headers, text, "application/json")
    assert status == 422
    assert body["code"] == "plan-refused"


async def test_an_unknown_plan_is_not_found(stage: Stage, headers: dict[str, str]) -> None:
    response = await stage.client.get(f"/api/v1/plans/{uuid4()}", headers=headers)
    assert (response.status_code, response.json()["code"]) == (404, "not-found")
    odd = await stage.client.get("/api/v1/plans/not-an-id", headers=headers)
    assert odd.status_code == 422


@pytest.mark.parametrize("kind", ["application/json", "text/yaml"])
async def test_an_answer_is_small_however_much_is_wrong(
    stage: Stage, headers: dict[str, str], kind: str
) -> None:
    unknown = ", ".join(f'"k{number}": 1' for number in range(4_900))
    status, body = await upload(stage, headers, f"{{{unknown}}}", kind)
    assert status == 422
    assert len(str(body)) < 40_000
    errors = body["errors"]
    assert isinstance(errors, list)
    assert errors[-1]["message"] == "has 4,853 more problems"


async def test_a_question_that_may_not_be_asked_is_warned_of_at_the_upload(
    stage: Stage, headers: dict[str, str]
) -> None:
    document = demo_plan().model_dump(mode="json")
    document["sections"][0]["questions"][0]["text"] = "How old are you?"
    response = await stage.client.post("/api/v1/plans", json=document, headers=headers)
    made = response.json()
    assert any("about age" in warning for warning in made["warnings"])
    read = await stage.client.get(f"/api/v1/plans/{made['id']}", headers=headers)
    assert read.json() == made
