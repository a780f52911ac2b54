"""Problems: every error of the API is problem+json, in words, and tells nothing of the inside."""

import io
import json
from collections.abc import AsyncIterator, Iterator
from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI, Query
from pydantic import BaseModel, Field

from server.http.middleware import HttpMiddleware
from server.http.problems import Problem, install_problem_handlers
from sessions.record.retrying import StoreUnavailable
from tests.server.logged import captured


class Body(BaseModel):
    name: str = Field(min_length=2)
    age: int


def make_app() -> FastAPI:
    app = FastAPI()
    install_problem_handlers(app)
    app.add_middleware(HttpMiddleware)

    @app.post("/bodies")
    async def body(_body: Body, limit: Annotated[int, Query(ge=1)] = 1) -> None:
        return None

    @app.get("/typed")
    async def typed() -> None:
        raise Problem(409, "taken", "Taken", "This seat is taken.", headers={"X-Seat": "7"})

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("the combination is 1234")

    @app.get("/away")
    async def away() -> None:
        raise StoreUnavailable("connection refused by 10.0.0.3")

    return app


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    with captured() as stream:
        yield stream


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://viva.test") as client:
        yield client


def problem_of(response: httpx.Response) -> dict[str, object]:
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = response.json()
    assert body["status"] == response.status_code
    assert body["type"] == f"urn:viva:problem:{body['code']}"
    assert body["request_id"] == response.headers["x-request-id"]
    assert body["title"]
    assert str(body["detail"]).endswith(".")
    return body


async def test_a_typed_problem_arrives_as_it_was_raised(client: httpx.AsyncClient) -> None:
    response = await client.get("/typed")
    body = problem_of(response)
    assert (response.status_code, body["code"], body["title"]) == (409, "taken", "Taken")
    assert body["detail"] == "This seat is taken."
    assert response.headers["x-seat"] == "7"


async def test_each_wrong_field_is_named_in_a_sentence(client: httpx.AsyncClient) -> None:
    response = await client.post("/bodies?limit=0", json={"name": "x"})
    body = problem_of(response)
    assert response.status_code == 422
    errors = body["errors"]
    assert isinstance(errors, list)
    found = {error["field"]: error["message"] for error in errors}
    assert set(found) == {"name", "age", "limit"}
    assert found["age"] == "Field required."
    assert "name: String should have at least 2 characters." in str(body["detail"])


async def test_what_is_no_json_is_told_so(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/bodies", content="{oops", headers={"content-type": "application/json"}
    )
    assert "This is not JSON." in str(problem_of(response)["detail"])


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/nowhere", 404, "not-found"), ("DELETE", "/typed", 405, "method-not-allowed")],
)
async def test_the_frameworks_own_errors_are_problems_too(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    response = await client.request(method, path)
    assert response.status_code == status
    assert problem_of(response)["code"] == code
    if status == 405:
        assert response.headers["allow"] == "GET"


async def test_a_database_out_of_reach_is_503_with_a_time_to_wait(
    client: httpx.AsyncClient, logged: io.StringIO
) -> None:
    response = await client.get("/away")
    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"
    assert "10.0.0.3" not in response.text
    assert problem_of(response)["code"] == "store-unavailable"
    assert logged.getvalue().count("10.0.0.3") == 1


async def test_a_fault_of_ours_is_told_without_its_inside_and_logged_once(
    client: httpx.AsyncClient, logged: io.StringIO
) -> None:
    response = await client.get("/broken")
    body = problem_of(response)
    assert (response.status_code, body["code"]) == (500, "internal-error")
    assert "1234" not in response.text
    assert "Traceback" not in response.text
    records = [json.loads(line) for line in logged.getvalue().splitlines()]
    failures = [record for record in records if "exception" in record]
    assert len(failures) == 1
    assert "1234" in failures[0]["exception"]
    assert failures[0]["request_id"] == body["request_id"]
