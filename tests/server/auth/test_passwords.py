"""Passwords: Argon2id of the right cost, beside the event loop, the same work for nobody."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher
from pytest_mock import MockerFixture

from server.auth import passwords as module
from server.auth.passwords import MAX_LENGTH, PasswordRefused, Passwords
from tests.server.free_loop import QUICK_HASH, rounds_of_each_check


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    made = Passwords(workers=2)
    yield made
    made.close()


async def test_the_right_password_is_known_and_a_wrong_one_is_not(passwords: Passwords) -> None:
    hashed = await passwords.hash("open sesame 7")
    assert hashed.startswith("$argon2id$")
    assert await passwords.verify("open sesame 7", hashed)
    assert not await passwords.verify("open sesame 8", hashed)


@pytest.mark.parametrize("length", [0, 7, 129, 5000])
async def test_a_new_password_of_a_bad_length_is_refused_in_a_sentence(
    passwords: Passwords, length: int
) -> None:
    with pytest.raises(PasswordRefused, match=f"8 to 128 characters; this one has {length}"):
        await passwords.hash("x" * length)


@pytest.mark.parametrize("length", [8, 128])
async def test_the_lengths_at_the_ends_are_accepted(passwords: Passwords, length: int) -> None:
    assert await passwords.verify("ü" * length, await passwords.hash("ü" * length))


async def test_an_overlong_attempt_is_no_match_of_its_beginning(passwords: Passwords) -> None:
    hashed = await passwords.hash("x" * MAX_LENGTH)
    assert not await passwords.verify("x" * (MAX_LENGTH + 1), hashed)


async def test_a_hash_of_another_kind_lets_nobody_in(passwords: Passwords) -> None:
    assert not await passwords.verify("open sesame 7", "$2b$12$something")


async def test_for_nobody_the_same_work_is_done(
    passwords: Passwords, mocker: MockerFixture
) -> None:
    verify = mocker.spy(Argon2Hasher, "verify")
    assert not await passwords.verify("open sesame 7", None)
    assert verify.call_count == 1


def test_the_decoy_costs_what_our_hashes_cost() -> None:
    assert not Argon2Hasher().check_needs_rehash(module._DECOY)


async def test_never_more_than_the_workers_hash_at_once(
    passwords: Passwords, mocker: MockerFixture
) -> None:
    lock = threading.Lock()
    running, most, threads = 0, 0, set()
    real = Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1)

    def counted(_self: Argon2Hasher, _password: str, _hash: str) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            threads.add(threading.current_thread())
        real.hash("work")
        with lock:
            running -= 1
        return False

    mocker.patch.object(Argon2Hasher, "verify", counted)
    await asyncio.gather(*(passwords.verify("guess", None) for _ in range(40)))
    assert most <= 2
    assert threading.main_thread() not in threads


async def test_32_checks_at_once_leave_the_loop_free(
    passwords: Passwords, mocker: MockerFixture
) -> None:
    checks = asyncio.gather(*(passwords.verify("a wrong guess", QUICK_HASH) for _ in range(32)))
    right, rounds = await rounds_of_each_check(checks, mocker)
    assert right == [False] * 32
    assert rounds[16] > 10
