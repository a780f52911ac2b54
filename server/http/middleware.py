"""HTTP middleware: the id, the log line, the limit in size and the headers of every request.

Pure ASGI, so that streams are not held up; WebSockets pass through untouched.
"""

import secrets
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.http.problems import Problem, problem_response, unexpected_response
from server.logs import get_logger, redact_text

MAX_BODY_BYTES = 256 * 1024
"""Largest body of a request. The largest thing that is taken, a plan, may have half of it."""

QUIET_PATHS = ("/healthz", "/readyz", "/static/", "/docs-assets/")
"""Beginnings of paths that are asked for so often that their lines are logged at level debug."""

_PERMISSIONS = "microphone=(self), camera=(), geolocation=(), display-capture=()"

PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self' ws: wss:",
        "worker-src 'self' blob:",
        "media-src 'self' blob:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""Content security policy of every page but /docs."""

DOCS_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'unsafe-inline'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Content security policy of /docs alone: FastAPI's page starts Swagger UI by a script inside."""

log = get_logger(__name__)


class HttpMiddleware:
    """Wraps the app. An unexpected error is logged here, once, and answered with a plain 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. What it binds to the log's context ends with it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        outside = structlog.contextvars.get_contextvars()
        request_id = secrets.token_hex(8)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._serve(scope, receive, _Response(send, scope["path"], request_id))
        finally:
            structlog.contextvars.clear_contextvars()
            structlog.contextvars.bind_contextvars(**outside)

    async def _serve(self, scope: Scope, receive: Receive, response: "_Response") -> None:
        began = time.perf_counter()
        try:
            if _announced_size(scope) > MAX_BODY_BYTES:
                await problem_response(_too_large())(scope, receive, response.send)
            else:
                await self._app(scope, _bounded(receive), response.send)
        except ClientDisconnect:
            log.info("request broken off", method=scope["method"], path=_path(scope))
        except Exception:
            log.exception("request failed", method=scope["method"], path=_path(scope))
            if response.status is None:
                await unexpected_response()(scope, receive, response.send)
        finally:
            _write_line(scope, response.status, time.perf_counter() - began)


class _Response:
    """The response on its way out, with our headers where the route has not set them itself."""

    def __init__(self, send: Send, path: str, request_id: str) -> None:
        self._send = send
        self._path = path
        self._request_id = request_id
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._add_headers(message)
        await self._send(message)

    def _add_headers(self, message: MutableMapping[str, Any]) -> None:
        headers = MutableHeaders(scope=message)
        headers["X-Request-ID"] = self._request_id
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "no-referrer")  # links hold join tokens
        headers.setdefault("Permissions-Policy", _PERMISSIONS)
        policy = DOCS_POLICY if self._path == "/docs" else PAGE_POLICY
        headers.setdefault("Content-Security-Policy", policy)
        if self._path.startswith("/api/"):
            headers.setdefault("Cache-Control", "no-store")


def _announced_size(scope: Scope) -> int:
    size = Headers(scope=scope).get("content-length", "")
    return int(size) if size.isascii() and size.isdigit() else 0


def _bounded(receive: Receive) -> Receive:
    """Return a `receive` that raises Problem once the body has become too large."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > MAX_BODY_BYTES:
                raise _too_large()
        return message

    return counted


def _too_large() -> Problem:
    return Problem(
        413,
        "too-large",
        "Too large",
        f"A request may have {MAX_BODY_BYTES // 1024} KiB at most.",
    )


def _path(scope: Scope) -> str:
    return redact_text(scope["path"])


def _write_line(scope: Scope, status: int | None, seconds: float) -> None:
    quiet = scope["path"].startswith(QUIET_PATHS)
    client = scope.get("client")
    log.log(
        10 if quiet else 20,
        "request",
        method=scope["method"],
        path=_path(scope),
        status=status,
        duration_ms=round(seconds * 1000, 1),
        client=client[0] if client else None,
    )
