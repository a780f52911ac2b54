"""The outer layer of HTTP: ids, one log line without secrets, sizes, headers, sockets untouched."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import structlog
import uvicorn
from fastapi import WebSocket
from sqlalchemy.ext.asyncio import AsyncEngine
from websockets.asyncio.client import connect

from server.composition import Server
from server.http.middleware import MAX_BODY_BYTES
from tests.server.logged import captured
from tests.server.stage import Stage, make_settings, open_stage


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    with captured() as stream:
        yield stream


@pytest.fixture
async def stage(clean_database: AsyncEngine, tmp_path: Path) -> AsyncIterator[Stage]:
    settings = make_settings(tmp_path, allowed_origins=["https://careers.example.com"])
    async with open_stage(clean_database, settings) as opened:
        yield opened


@asynccontextmanager
async def served(stage: Stage) -> AsyncIterator[str]:
    """The stage's app behind a real uvicorn; its host and port."""
    server = Server(uvicorn.Config(stage.app, port=0, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve())
    await server.settled.wait()
    yield f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await task


async def test_every_request_leaves_one_line_with_the_id_its_answer_shows(
    stage: Stage, logged: io.StringIO
) -> None:
    response = await stage.client.get("/api/v1/plans")
    [record] = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert record["event"] == "request"
    assert (record["method"], record["path"], record["status"]) == ("GET", "/api/v1/plans", 401)
    assert record["request_id"] == response.headers["x-request-id"]
    assert record["client"] == "127.0.0.1"
    assert record["duration_ms"] >= 0


async def test_the_line_names_who_asked_for_which_interview(
    stage: Stage, logged: io.StringIO
) -> None:
    account = await stage.recruiter()
    interview, _ = await stage.interview(account)
    await stage.client.get(f"/api/v1/interviews/{interview.id}", headers=stage.headers(account))
    record = json.loads(logged.getvalue().splitlines()[-1])
    assert record["interview_id"] == str(interview.id)
    assert record["user_id"] == str(account.id)
    assert "request_id" not in structlog.contextvars.get_contextvars()


async def test_no_secret_of_a_whole_visit_is_in_any_line(stage: Stage, logged: io.StringIO) -> None:
    account = await stage.recruiter()
    _, token = await stage.interview(account)
    async with served(stage) as host, httpx.AsyncClient(base_url=f"http://{host}") as client:
        page = await client.get(f"/join/{token}")
        ticket = await client.post("/api/v1/join/ticket", json={"token": token})
        signed_in = await client.post(
            "/api/v1/auth/token", json={"email": account.email, "password": "a wrong guess"}
        )
    assert (page.status_code, ticket.status_code, signed_in.status_code) == (200, 200, 401)
    text = logged.getvalue()
    assert '"/join/[redacted]"' in text
    for secret in (token, ticket.json()["ticket"], "a wrong guess"):
        assert secret not in text


async def test_health_checks_leave_no_line(stage: Stage, logged: io.StringIO) -> None:
    await stage.client.get("/healthz")
    assert logged.getvalue() == ""


async def test_pages_may_run_our_own_files_and_tell_nobody_where_they_are(stage: Stage) -> None:
    for path in ("/join/some-token", "/recruiter"):
        response = await stage.client.get(path)
        assert response.status_code == 200
        policy = response.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert response.headers["referrer-policy"] == "no-referrer"
        assert "microphone=(self)" in response.headers["permissions-policy"]
        assert response.headers["x-content-type-options"] == "nosniff"


async def test_answers_of_the_api_are_kept_nowhere(stage: Stage) -> None:
    response = await stage.client.get("/api/v1/me")
    assert response.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert response.headers["referrer-policy"] == "no-referrer"


async def test_a_body_that_is_too_large_is_refused_announced_or_not(stage: Stage) -> None:
    headers = stage.headers(await stage.recruiter()) | {"content-type": "application/yaml"}
    huge = b"#" * (MAX_BODY_BYTES + 1)

    async def drip() -> AsyncIterator[bytes]:
        for start in range(0, len(huge), 16_384):
            yield huge[start : start + 16_384]

    announced = await stage.client.post("/api/v1/plans", content=huge, headers=headers)
    streamed = await stage.client.post("/api/v1/plans", content=drip(), headers=headers)
    for response in (announced, streamed):
        assert response.status_code == 413
        assert response.json()["code"] == "too-large"


async def test_pages_of_named_origins_may_call_and_others_may_not(stage: Stage) -> None:
    def preflight(origin: str) -> dict[str, str]:
        return {"Origin": origin, "Access-Control-Request-Method": "POST"}

    friend = await stage.client.options(
        "/api/v1/join", headers=preflight("https://careers.example.com")
    )
    stranger = await stage.client.options("/api/v1/join", headers=preflight("https://evil.example"))
    assert friend.headers["access-control-allow-origin"] == "https://careers.example.com"
    assert "access-control-allow-origin" not in stranger.headers


async def test_a_socket_passes_through_untouched(stage: Stage, logged: io.StringIO) -> None:
    async def echo(accepted: WebSocket) -> None:
        await accepted.accept()
        await accepted.send_text(await accepted.receive_text())
        await accepted.close()

    stage.app.add_api_websocket_route("/ws/echo", echo)
    async with served(stage) as host, connect(f"ws://{host}/ws/echo?ticket=hush-hush") as opened:
        await opened.send("hello")
        assert await opened.recv() == "hello"
    assert "hush-hush" not in logged.getvalue()
    assert '"event":"request"' not in logged.getvalue()
