"""What the doctor writes down: one entry a check, and the worst of them all."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from server.settings import Settings


class Status(StrEnum):
    """How a check ended. WARN: Viva can run, but somebody should know."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw, and what to do about it ("" where nothing needs doing)."""

    status: Status
    seen: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A finding under the name of its check."""

    name: str
    status: Status
    seen: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """What was found, in the order in which it was looked at."""

    checks: tuple[Check, ...]

    @property
    def status(self) -> Status:
        """The worst of all."""
        found = {check.status for check in self.checks}
        return next((s for s in (Status.FAIL, Status.WARN) if s in found), Status.OK)

    @property
    def exit_code(self) -> int:
        """1 if anything failed, 0 otherwise."""
        return 1 if self.status is Status.FAIL else 0


@dataclass(slots=True)
class Patient:
    """Who is examined: the settings, the day, and what earlier checks learned for later ones.

    `openai_models` maps each model that the OpenAI server lists to its announced end (None: none
    is announced); it is None where there is no list. `clock_ahead_s` is how far this machine's
    clock runs ahead of the database's, None where they are one or nothing was measured.
    """

    settings: Settings
    today: date
    openai_models: dict[str, date | None] | None = None
    openai_refused: bool = False
    clock_ahead_s: float | None = None
    unknown_variables: list[str] = field(default_factory=list)


def ok(seen: str) -> Finding:
    """All is well."""
    return Finding(Status.OK, seen)


def warn(seen: str, advice: str) -> Finding:
    """It works, but somebody should know."""
    return Finding(Status.WARN, seen, advice)


def fail(seen: str, advice: str = "") -> Finding:
    """It cannot work."""
    return Finding(Status.FAIL, seen, advice)
