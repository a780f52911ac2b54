"""Tests: who connects and sends nothing, or a little now and then, holds nothing for long."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from server.http.uvicorn_http import EdgeProtocol
from tests.patience import PATIENCE_S
from tests.server.edge import Edge

POST = b"POST /api/v1/auth/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"

SLOW = {
    "nothing": b"",
    "half a request line": b"GET /healthz",
    "headers without end": b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: b\r\n",
    "a body that never comes": POST + b"Content-Length: 100\r\n\r\n",
    "half a body": POST + b'Content-Length: 100\r\n\r\n{"email":',
    "half a plan": POST.replace(b"auth/token", b"plans") + b"Content-Length: 100\r\n\r\n{",
    "chunks without end": POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    "a second request after the first": b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /",
}


@asynccontextmanager
async def connected(edge: Edge) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A plain connection."""
    host, port = edge.base_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


@pytest.mark.parametrize("kind", SLOW)
async def test_a_request_that_never_ends_is_cut_off(
    edge: Edge, kind: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(EdgeProtocol, "request_within_s", 0.2)
    async with connected(edge) as (reader, writer), asyncio.timeout(PATIENCE_S):
        writer.write(SLOW[kind])
        with caplog.at_level(logging.WARNING), suppress(ConnectionResetError):
            while await reader.read(1_000):
                pass
    assert not [record for record in caplog.records if record.exc_info]


async def test_whoever_drips_is_cut_off_too(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EdgeProtocol, "request_within_s", 0.3)
    async with connected(edge) as (_, writer), asyncio.timeout(PATIENCE_S):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\n")
        while not writer.transport.is_closing():
            writer.write(b"X-A: b\r\n")
            await asyncio.sleep(0)


async def test_a_socket_outlives_the_time_of_a_request(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[EdgeProtocol] = []
    connection_made = EdgeProtocol.connection_made

    def noted(protocol: EdgeProtocol, transport: asyncio.Transport) -> None:
        made.append(protocol)
        connection_made(protocol, transport)

    monkeypatch.setattr(EdgeProtocol, "connection_made", noted)
    async with edge.socket() as tab:
        assert made
        assert made[-1]._due is None
        await tab.send(type="hello", ticket="a ticket of nobody")
        assert await tab.closed() == 4401


async def test_more_connections_than_there_is_room_for_are_let_go(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = EdgeProtocol.connection_made

    def small(protocol: EdgeProtocol, transport: asyncio.Transport) -> None:
        protocol.config.limit_concurrency = 3
        made(protocol, transport)

    monkeypatch.setattr(EdgeProtocol, "connection_made", small)
    held = []
    for _ in range(8):
        host, port = edge.base_url.removeprefix("http://").split(":")
        held.append(await asyncio.open_connection(host, int(port)))
    async with asyncio.timeout(PATIENCE_S):
        reader, _ = held[-1]
        with suppress(ConnectionResetError):
            assert await reader.read(1) == b""
    for _, writer in held:
        writer.transport.abort()
