"""Processes that a bench starts: their environment, what they report, and that none is left behind.

A child says that it is ready by one line of JSON on its standard output, and ends when its standard
input does: so it ends, too, when the bench is killed.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

START_WITHIN_S = 90.0
STOP_WITHIN_S = 15.0

_SETTINGS = ("VIVA_", "OPENAI_", "DATABASE_", "LANGCHAIN_", "LANGSMITH_")
"""What a developer's shell may set of these would change what is measured."""


class ChildError(Exception):
    """A process of the bench does not start, or refuses; the text says which, and why."""


@asynccontextmanager
async def child(
    module: str,
    *arguments: str,
    folder: Path,
    settings: Mapping[str, str] | None = None,
    core: int | None = None,
) -> AsyncIterator[tuple[int, dict[str, Any]]]:
    """Run `python -m MODULE` in `folder`, on one core if one is given, for as long as the context.
    Yields its process id and what it reported. Raises ChildError."""
    log_path = folder / f"{module.rpartition('.')[2]}.log"
    with log_path.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *arguments,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log,
            cwd=folder, env=_environment(settings or {}),
        )  # fmt: skip
    try:
        if core is not None:  # before it has threads: they inherit it
            os.sched_setaffinity(process.pid, {core})
        yield process.pid, await _report(process, module, log_path)
    finally:
        await _end(process)


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)}
    path = os.pathsep.join(filter(None, [str(ROOT), kept.get("PYTHONPATH")]))
    return kept | {"PYTHONPATH": path} | dict(settings)


async def _report(process: asyncio.subprocess.Process, module: str, log: Path) -> dict[str, Any]:
    if process.stdout is None:
        raise ChildError(f"{module} has no standard output.")
    try:
        async with asyncio.timeout(START_WITHIN_S):
            line = await process.stdout.readline()
    except TimeoutError:
        raise ChildError(f"{module} did not start within {START_WITHIN_S:.0f} s.") from None
    if not line:
        last = await asyncio.to_thread(log.read_text, encoding="utf-8", errors="replace")
        raise ChildError(f"{module} ended at its start. Its last words:\n{last.strip()[-2_000:]}")
    report: dict[str, Any] = json.loads(line)
    return report


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(STOP_WITHIN_S):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        await process.wait()


# --- in the child -----------------------------------------------------------------------------


def report_ready(facts: Mapping[str, Any]) -> None:
    """Report that this process is ready, and how to reach it."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


async def until_stdin_ends() -> None:
    """Return when the parent has closed our standard input, or has ended."""
    await asyncio.to_thread(sys.stdin.buffer.read)
