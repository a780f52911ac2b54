"""Erasure on the command line: what is done is said, and so is why not."""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner

from server.administration.database import CommandRefused
from server.administration.erasure import erase_by_contact, erase_by_id
from server.cli import app
from server.store.store import Store
from tests.seeding import SeededInterview
from tests.server.logged import logging_restored

Seed = Callable[..., Awaitable[SeededInterview]]
NUMBER = "+441632960961"


@pytest.fixture
def store(clean_database: AsyncEngine) -> Store:
    return Store.on(clean_database)


async def test_an_interview_is_erased_by_its_id(store: Store, seed_interview: Seed) -> None:
    seeded = await seed_interview()
    assert "erased" in await erase_by_id(store, str(seeded.interview_id))
    for wrong in (str(seeded.interview_id), str(uuid4()), "Ada", ""):
        with pytest.raises(CommandRefused):
            await erase_by_id(store, wrong)


async def test_a_candidate_is_erased_in_every_organisation(
    store: Store, seed_interview: Seed
) -> None:
    for _ in range(2):
        await seed_interview(candidate_phone=NUMBER)
    assert await erase_by_contact(store, email=None, phone=NUMBER) == "2 interviews are erased."
    for email, phone in ((None, NUMBER), ("ada@example.com", None), (None, None)):
        with pytest.raises(CommandRefused):
            await erase_by_contact(store, email=email, phone=phone)


async def test_nothing_is_erased_while_somebody_is_in_one(
    store: Store, seed_interview: Seed
) -> None:
    seeded = await seed_interview(candidate_phone=NUMBER)
    states = {seeded.interview_id: (seeded.organisation_id, {"phase": "asking"})}
    await store.monitors.set_live("a process", states)
    with pytest.raises(CommandRefused, match="end it first"):
        await erase_by_id(store, str(seeded.interview_id))
    with pytest.raises(CommandRefused, match="Nothing was erased"):
        await erase_by_contact(store, email=None, phone=NUMBER)


async def test_the_commands_work_on_the_configured_database(
    database_url: str, store: Store, seed_interview: Seed
) -> None:
    seeded = await seed_interview()

    def run(*words: str) -> tuple[int, str]:
        runner = CliRunner(env={"VIVA_DATABASE_URL": database_url})
        with ThreadPoolExecutor(1) as elsewhere:
            result = elsewhere.submit(runner.invoke, app, list(words)).result()
        return result.exit_code, result.output

    with logging_restored():
        code, said = run("erase", "interview", str(seeded.interview_id))
        assert (code, "is erased" in said) == (0, True)
        code, said = run("erase", "candidate")
        assert (code, "--email or --phone" in said) == (1, True)
    assert await store.interviews.find(seeded.organisation_id, seeded.interview_id) is None
