"""The book of costs: every amount goes on record, also when several write at once or one fails."""

import asyncio
from uuid import uuid4

import pytest

from audio.metering import Consumption, Service
from sessions.cost.book import CostBook
from sessions.cost.tally import Tally
from sessions.record.retrying import StoreUnavailable
from tests.support.virtual_time import pass_ms, run_virtual


class SlowLog:
    """A log that takes 100 ms, and notes what it was given; `fails` once where it is set."""

    def __init__(self) -> None:
        self.put_of: list[Tally] = []
        self.together = self.most_together = 0
        self.fails = False

    async def put(self, tally: Tally) -> None:
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        await pass_ms(100)
        self.together -= 1
        if self.fails:
            self.fails = False
            raise StoreUnavailable("The database is away.")
        self.put_of.append(tally)


def spend(tally: Tally) -> None:
    tally.add(Consumption(Service.SPEAKING, "voices.example", "a voice", characters=10))


def test_sessions_that_end_while_all_is_written_wait_for_each_other() -> None:
    async def story() -> None:
        log = SlowLog()
        book = CostBook(log)
        tallies = [book.open(uuid4()) for _ in range(3)]
        for tally in tallies:
            spend(tally)
        await asyncio.gather(*(book.write() for _ in range(5)))
        assert set(log.put_of) == set(tallies)
        assert len(log.put_of) == 3
        assert log.most_together == 1

    run_virtual(story())


def test_what_grows_while_it_is_written_is_written_again() -> None:
    async def story() -> None:
        log = SlowLog()
        book = CostBook(log)
        tally = book.open(uuid4())
        spend(tally)
        writing = asyncio.create_task(book.write())
        await pass_ms(50)
        spend(tally)
        await writing
        await book.write()
        assert log.put_of == [tally, tally]

    run_virtual(story())


def test_what_could_not_be_written_is_written_the_next_time() -> None:
    async def story() -> None:
        log = SlowLog()
        log.fails = True
        book = CostBook(log)
        tally = book.open(uuid4())
        spend(tally)
        with pytest.raises(StoreUnavailable):
            await book.write()
        await book.write()
        assert log.put_of == [tally]

    run_virtual(story())
