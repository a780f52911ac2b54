"""Rights: who may do what with a running interview, by one table from role to rights."""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Right(StrEnum):
    """What a monitor's ticket may grant."""

    WATCH = "watch"  # the overview, the snapshot, the events
    LISTEN = "listen"  # both sides' sound, and their levels
    HINT = "hint"  # a hint for the interviewer
    CONTROL = "control"  # pause, resume, extend, skip, end
    TAKE_OVER = "take_over"  # the floor, by voice


RIGHTS_OF_ROLE: Mapping[str, frozenset[Right]] = {
    "viewer": frozenset((Right.WATCH,)),
    "observer": frozenset((Right.WATCH, Right.LISTEN)),
    "recruiter": frozenset(Right),
    "admin": frozenset(Right),
}
"""The roles of users. A user with another role may do nothing."""

SETTINGS_ROLES = frozenset(("recruiter", "admin"))
"""The roles that may change what holds for the whole organisation."""


def rights_of(role: str) -> frozenset[Right]:
    """Return all that a role allows; nothing for an unknown role."""
    return RIGHTS_OF_ROLE.get(role, frozenset())


def in_order(rights: Iterable[Right]) -> tuple[Right, ...]:
    """Return the same rights, in the order they are declared in."""
    known = set(rights)
    return tuple(right for right in Right if right in known)
