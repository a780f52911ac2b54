"""The parts that are slow because they are real: who uses them is marked, and nobody else can.

`models` are Whisper and the voice, `browser` is Chromium. A test has the mark if it asks, in any
way, for the fixture `real_models` or `real_browser`; without the mark the part does not open, and
the test fails. So `make test FAST=1` leaves out all that is slow, and nobody has to remember. (The
voice detector is a model too, but of 2 MB, and as quick as a filter: it is always there.)
"""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

import audio.local_voice
import audio.local_whisper
import tests.support.chromium
from tests.house import ROOT

MARKS = {"models": "real_models", "browser": "real_browser"}
"""The marks, and the fixture by which a test gets each."""

PROCESSES = (
    "tests/bench/corpus/",
    "tests/bench/live/",
    "tests/server/database/",
    "tests/server/doctor/",
    "tests/server/test_cli.py",
    "tests/server/test_coming_back.py",
    "tests/server/test_early_stop.py",
    "tests/sessions/record/",
    "tests/test_migrations.py",
    "tests/test_packaging.py",
)
"""Files and folders whose tests start programs, or keep a processor busy for seconds."""

opened: list[str] = []
"""What was opened without its mark; emptied after each test. Kept because the subject of a test
may swallow the error."""

_marked: set[str] = set()


class PartNotMarked(AssertionError):
    """A test opens a real part without asking for it."""


def install() -> None:
    """Guard the parts, for the life of this process."""
    _guard(audio.local_voice, "_load_voice", "models")
    _guard(audio.local_whisper, "_load_model", "models")
    _guard(tests.support.chromium, "open_browser", "browser")


def mark(items: Iterable[pytest.Item]) -> None:
    """Put the marks on the collected tests."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if item.path.relative_to(ROOT).as_posix().startswith(PROCESSES):
            item.add_marker("processes")
        for name, fixture in MARKS.items():
            if fixture in fixtures:
                item.add_marker(name)


def is_marked(item: pytest.Item) -> bool:
    """Whether a test uses a real part."""
    return any(item.get_closest_marker(name) is not None for name in MARKS)


def allow(item: pytest.Item) -> None:
    """Let this test open what it is marked for."""
    _marked.clear()
    _marked.update(name for name in MARKS if item.get_closest_marker(name) is not None)


def needs(name: str) -> None:
    """Raise PartNotMarked unless the running test has this mark: for what opens the part in a
    process of its own, which the guards do not see."""
    if name not in _marked:
        opened.append(name)
        raise PartNotMarked(f"Ask for the fixture {MARKS[name]}: this test opens a real part.")


def _guard(module: Any, function: str, name: str) -> None:
    real: Callable[..., Any] = getattr(module, function)

    def guarded(*arguments: Any, **named: Any) -> Any:
        needs(name)
        return real(*arguments, **named)

    setattr(module, function, guarded)
