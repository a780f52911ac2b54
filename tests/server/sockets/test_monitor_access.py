"""Tests: who watches is checked again and again, whatever befalls the check."""

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from server.sockets.monitor_access import CHECK_EVERY_S, MonitorGuard
from server.store.accounts import AccountStore
from server.store.records import Standing, TicketUser
from sessions.record.retrying import StoreUnavailable
from sessions.side_tasks import FAILURES_BORNE
from tests.support.virtual_time import pass_ms, run_virtual


class Accounts:
    """Accounts that are all recruiters' but for the `revoked`; `error` is raised instead."""

    def __init__(self) -> None:
        self.revoked: set[UUID] = set()
        self.error: Exception | None = None

    async def standings(self, user_ids: Iterable[UUID]) -> dict[UUID, Standing]:
        if self.error is not None:
            raise self.error
        return {
            user: Standing("viewer" if user in self.revoked else "recruiter", 0)
            for user in user_ids
        }


class Watched:
    """A guard and its viewers; `away` are those who were sent away, in order."""

    def __init__(self) -> None:
        self.accounts = Accounts()
        self.guard = MonitorGuard(cast(AccountStore, self.accounts))
        self.away: list[UUID] = []
        self.viewers: list[Any] = []

    def enter(self) -> UUID:
        user = TicketUser(uuid4(), frozenset({"watch", "hint"}), 0)
        self.viewers.append(self.guard.enter(user, lambda: self.away.append(user.user_id)))
        return user.user_id

    async def checks(self, count: int) -> None:
        await pass_ms(count * CHECK_EVERY_S * 1_000 + 10)

    def leave(self) -> None:
        for viewer in self.viewers:
            self.guard.leave(viewer)


ERRORS = [ValueError("no such column"), RuntimeError("a bug"), StoreUnavailable("away")]


@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_a_revoked_recruiter_is_sent_away_after_any_passing_error(error: Exception) -> None:
    async def story() -> None:
        watched = Watched()
        revoked, other = watched.enter(), watched.enter()
        watched.accounts.error = error
        await watched.checks(FAILURES_BORNE - 1)
        assert watched.away == []
        watched.accounts.error = None
        watched.accounts.revoked = {revoked}
        late = watched.enter()
        watched.accounts.revoked.add(late)
        await watched.checks(1)
        assert set(watched.away) == {revoked, late}
        assert other not in watched.away
        watched.leave()

    run_virtual(story())


def test_nobody_goes_on_watching_who_cannot_be_checked() -> None:
    async def story() -> None:
        watched = Watched()
        first = watched.enter()
        watched.accounts.error = ValueError("no such column")
        await watched.checks(FAILURES_BORNE)
        assert watched.away == [first]
        late = watched.enter()
        await watched.checks(1)
        assert late in watched.away
        watched.leave()

    run_virtual(story())


def test_a_database_that_is_away_sends_nobody_away() -> None:
    async def story() -> None:
        watched = Watched()
        watched.enter()
        watched.accounts.error = StoreUnavailable("away")
        await watched.checks(10)
        assert watched.away == []
        watched.leave()

    run_virtual(story())
