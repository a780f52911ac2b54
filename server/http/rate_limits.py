"""Rate limits: how often one address may call, and how often one account may be tried.

The first are slowapi's limits, as dependencies of the routes.

Limits are counted per client address in this process. Behind a proxy, uvicorn has to be told
to trust it (`forwarded_allow_ips`), or all callers look like one.
"""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from uuid import UUID

import limits
from fastapi import FastAPI, Request
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from slowapi import Limiter
from slowapi.errors import RateLimitExceeded
from starlette.responses import Response

from server.http.problems import Problem, problem_response
from server.settings import Settings

Check = Callable[[Request], Awaitable[None]]


KNOWN_ADDRESSES = 10_000
"""Most pairs of an account and an address that are remembered; the least recent are forgotten."""


class AccountLimit:
    """Limit of passwords that are tried for one account, from however many addresses.

    An address that the account has signed in from is counted by itself: whoever guesses from
    elsewhere cannot shut the account's owner out.
    """

    def __init__(self, limit: str) -> None:
        """Raises ValueError for a limit that cannot be read."""
        self._items = _parsed("account", limit)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def take(self, email: str, address: str) -> None:
        """Count a password that is tried. Raises Problem for one too many."""
        key = self._key(email, address)
        for item in self._items:
            if not self._limiter.hit(item, *key):
                reset_at, _ = self._limiter.get_window_stats(item, *key)
                raise _too_many("Too many passwords were tried for this account", reset_at)

    def succeeded(self, email: str, address: str) -> None:
        """Note that the password was right: it does not count, nor do those before it."""
        for item in self._items:
            self._limiter.clear(item, *self._key(email, address))
        known = (email.lower(), address)
        self._known[known] = None
        self._known.move_to_end(known)
        while len(self._known) > KNOWN_ADDRESSES:
            self._known.popitem(last=False)

    def _key(self, email: str, address: str) -> tuple[str, ...]:
        known = (email.lower(), address)
        return known if known in self._known else known[:1]


class JoinLimit:
    """Limit of join tokens: unknown ones by address, known ones by interview.

    Whoever guesses is stopped soon; however many candidates come back from one address, after a
    restart or a lost network, none of them is kept waiting for the others.
    """

    def __init__(self, limit: str) -> None:
        """Raises ValueError for a limit that cannot be read."""
        self._items = _parsed("join", limit)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def take_unknown(self, address: str) -> None:
        """Count a token that leads nowhere. Raises Problem for one too many."""
        self._take("Too many requests came from your address", "unknown", address)

    def take_known(self, interview_id: UUID) -> None:
        """Count a request for an interview. Raises Problem for one too many."""
        self._take("This link was used too often", "interview", str(interview_id))

    def _take(self, what: str, *key: str) -> None:
        for item in self._items:
            if not self._limiter.hit(item, *key):
                reset_at, _ = self._limiter.get_window_stats(item, *key)
                raise _too_many(what, reset_at)


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
        self.join = JoinLimit(settings.rate_limit_join)
        self.account = AccountLimit(settings.rate_limit_account)

    def _check(self, kind: str, limit: str) -> Check:
        _parsed(kind, limit)  # slowapi would only log one that is wrong, and limit nothing

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


def limit_unknown_token(request: Request) -> None:
    """Count a join token that leads nowhere. Raises Problem for one too many."""
    _limits_of(request).join.take_unknown(client_address(request))


def limit_interview(request: Request, interview_id: UUID) -> None:
    """Count a request with a join token of this interview. Raises Problem for one too many."""
    _limits_of(request).join.take_known(interview_id)


def _limits_of(request: Request) -> RateLimits:
    found = request.app.state.rate_limits
    if not isinstance(found, RateLimits):
        raise TypeError("install_rate_limits was not called for this app")
    return found


def limit_account(request: Request, email: str) -> None:
    """Count a password that is tried for an account. Raises Problem for one too many."""
    _limits_of(request).account.take(email, client_address(request))


def password_was_right(request: Request, email: str) -> None:
    """Note that the password that was counted last was the right one."""
    _limits_of(request).account.succeeded(email, client_address(request))


def _parsed(kind: str, limit: str) -> list[limits.RateLimitItem]:
    try:
        found = limits.parse_many(limit)
    except ValueError:
        found = []
    if not found:
        raise ValueError(
            f"VIVA_RATE_LIMIT_{kind.upper()}={limit!r} is not a limit such as 10/minute."
        )
    return found


async def _on_exceeded(request: Request, _error: Exception) -> Response:
    item, key = request.state.view_rate_limit
    reset_at, _remaining = _limits_of(request).limiter.limiter.get_window_stats(item, *key)
    return problem_response(_too_many("Too many requests came from your address", reset_at))


def _too_many(what: str, reset_at: float) -> Problem:
    wait_s = max(1, int(reset_at - time.time()) + 1)
    return Problem(
        429,
        "too-many-requests",
        "Too many requests",
        f"{what}; please try again in {wait_s} s.",
        headers={"Retry-After": str(wait_s)},
    )
