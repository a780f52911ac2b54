"""Report of the doctor: one entry a check, and the worst of them all."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from server.settings import Settings


class CheckStatus(StrEnum):
    """Outcome of a check. WARN: Viva can run, but somebody should know."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """Outcome of a check, without its name."""

    status: CheckStatus
    """How it ended."""

    seen: str
    """What was found."""

    advice: str = ""
    """What to do about it; "" where nothing needs doing."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Finding under the name of its check."""

    name: str
    """Name of the check."""

    status: CheckStatus
    """How it ended."""

    seen: str
    """What was found."""

    advice: str = ""
    """What to do about it; "" where nothing needs doing."""


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """Results of all checks."""

    checks: tuple[CheckResult, ...]
    """Results, in the order of the checks."""

    @property
    def status(self) -> CheckStatus:
        """Worst status of all."""
        found = {check.status for check in self.checks}
        return next((s for s in (CheckStatus.FAIL, CheckStatus.WARN) if s in found), CheckStatus.OK)

    @property
    def exit_code(self) -> int:
        """Exit code: 1 if anything failed, 0 otherwise."""
        return 1 if self.status is CheckStatus.FAIL else 0


@dataclass(slots=True)
class DoctorContext:
    """What is checked, and what earlier checks found out for later ones."""

    settings: Settings
    """Settings to check."""

    today: date
    """Day of the check."""

    openai_models: dict[str, date | None] | None = None
    """Announced end of each model that the OpenAI server lists (None: none is announced); None
    where there is no list."""

    openai_refused: bool = False
    """Whether the OpenAI server refused the key or cannot be reached."""

    clock_ahead_s: float | None = None
    """How far this machine's clock is ahead of the database's; None where they are one or nothing
    was measured."""

    plan_languages: list[str] = field(default_factory=list)
    """Languages of the plans that are kept; empty where they could not be looked at."""

    spoken: NDArray[np.int16] | None = None
    """Speech at 16 kHz that a trial call had spoken; None for none."""

    unknown_variables: list[str] = field(default_factory=list)
    """Names of VIVA_ variables that set nothing."""


def ok(seen: str) -> Finding:
    """Return the finding that all is well."""
    return Finding(CheckStatus.OK, seen)


def warn(seen: str, advice: str) -> Finding:
    """Return the finding that it works, but somebody should know."""
    return Finding(CheckStatus.WARN, seen, advice)


def fail(seen: str, advice: str = "") -> Finding:
    """Return the finding that it cannot work."""
    return Finding(CheckStatus.FAIL, seen, advice)
