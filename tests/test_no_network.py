"""The switch itself: a test that leaves this machine fails, loudly, whichever way it takes."""

import asyncio
import os
import socket
from pathlib import Path

import httpx
import pytest
import uvloop

from server.settings import Settings
from tests import no_network
from tests.no_network import OutsideReached

OUTSIDE = "192.0.2.1"  # TEST-NET-1 of RFC 5737: nobody's


@pytest.fixture(autouse=True)
def _forget_what_was_reached_on_purpose(_nothing_outside_was_reached: None) -> object:
    yield
    no_network.reached.clear()


def test_a_plain_socket_cannot_leave() -> None:
    with socket.socket() as plain:
        with pytest.raises(OutsideReached, match=r"192\.0\.2\.1"):
            plain.connect((OUTSIDE, 80))
        with pytest.raises(OutsideReached):
            plain.connect_ex((OUTSIDE, 80))
    with socket.socket(type=socket.SOCK_DGRAM) as datagrams, pytest.raises(OutsideReached):
        datagrams.sendto(b"", (OUTSIDE, 53))


def test_no_name_outside_is_looked_up() -> None:
    with pytest.raises(OutsideReached, match=r"example\.com"):
        socket.getaddrinfo("example.com", 443)


async def test_the_event_loop_cannot_leave() -> None:
    with pytest.raises(OutsideReached):
        await asyncio.open_connection(OUTSIDE, 80)
    with pytest.raises(OutsideReached):
        await asyncio.open_connection("example.com", 443)


def test_uvloop_cannot_leave() -> None:
    async def leave() -> None:
        await asyncio.open_connection(OUTSIDE, 80)

    with (
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        pytest.raises(OutsideReached),
    ):
        runner.run(leave())


async def test_an_http_client_cannot_leave_and_what_it_swallows_is_kept() -> None:
    async with httpx.AsyncClient() as client:
        with pytest.raises(OutsideReached):
            await client.get("https://example.com/")
    assert no_network.reached == ["example.com"]


async def test_loopback_and_unix_sockets_stay_open(tmp_path: Path) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("localhost", port, family=socket.AF_INET)
        assert await reader.read() == b"hello"
        writer.close()
    async with await asyncio.start_unix_server(greet, tmp_path / "s"):
        reader, writer = await asyncio.open_unix_connection(tmp_path / "s")
        assert await reader.read() == b"hello"
        writer.close()


def test_settings_come_from_nowhere_but_the_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("OPENAI_API_KEY=sk-of-a-developer\n")
    monkeypatch.chdir(tmp_path)

    assert Settings().openai_api_key is None
    assert not [name for name in os.environ if name.startswith(("OPENAI_", "VIVA_", "DATABASE_"))]
