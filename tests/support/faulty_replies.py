"""The replies of the OpenAI double, and the faults they can have."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from tests.support.double_bill import DoubleBill

GARBAGE = b"<html><body>Welcome to the captive portal</body></html>"


@dataclass(frozen=True, slots=True)
class Reply:
    """The way to answer one request: `fault` is "" or a mode of `OpenAIDouble.fail`."""

    fault: str
    closing: asyncio.Event
    drip_ms: float
    retry_after_s: float

    @property
    def answered(self) -> bool:
        """Whether the status is 200: then it is billed."""
        return not self.fault.isdigit() and self.fault not in ("quota", "hang")


def json_reply(body: Mapping[str, Any], reply: Reply) -> Response:
    """Answer with a JSON document, or its fault."""
    return _reply(_once(json.dumps(body).encode()), "application/json", reply)


def speech_reply(sound: AsyncIterator[bytes], reply: Reply) -> Response:
    """Answer with streamed PCM, or its fault."""
    return _reply(sound, "audio/pcm", reply)


def chat_reply(
    body: Mapping[str, Any], text: str, token_ms: float, reply: Reply, billed: DoubleBill
) -> Response:
    """Answer with a chat completion, as server-sent events if the request says so, or its fault."""
    prompt_tokens = sum(len(str(m.get("content", "")).split()) for m in body["messages"])
    tokens = re.findall(r"\s*\S+", text) or [text]
    usage = {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": len(tokens),
        "total_tokens": prompt_tokens + len(tokens),
    }
    model = str(body.get("model", ""))
    if reply.answered:
        billed.input_tokens[model] += prompt_tokens
    common = {"id": "chatcmpl-double", "created": 0, "model": model}
    if not body.get("stream"):
        billed.output_tokens[model] += len(tokens) if reply.answered else 0
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        whole = common | {"object": "chat.completion", "choices": [choice], "usage": usage}
        return json_reply(whole, reply)
    wants_usage = bool((body.get("stream_options") or {}).get("include_usage"))
    chunk = common | {"object": "chat.completion.chunk"}

    def sent() -> None:
        billed.output_tokens[model] += 1

    events = _events(chunk, tokens, token_ms / 1000, usage if wants_usage else None, sent)
    return _reply(events, "text/event-stream", reply)


async def sleep_until(when_s: float) -> None:
    """Sleep until a time of the running loop. A row of sleeps, each a little late, would drift."""
    left = when_s - asyncio.get_running_loop().time()
    if left > 0:
        await asyncio.sleep(left)


def error_reply(
    status: int,
    message: str,
    headers: Mapping[str, str] | None = None,
    code: str | None = None,
) -> Response:
    """Answer with an error in OpenAI's form."""
    body = {"error": {"message": message, "type": "double", "param": None, "code": code}}
    return JSONResponse(body, status, headers=headers)


async def _events(
    chunk: dict[str, Any],
    tokens: list[str],
    pause_s: float,
    usage: dict[str, int] | None,
    sent: Callable[[], None],
) -> AsyncIterator[bytes]:
    def event(delta: dict[str, str], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return f"data: {json.dumps(chunk | {'choices': [choice]})}\n\n".encode()

    yield event({"role": "assistant", "content": ""})
    began = asyncio.get_running_loop().time()
    for number, token in enumerate(tokens):
        await sleep_until(began + number * pause_s)
        sent()
        yield event({"content": token})
    yield event({}, "stop")
    if usage is not None:
        yield f"data: {json.dumps(chunk | {'choices': [], 'usage': usage})}\n\n".encode()
    yield b"data: [DONE]\n\n"


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _reply(body: AsyncIterator[bytes], kind: str, reply: Reply) -> Response:
    if reply.fault.isdigit():
        headers = {"retry-after": f"{reply.retry_after_s:g}"} if reply.fault == "429" else None
        return error_reply(int(reply.fault), f"The double answers {reply.fault}.", headers)
    if reply.fault == "quota":
        return error_reply(429, "You have no credit left.", code="insufficient_quota")
    if reply.fault == "garbage":
        garbage = b"data: {not json\n\n" if kind == "text/event-stream" else GARBAGE
        return Response(garbage, media_type=kind)
    return _Streamed(body, kind, reply)


class _Streamed(Response):
    """Sender of a body piece by piece, with the fault on its way."""

    def __init__(self, body: AsyncIterator[bytes], kind: str, reply: Reply) -> None:
        super().__init__(media_type=kind)
        del self.headers["content-length"]
        self._pieces = body
        self._reply = reply

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._reply.fault
        if fault == "hang":
            await self._reply.closing.wait()
            return
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        if fault == "stall":
            await send({"type": "http.response.body", "body": b"", "more_body": True})
            await self._reply.closing.wait()
            return
        pieces = [p async for p in self._pieces] if fault in ("drip", "cut") else None
        if pieces is None:
            async for piece in self._pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        elif fault == "cut":
            whole = b"".join(pieces)
            await send(
                {"type": "http.response.body", "body": whole[: len(whole) // 2], "more_body": True}
            )
            return  # without the end of the body: the server closes the connection
        else:
            await self._drip(b"".join(pieces), receive, send)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _drip(self, whole: bytes, receive: Receive, send: Send) -> None:
        gone = asyncio.create_task(_disconnected(receive))
        try:
            for at in range(len(whole)):
                await send(
                    {"type": "http.response.body", "body": whole[at : at + 1], "more_body": True}
                )
                await asyncio.sleep(self._reply.drip_ms / 1000)
                if gone.done() or self._reply.closing.is_set():
                    return
        finally:
            gone.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
