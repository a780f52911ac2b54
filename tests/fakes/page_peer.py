"""Stands for the server in the tests of the pages: serves them, speaks viva.v1, answers the API.

A test drives it step by step: `leg = await peer.next_leg()`, `await leg.expect(Start)`,
`await leg.say(AudioBegin(...))`. What the page sends is parsed by the real protocol models.
"""

import asyncio
import secrets
from typing import Any, TypeVar

from fastapi import FastAPI, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse
from playwright.async_api import Page

from server.dialects.browser.messages import (
    CLIENT_MESSAGE,
    SUBPROTOCOL,
    ClientMessage,
    Hello,
    Line,
    Message,
    Ping,
    Pong,
    Ready,
    Start,
)
from server.web import Assets, router
from tests.patience import PATIENCE_S

M = TypeVar("M", bound=Message)

TOKEN = "a-join-token-of-the-page-tests"
INVITATION: dict[str, Any] = {
    "interview_id": "3f6c0a5e-0f0e-4a0c-8a35-0f8f2f7c1c9e",
    "candidate_name": "Ada Lovelace",
    "title": "Backend engineer, first conversation",
    "organisation": "Northwind Labs",
    "language": "en",
    "time_limit_s": 900,
    "status": "invited",
    "begun": False,
    "consent_text": (
        "You will be interviewed by a computer. What you say is turned into text as you speak, "
        "and the text, with its times, is kept for Northwind Labs to read. The sound itself is "
        "not kept. You can end the interview whenever you like."
    ),
    "persona_name": "Robin",
}


class Leg:
    """One socket of the page, from the server's side."""

    def __init__(self, websocket: WebSocket) -> None:
        self.websocket = websocket
        self.messages: list[ClientMessage] = []
        self.frames: list[bytes] = []
        self.frames_before_start = 0
        self.over = False
        self.answers_pings = True
        self._read = 0
        self._news = asyncio.Condition()

    async def say(self, message: Message) -> None:
        """Send one control message."""
        await self.websocket.send_text(message.model_dump_json())

    async def say_text(self, text: str) -> None:
        """Send a text frame as it is."""
        await self.websocket.send_text(text)

    async def play(self, pcm: bytes) -> None:
        """Send PCM16 24 kHz in one piece, which no busy machine can hold up in the middle."""
        await self.websocket.send_bytes(pcm)

    async def close(self, code: int, reason: str = "") -> None:
        """Close the socket from the server's side."""
        await self.websocket.close(code, reason)

    async def expect(self, kind: type[M]) -> M:
        """The next message of this kind, past those already taken; TimeoutError if none comes."""
        return await asyncio.wait_for(self._next(kind), PATIENCE_S)

    async def heard(self, frames: int) -> list[bytes]:
        """All frames so far, once there are at least so many."""
        async with self._news:
            waiting = self._news.wait_for(lambda: len(self.frames) >= frames)
            await asyncio.wait_for(waiting, PATIENCE_S)
        return self.frames

    async def gone(self) -> None:
        """Returns when the socket has closed."""
        async with self._news:
            await asyncio.wait_for(self._news.wait_for(lambda: self.over), PATIENCE_S)

    async def _next(self, kind: type[M]) -> M:
        async with self._news:
            while True:
                while self._read < len(self.messages):
                    message = self.messages[self._read]
                    self._read += 1
                    if isinstance(message, kind):
                        return message
                await self._news.wait()

    async def listen(self) -> None:
        """Take what comes until the socket closes."""
        try:
            while True:
                event = await self.websocket.receive()
                if event["type"] == "websocket.disconnect":
                    break
                await self._take(event)
        except (WebSocketDisconnect, RuntimeError):
            pass  # closed from this side
        async with self._news:
            self.over = True
            self._news.notify_all()

    async def _take(self, event: Any) -> None:
        async with self._news:
            if event.get("text") is not None:
                message = CLIENT_MESSAGE.validate_json(event["text"])
                if isinstance(message, Ping) and self.answers_pings:
                    await self.say(Pong(t=message.t))
                self.messages.append(message)
            else:
                self.frames.append(event["bytes"])
                if not any(isinstance(m, Start) for m in self.messages):
                    self.frames_before_start += 1
            self._news.notify_all()


class PagePeer:
    """The server's side. Attributes are set by a test before the page asks."""

    def __init__(self) -> None:
        self.address = ""
        self.join_problem: JSONResponse | None = None
        self.ticket_problem: JSONResponse | None = None
        self.invitation = dict(INVITATION)
        self.ready = Ready(
            session_id="s-1",
            candidate_name="Ada Lovelace",
            title=INVITATION["title"],
            resumed=False,
            time_left_ms=900_000,
            transcript=[],
            opened_ms=1_700_000_000_000,
        )
        self.refuse_tickets = 0
        self.tickets: set[str] = set()
        self.tickets_asked = 0
        self.asked = asyncio.Condition()
        self._legs: asyncio.Queue[Leg] = asyncio.Queue()
        self.extra: FastAPI | None = None

    async def next_leg(self, *, started: bool = True) -> Leg:
        """The next socket that said hello with a good ticket (and then start)."""
        leg = await asyncio.wait_for(self._legs.get(), PATIENCE_S)
        if started:
            await leg.expect(Start)
        return leg

    def resume_with(self, lines: list[Line]) -> None:
        """The next session.ready says that the interview had begun, with this transcript."""
        self.ready = self.ready.model_copy(update={"resumed": True, "transcript": lines})

    def app(self) -> FastAPI:
        """The pages, /static, the candidate's API and the socket."""
        app = FastAPI()
        app.include_router(router)
        app.mount("/static", Assets())
        app.add_api_route("/api/v1/join", self._join, methods=["POST"], response_model=None)
        app.add_api_route(
            "/api/v1/join/ticket", self._ticket, methods=["POST"], response_model=None
        )
        app.add_api_websocket_route("/ws/interview", self._socket)
        return app

    async def _join(self, request: Request) -> JSONResponse:
        if (await request.json()) != {"token": TOKEN}:
            return problem(404, "unknown-link", "Unknown link", "This link leads to no interview.")
        return self.join_problem or JSONResponse(self.invitation)

    async def _ticket(self, request: Request) -> JSONResponse:
        async with self.asked:
            self.tickets_asked += 1
            self.asked.notify_all()
        if self.ticket_problem:
            return self.ticket_problem
        ticket = secrets.token_urlsafe(24)
        self.tickets.add(ticket)
        url = f"ws://{request.url.netloc}/ws/interview"
        return JSONResponse({"ticket": ticket, "socket_url": url, "expires_in": 30})

    async def _socket(self, websocket: WebSocket) -> None:
        assert websocket.scope["subprotocols"] == [SUBPROTOCOL]
        await websocket.accept(SUBPROTOCOL)
        leg = Leg(websocket)
        listening = asyncio.create_task(leg.listen())
        hello = await leg.expect(Hello)
        if self.refuse_tickets > 0 or hello.ticket not in self.tickets:
            self.refuse_tickets -= 1
            await leg.close(4401, "The ticket is unknown, used or expired.")
        else:
            self.tickets.remove(hello.ticket)
            await leg.say(self.ready)
            self._legs.put_nowait(leg)
        await listening


def problem(status: int, code: str, title: str, detail: str, **more: Any) -> JSONResponse:
    """A problem+json answer as the server's own look."""
    body = {"type": f"urn:viva:problem:{code}", "title": title, "status": status, "code": code}
    body |= {"detail": detail, "request_id": "r-1", **more}
    return JSONResponse(body, status, media_type="application/problem+json")


async def enter(page: Page, peer: PagePeer) -> Leg:
    """Open the link in a browser, consent, start: the interview's first leg."""
    await page.goto(f"{peer.address}/join/{TOKEN}?raw=1")
    await page.get_by_test_id("consent").check()
    await page.get_by_test_id("start").click()
    return await peer.next_leg()


async def stats(page: Page) -> dict[str, Any]:
    """What the page has counted."""
    found: dict[str, Any] = await page.evaluate("window.vivaStats")
    return found
