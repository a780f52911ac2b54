"""Rate limits: how often one address may call; slowapi's limits as dependencies of the routes.

Limits are counted per client address in this process. Behind a proxy, uvicorn has to be told
to trust it (`forwarded_allow_ips`), or all callers look like one.
"""

import time
from collections.abc import Awaitable, Callable

import limits
from fastapi import FastAPI, Request
from slowapi import Limiter
from slowapi.errors import RateLimitExceeded
from starlette.responses import Response

from server.http.problems import Problem, problem_response
from server.settings import Settings

Check = Callable[[Request], Awaitable[None]]


class RateLimits:
    """One limiter of an app, with a check for each kind of call.

    A check counts one call and raises slowapi's RateLimitExceeded for one too many. A request
    passes one check only: routes have either the general one or a stricter one.
    """

    def __init__(self, settings: Settings) -> None:
        """Raises ValueError, naming the setting, for a limit that cannot be read."""
        self.limiter = Limiter(key_func=client_address, key_style="endpoint")
        self.api = self._check("api", settings.rate_limit_api)
        self.sign_in = self._check("sign_in", settings.rate_limit_sign_in)
        self.join = self._check("join", settings.rate_limit_join)

    def _check(self, kind: str, limit: str) -> Check:
        if not _readable(limit):  # slowapi would only log it, and limit nothing
            raise ValueError(
                f"VIVA_RATE_LIMIT_{kind.upper()}={limit!r} is not a limit such as 10/minute."
            )

        async def check(request: Request) -> None:
            """Count one call, which the decorator does."""

        check.__name__ = kind  # the limiter tells its functions apart by name
        decorated: Check = self.limiter.shared_limit(limit, scope=kind)(check)
        return decorated


def client_address(request: Request) -> str:
    """Return the address that the request came from, for which a limit counts."""
    return request.client.host if request.client else "unknown"


def install_rate_limits(app: FastAPI, settings: Settings) -> None:
    """Give `app` its rate limits. Raises ValueError for a limit that cannot be read."""
    app.state.rate_limits = RateLimits(settings)
    app.add_exception_handler(RateLimitExceeded, _on_exceeded)


async def limit_api(request: Request) -> None:
    """Check the general limit (a dependency)."""
    await _limits_of(request).api(request)


async def limit_sign_in(request: Request) -> None:
    """Check the limit of routes that take a password (a dependency)."""
    await _limits_of(request).sign_in(request)


async def limit_join(request: Request) -> None:
    """Check the limit of routes that take a join token (a dependency)."""
    await _limits_of(request).join(request)


def _limits_of(request: Request) -> RateLimits:
    found = request.app.state.rate_limits
    if not isinstance(found, RateLimits):
        raise TypeError("install_rate_limits was not called for this app")
    return found


def _readable(limit: str) -> bool:
    try:
        return bool(limits.parse_many(limit))
    except ValueError:
        return False


async def _on_exceeded(request: Request, _error: Exception) -> Response:
    item, key = request.state.view_rate_limit
    reset_at, _remaining = _limits_of(request).limiter.limiter.get_window_stats(item, *key)
    wait_s = max(1, int(reset_at - time.time()) + 1)
    return problem_response(
        Problem(
            429,
            "too-many-requests",
            "Too many requests",
            f"Too many requests came from your address; please try again in {wait_s} s.",
            headers={"Retry-After": str(wait_s)},
        )
    )
