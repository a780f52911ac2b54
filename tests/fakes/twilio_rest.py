"""Twilio's REST API on loopback: takes calls, remembers what was asked, and refuses on demand."""

import asyncio
import base64
import json
from typing import Self
from urllib.parse import parse_qs

from tests.fakes.twilio_calls import ACCOUNT, TOKEN, new_sid

PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"


class TwilioRest:
    """`asked` are the forms that came, `placed` the calls that were made of them; a `refusal`
    (status and body) is given in place of the next calls."""

    def __init__(self) -> None:
        self.asked: list[dict[str, list[str]]] = []
        self.placed: list[str] = []
        self.refusal: tuple[int, str] | None = None
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """What VIVA_TWILIO_API_URL is set to."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.splitlines()
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
        form = (await reader.readexactly(int(headers["content-length"]))).decode()
        keys = next(line.split()[-1] for line in lines if line.lower().startswith("authorization"))
        status, body = self._answer(lines[0], base64.b64decode(keys).decode(), form)
        writer.write(
            f"HTTP/1.1 {status} Whatever\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    def _answer(self, request: str, keys: str, form: str) -> tuple[int, str]:
        if not request.startswith(f"POST {PATH} ") or keys != f"{ACCOUNT}:{TOKEN}":
            return 401, json.dumps({"code": 20003, "message": "Authenticate", "status": 401})
        self.asked.append(parse_qs(form))
        if self.refusal is not None:
            return self.refusal
        self.placed.append(new_sid("CA"))
        return 201, json.dumps({"sid": self.placed[-1], "status": "queued"})
