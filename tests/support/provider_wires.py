"""Other providers on loopback, each speaking its own wire: Anthropic, Gemini and Ollama.

A raw HTTP server, so that a reply can be cut off or hang. Each reply begins with thoughts, holds
empty pieces, and counts its tokens, the cached ones apart.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

THOUGHTS = "The candidate was weak on SQL."
ASKED, CACHED, WRITTEN = 40, 30, 9
"""Tokens that every reply counts."""

Rows = Callable[[str], Iterator[bytes]]


@dataclass(slots=True)
class ProviderWire:
    """Server of one provider. `mode` is "", an HTTP status, or hang, stall, cut or garbage;
    `refuse` returns the problem with a request's body, "" for none."""

    rows: Rows
    errors: Callable[[int, str], Any]
    content_type: str
    reply: str = ""
    mode: str = ""
    refuse: Callable[[dict[str, Any]], str] = lambda _body: ""
    asked: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    port: int = 0
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            headers = {k.lower(): v for k, v in re.findall(r"^([\w-]+): *(.*?)\r$", head, re.M)}
            body = json.loads(await reader.readexactly(int(headers.get("content-length", 0))))
            self.asked.append((head.split()[1], headers, body))
            await self._send(writer, body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _send(self, writer: asyncio.StreamWriter, body: dict[str, Any]) -> None:
        if self.mode == "hang":
            await self.closing.wait()
            return
        problem = self.refuse(body)
        if problem or self.mode.isdigit():
            status = 400 if problem else int(self.mode)
            error = json.dumps(self.errors(status, problem or "No.")).encode()
            self._head(writer, status, "application/json", f"content-length: {len(error)}")
            writer.write(error)
            await writer.drain()
            return
        self._head(writer, 200, self.content_type, "transfer-encoding: chunked")
        if self.mode == "stall":
            await writer.drain()
            await self.closing.wait()
            return
        rows = [b"<html>portal</html>\n"] if self.mode == "garbage" else [*self.rows(self.reply)]
        for number, row in enumerate(rows):
            if self.mode == "cut" and number == len(rows) // 2 + 1:
                return
            writer.write(b"%x\r\n%s\r\n" % (len(row), row))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    def _head(self, writer: asyncio.StreamWriter, status: int, kind: str, length: str) -> None:
        lines = (f"HTTP/1.1 {status} x", f"content-type: {kind}", length, "connection: close")
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())


@asynccontextmanager
async def serving(wire: ProviderWire) -> AsyncIterator[ProviderWire]:
    """Listen on a free port."""
    server = await asyncio.start_server(wire.answer, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        wire.closing.set()
        server.close()
        await server.wait_closed()


def words(text: str) -> list[str]:
    return re.findall(r"\s*\S+", text)


def anthropic() -> ProviderWire:
    """Messages of Anthropic: named events, blocks of thinking and of text."""

    def event(kind: str, **fields: Any) -> bytes:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()

    def block(index: int, start: dict[str, Any], deltas: list[dict[str, Any]]) -> Iterator[bytes]:
        yield event("content_block_start", index=index, content_block=start)
        for delta in deltas:
            yield event("content_block_delta", index=index, delta=delta)
        yield event("content_block_stop", index=index)

    def rows(text: str) -> Iterator[bytes]:
        usage = {
            "input_tokens": ASKED - CACHED,
            "cache_read_input_tokens": CACHED,
            "cache_creation_input_tokens": 0,
            "output_tokens": 1,
        }
        message: dict[str, Any] = {
            "id": "msg_1", "type": "message", "role": "assistant", "content": [], "model": "claude",
            "stop_reason": None, "stop_sequence": None, "usage": usage,
        }  # fmt: skip
        yield event("message_start", message=message)
        yield event("ping")
        thinking = [
            {"type": "thinking_delta", "thinking": THOUGHTS},
            {"type": "signature_delta", "signature": "abc"},
        ]
        yield from block(0, {"type": "thinking", "thinking": "", "signature": ""}, thinking)
        said = [{"type": "text_delta", "text": part} for part in ["", *words(text), ""]]
        yield from block(1, {"type": "text", "text": ""}, said)
        over = {"stop_reason": "end_turn", "stop_sequence": None}
        yield event("message_delta", delta=over, usage={**usage, "output_tokens": WRITTEN})
        yield event("message_stop")

    def errors(_status: int, message: str) -> Any:
        return {"type": "error", "error": {"type": "invalid_request_error", "message": message}}

    return ProviderWire(rows, errors, "text/event-stream")


def gemini() -> ProviderWire:
    """streamGenerateContent of Gemini: parts, of which some are thoughts."""

    def rows(text: str) -> Iterator[bytes]:
        usage = {
            "promptTokenCount": ASKED,
            "cachedContentTokenCount": CACHED,
            "candidatesTokenCount": WRITTEN,
            "totalTokenCount": ASKED + WRITTEN,
        }

        def row(*parts: Any, reason: str | None = None) -> bytes:
            candidate: dict[str, Any] = {
                "content": {"role": "model", "parts": list(parts)},
                "index": 0,
            }
            if reason:
                candidate["finishReason"] = reason
            body: dict[str, Any] = {"candidates": [candidate], "modelVersion": "gemini-test"}
            if reason:
                body["usageMetadata"] = usage
            return f"data: {json.dumps(body)}\r\n\r\n".encode()

        yield row({"text": THOUGHTS, "thought": True})
        yield row({"text": ""})
        for part in words(text):
            yield row({"text": part})
        yield row({"text": ""}, reason="STOP")

    def errors(status: int, message: str) -> Any:
        return {"error": {"code": status, "message": message, "status": "INVALID_ARGUMENT"}}

    return ProviderWire(rows, errors, "text/event-stream")


def ollama() -> ProviderWire:
    """/api/chat of Ollama: a line of JSON each, thoughts in a field of their own."""

    def rows(text: str) -> Iterator[bytes]:
        def row(content: str, **fields: Any) -> bytes:
            message: dict[str, Any] = {"role": "assistant", "content": content}
            if thinking := fields.pop("thinking", None):
                message["thinking"] = thinking
            common = {"model": "qwen3", "created_at": "2026-11-26T10:00:00Z", "done": False}
            return json.dumps({**common, "message": message, **fields}).encode() + b"\n"

        yield row("", thinking=THOUGHTS)
        for part in ["", *words(text)]:
            yield row(part)
        yield row(
            "", done=True, done_reason="stop", total_duration=1, load_duration=1,
            prompt_eval_count=ASKED, prompt_eval_duration=1, eval_count=WRITTEN, eval_duration=1,
        )  # fmt: skip

    return ProviderWire(rows, lambda _status, message: {"error": message}, "application/x-ndjson")
