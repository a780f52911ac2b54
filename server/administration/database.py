"""Database for one command: it is brought up, used, and let go again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from server.composition import database
from server.database.engine import create_engine
from server.logs import configure_logging
from server.settings import Settings
from server.store.store import Store
from sessions.record.retrying import StoreUnavailable

T = TypeVar("T")


class CommandRefused(Exception):
    """The command cannot be carried out; the text is a sentence for people."""


def with_store(settings: Settings, work: Callable[[Store], Awaitable[T]]) -> T:
    """Do the work on the stores of the configured (or the embedded) database.

    Raises DatabaseStartError, CommandRefused, and what the work raises.
    """
    configure_logging("warning", settings.log_format)

    async def run(url: str) -> T:
        engine = create_engine(url, 2)
        try:
            return await work(Store.on(engine))
        except StoreUnavailable as error:
            raise CommandRefused(str(error)) from error
        finally:
            await engine.dispose()

    with database(settings) as url:
        return asyncio.run(run(url))
