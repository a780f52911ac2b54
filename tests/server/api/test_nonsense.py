"""Tests: whatever a request holds, no route answers with an error of the server."""

import base64
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from sessions.plan.plan import demo_plan
from tests.server.stage import Stage

TEXTS = ["\0", "a\0b", "\ud800", "9" * 400, "0001-01-01T00:00:00+14:00", "%00"]
VALUES: list[Any] = [*TEXTS[:3], "x" * 5_000, 2**63, 10**400, ["\0"], {"\0": 1}]


def cursor(moment: str, last: object) -> str:
    """A cursor with this in it."""
    return base64.urlsafe_b64encode(f"{moment}|{last}".encode()).decode().rstrip("=")


CURSORS = [
    *(cursor(moment, UUID(int=7)) for moment in (
        "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59.999999+00:00", "2026-01-01", "2026-01-01T00:00:00", "", "-", "\0",
        "2026-01-01T00:00:00+23:59",
    )),
    cursor("2026-01-01T00:00:00+00:00", "no id"), "é", "=", "A", "A" * 199, "%00",
]  # fmt: skip


@pytest.mark.parametrize("value", CURSORS)
async def test_any_cursor_is_taken_or_refused(stage: Stage, value: str) -> None:
    account = await stage.recruiter()
    response = await stage.client.get(
        "/api/v1/interviews", params={"cursor": value}, headers=stage.headers(account)
    )
    assert response.status_code in (200, 422)


def routes(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every documented operation: its method, path and description."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def body_fields(schema: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """The fields that the operation's JSON body may have."""
    content = operation.get("requestBody", {}).get("content", {})
    described = content.get("application/json", {}).get("schema", {})
    name = described.get("$ref", "").rpartition("/")[2]
    found = schema["components"]["schemas"].get(name, described).get("properties", {})
    return dict(found)


async def test_nonsense_in_any_field_of_any_route_is_no_error_of_the_server(stage: Stage) -> None:
    account = await stage.recruiter()
    interview, _ = await stage.interview(account)
    schema = stage.app.openapi()
    headers = stage.headers(account) | {"content-type": "application/json"}
    known = {"interview_id": str(interview.id), "plan_id": str(interview.plan_id)}
    wrong: list[tuple[Any, ...]] = []
    answers: Counter[int] = Counter()

    async def ask(method: str, url: str, body: object = None, **query: str) -> None:
        content = None if method == "GET" else json.dumps(body)
        response = await stage.client.request(
            method, url, params=query, content=content, headers=headers
        )
        answers[response.status_code] += 1
        if response.status_code >= 500 and response.json()["code"] != "not-ready":
            wrong.append((method, url, body, query, response.status_code))

    sound = known | {"candidate_name": "Ada", "token": "t" * 43, "email": "a@b.example"}
    sound |= {"password": "p" * 12, "number": "+441632960961"}
    for method, path, operation in routes(schema):
        if path.endswith("/sign-out"):  # it would end the sign-in of all that follows
            continue
        usual = path
        for name, value in known.items():
            usual = usual.replace("{" + name + "}", value)
        for value in ("%00", "a%00b", "%ED%A0%80", "-1", "9" * 400, "%F0%9F%8C%B3"):
            await ask(method, usual.replace(usual.rpartition("/")[2], value), {})
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                for text in TEXTS:
                    sent = text.encode(errors="replace").decode()
                    await ask(method, usual, {}, **{parameter["name"]: sent})
        fields = body_fields(schema, operation)
        for name in [*fields, "\ud800", "\0"]:
            for value in VALUES:
                body = {field: sound[field] for field in fields if field in sound}
                await ask(method, usual, body | {name: value})
    assert wrong == []
    assert answers[422] > answers[401], "nonsense was refused for what it is"


@pytest.mark.parametrize("value", ["\0", "\ud800", "a\0b", "x" * 100_000, 10**400, "\x1b"])
async def test_nonsense_anywhere_in_a_plan_is_taken_or_refused(stage: Stage, value: Any) -> None:
    account = await stage.recruiter()
    whole = demo_plan().model_dump(mode="json")
    question = whole["sections"][0]["questions"][0]
    for holder in (whole, whole["sections"][0], question):
        for name in [*holder, "\ud800"]:
            kept = holder.get(name)
            holder[name] = [value] if isinstance(kept, list) else value
            for kind, text in (("json", json.dumps(whole)), ("yaml", json.dumps(whole))):
                response = await stage.client.post(
                    "/api/v1/plans",
                    content=text,
                    headers=stage.headers(account) | {"content-type": f"application/{kind}"},
                )
                assert response.status_code in (201, 413, 422), (name, value, response.text)
            holder.pop(name)
            if kept is not None:
                holder[name] = kept
