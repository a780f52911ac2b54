"""Passwords: Argon2id, hashed in a few threads beside the event loop, always with the same work."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher

MIN_LENGTH = 8
"""Shortest password, in characters, as NIST SP 800-63B asks for at least."""

MAX_LENGTH = 128
"""Longest password, in characters; it bounds the work of a hash."""

_DECOY = (
    "$argon2id$v=19$m=65536,t=3,p=4$dmVyaWZ5IG5vdGhpbmcuLg$"
    "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE"
)
"""Hash that no password has; its costs are those of the hashes we make."""

T = TypeVar("T")


class PasswordRefused(Exception):
    """A new password is too short or too long; the text says which."""


class Passwords:
    """Hashes and verifies passwords in threads of its own."""

    def __init__(self, workers: int = 2) -> None:
        """Make `workers` threads; each hash takes 64 MiB and about 0.3 s of a core.

        Callers beyond that wait without a thread of their own.
        """
        self._hasher = PasswordHash((Argon2Hasher(),))
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="password")
        self._turns = asyncio.Semaphore(workers)

    async def hash(self, password: str) -> str:
        """Return the Argon2id hash of a new password. Raises PasswordRefused for its length."""
        if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
            raise PasswordRefused(
                f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters; "
                f"this one has {len(password)}."
            )
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Return whether the password is right.

        Without a hash (nobody has that e-mail address) the same work is done for a decoy, so
        that the time of the answer does not say which addresses have an account.
        """
        return await self._run(lambda: self._verify(password, password_hash))

    def close(self) -> None:
        """End the threads; hashes under way are finished."""
        self._pool.shutdown(wait=False)

    async def _run(self, work: Callable[[], T]) -> T:
        async with self._turns:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def _verify(self, password: str, password_hash: str | None) -> bool:
        if password_hash is None or len(password) > MAX_LENGTH:
            self._hasher.verify(password[:MAX_LENGTH], _DECOY)
            return False
        try:
            return self._hasher.verify(password, password_hash)
        except PwdlibError:  # a hash of another kind in the table: nobody can sign in with it
            return False
