"""Rights: who may do what, by one table from role to rights, for routes and for sockets."""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Right(StrEnum):
    """What a role may allow. The first five can be granted by a monitor's ticket as well."""

    WATCH = "watch"  # the overview, the snapshot, the events; reading what is on record
    LISTEN = "listen"  # both sides' sound, and their levels
    HINT = "hint"  # a hint for the interviewer
    CONTROL = "control"  # pause, resume, extend, skip, end
    TAKE_OVER = "take_over"  # the floor, by voice
    INVITE = "invite"  # upload plans, invite candidates, renew links
    CALL = "call"  # have a candidate called
    ERASE = "erase"  # an interview, or a candidate, with all that is on record
    SETTINGS = "settings"  # what holds for the whole organisation
    MEMBERS = "members"  # who may sign in, and with what role


MONITOR_RIGHTS = frozenset((Right.WATCH, Right.LISTEN, Right.HINT, Right.CONTROL, Right.TAKE_OVER))
"""The rights that a monitor's ticket may grant."""

RIGHTS_OF_ROLE: Mapping[str, frozenset[Right]] = {
    "viewer": frozenset((Right.WATCH,)),
    "observer": frozenset((Right.WATCH, Right.LISTEN)),
    "recruiter": frozenset(Right) - {Right.MEMBERS},
    "admin": frozenset(Right),
}
"""The roles of users. A user with another role may do nothing but see to the own account."""


def rights_of(role: str) -> frozenset[Right]:
    """Return all that a role allows; nothing for an unknown role."""
    return RIGHTS_OF_ROLE.get(role, frozenset())


def in_order(rights: Iterable[Right]) -> tuple[Right, ...]:
    """Return the same rights, in the order they are declared in."""
    known = set(rights)
    return tuple(right for right in Right if right in known)
