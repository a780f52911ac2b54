"""Doctor command: what is configured, reachable and missing, and what to do about it.

This file runs the checks and shows what they found; the checks are in `server.doctor.machine`,
`server.doctor.models`, `server.doctor.call` and `server.doctor.telephone`. None of them changes
anything, and none can end the doctor.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from server.doctor.call import CALLS
from server.doctor.machine import (
    check_clock,
    check_database,
    check_disk,
    check_languages,
    check_port,
    check_settings,
)
from server.doctor.models import (
    check_language_model,
    check_openai,
    check_retirements,
    check_speech_to_text,
    check_text_to_speech,
)
from server.doctor.report import (
    CheckResult,
    CheckStatus,
    DoctorContext,
    DoctorReport,
    Finding,
    fail,
)
from server.doctor.telephone import check_telephone
from server.settings import Settings
from server.settings_errors import SettingsError, load_settings, unknown_variables

__all__ = ["CheckResult", "CheckStatus", "DoctorReport", "examine", "print_report", "run_doctor"]

CHECKS: dict[str, Callable[[DoctorContext], Awaitable[Finding]]] = {
    "Settings": check_settings,
    "Database": check_database,
    "OpenAI": check_openai,
    "Speech to text": check_speech_to_text,
    "Text to speech": check_text_to_speech,
    "Interviewer": check_language_model,
    "Languages": check_languages,
    "Telephone": check_telephone,
    "Retirements": check_retirements,
    "Disk": check_disk,
    "Port": check_port,
    "Clock": check_clock,
}
"""Checks by name, in this order: some find out what later ones use."""

CHECK_TIMEOUT_S = 60.0
"""Time limit of one check: making and starting a trial database on a slow disk takes longest."""

_LABELS = {
    CheckStatus.OK: "[green]ok[/]",
    CheckStatus.WARN: "[yellow]warn[/]",
    CheckStatus.FAIL: "[red bold]fail[/]",
}


async def run_doctor(
    settings: Settings | None = None,
    on_check: Callable[[str], None] | None = None,
    *,
    call: bool = False,
) -> DoctorReport:
    """Run every check, one after another; `on_check` takes the name of each before it runs.

    With `call`, providers are called for a trial, which costs a little.
    Without `settings` they are read from the environment and `.env`; wrong ones are the report
    then. Raises nothing of its own.
    """
    if settings is None:
        try:
            settings = load_settings()
        except SettingsError as error:
            return DoctorReport((_wrong_settings(error),))
    context = DoctorContext(
        settings, datetime.now(UTC).date(), unknown_variables=unknown_variables()
    )
    found = []
    for name, check in {**CHECKS, **(CALLS if call else {})}.items():
        if on_check is not None:
            on_check(name)
        finding = await _finding(check, context)
        found.append(CheckResult(name, finding.status, finding.seen, finding.advice))
    return DoctorReport(tuple(found))


async def _finding(
    check: Callable[[DoctorContext], Awaitable[Finding]], context: DoctorContext
) -> Finding:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await check(context)
    except TimeoutError:
        return fail(f"no answer within {CHECK_TIMEOUT_S:.0f} s", "Is this machine overloaded?")
    except Exception as error:  # whatever it is, the other checks still have something to say
        seen = f"the check itself failed: {type(error).__name__}: {error}"
        return fail(seen, "This is a fault of Viva: please report it.")


def print_report(report: DoctorReport, console: Console | None = None) -> int:
    """Print the report as a table, with advice under what needs some; return the exit code."""
    console = console or Console()
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for check in report.checks:
        text = escape(check.seen)
        if check.advice:
            text += f"\n[cyan]-> {escape(check.advice)}[/]"
        table.add_row(_LABELS[check.status], check.name, text)
    console.print(table)
    console.print(_summary(report))
    return report.exit_code


def examine(console: Console | None = None, *, call: bool = False) -> int:
    """Run the checks, print the report, and return the exit code: all of `viva doctor`.

    The name of each check is shown while it runs.
    """
    console = console or Console()
    # What the parts log while they are tried would stand between the lines of the report.
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet)
    with console.status("Looking ...") as status:
        report = asyncio.run(
            run_doctor(on_check=lambda name: status.update(f"Looking at: {name} ..."), call=call)
        )
    return print_report(report, console)


def _summary(report: DoctorReport) -> str:
    failed = sum(check.status is CheckStatus.FAIL for check in report.checks)
    warned = sum(check.status is CheckStatus.WARN for check in report.checks)
    if failed:
        return f"\n[red bold]{failed} of {len(report.checks)} checks failed.[/]"
    if warned:
        return f"\n[yellow]Viva can run; {warned} of {len(report.checks)} checks have a warning.[/]"
    return "\n[green]All is well.[/]"


def _wrong_settings(error: SettingsError) -> CheckResult:
    advice = "Correct it in the environment or in .env (see .env.example), then look again."
    return CheckResult("Settings", CheckStatus.FAIL, str(error), advice)
