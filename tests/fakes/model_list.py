"""A server on loopback that answers `GET /v1/models` in OpenAI's way, or refuses to."""

import asyncio
import json
from typing import Self


class FakeModelList:
    """`status` and `body` are what the next requests get; `keys` what they came with."""

    def __init__(self, body: object = None, status: int = 200) -> None:
        self.body = body
        self.status = status
        self.keys: list[str] = []
        self.chat_status = 200
        self.chat_body = b'data: {"choices":[{"delta":{"content":"Hello."}}]}\n\ndata: [DONE]\n\n'
        self._server: asyncio.Server | None = None

    @property
    def base_url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        for line in head.splitlines():
            if line.lower().startswith("authorization:"):
                self.keys.append(line.split()[-1])
        status, body = self.status, json.dumps(self.body).encode()
        if "/chat/completions" in head:
            status, body = self.chat_status, self.chat_body
        writer.write(
            f"HTTP/1.1 {status} Whatever\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()


def models(**shutdown_dates: str | None) -> dict[str, object]:
    """The body that lists these models; `_` stands for `-` and `__` for `.` in a name."""
    data = [
        {
            "id": name.replace("__", ".").replace("_", "-"),
            "object": "model",
            "created": 1,
            "owned_by": "test",
            "shutdown_date": day,
        }
        for name, day in shutdown_dates.items()
    ]
    return {"object": "list", "data": data}
