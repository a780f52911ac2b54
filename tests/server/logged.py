"""The log of a test, as JSON lines in memory, and logging as it was afterwards."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from server.logs import configure_logging

_LIBRARIES = ("uvicorn", "uvicorn.error", "uvicorn.access", "httpx", "openai", "sqlalchemy")


@contextmanager
def logging_restored() -> Iterator[None]:
    """Logging as in a new process; whatever the block does to it is undone after it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in _LIBRARIES}
    for name in _LIBRARIES:  # a uvicorn that ran before has set its own
        logging.getLogger(name).setLevel(logging.NOTSET)
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        for name, before in levels.items():
            logging.getLogger(name).setLevel(before)
        structlog.reset_defaults()


@contextmanager
def captured() -> Iterator[io.StringIO]:
    """Everything that is logged inside the block at level info, one JSON object a line."""
    with logging_restored():
        stream = io.StringIO()
        configure_logging("info", "json", stream)
        yield stream
