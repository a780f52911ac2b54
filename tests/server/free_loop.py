"""Whether the event loop goes on while passwords are checked beside it: counted in rounds of the
loop, which a busy machine makes fewer of, but never none."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from pwdlib.hashers.argon2 import Argon2Hasher
from pytest_mock import MockerFixture

from tests.server.stage import PASSWORD

T = TypeVar("T")

QUICK_HASH = Argon2Hasher(time_cost=2, memory_cost=8_192, parallelism=1).hash(PASSWORD)
"""Of some 10 ms: long enough to see what goes on meanwhile, a tenth of what a real one takes."""


async def rounds_of_each_check(work: Awaitable[T], mocker: MockerFixture) -> tuple[T, list[int]]:
    """Await `work`: its result, and how many rounds the loop made during each check of a hash in
    it, sorted. A check on the loop, or one that holds the interpreter, sees none."""
    rounds, seen = 0, []
    verify = Argon2Hasher.verify

    def watched(hasher: Argon2Hasher, password: str, password_hash: str) -> bool:
        before = rounds
        right = verify(hasher, password, password_hash)
        seen.append(rounds - before)
        return right

    mocker.patch.object(Argon2Hasher, "verify", watched)
    working = asyncio.ensure_future(work)
    while not working.done():
        rounds += 1
        await asyncio.sleep(0)
    return await working, sorted(seen)
