"""Learnt refusals: what each server and model does not take, remembered for the process.

A parameter that is refused once is left out of, or changed in, all later requests of all sessions.
It is logged once; `viva doctor` tells it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import structlog

SYSTEM_ROLE = "system role"
"""Stands, among the parameters, for messages of the system: some chat templates know none, and the
instructions go in front of the user's first message."""

EFFORTS = ("none", "minimal", "low", "medium", "high")
"""Reasoning efforts, from the quickest on."""

log = structlog.get_logger()

Changes = dict[str, str | None]
"""What to do with each parameter that is refused: leave it out (None), or send that value."""

_learnt: dict[tuple[str, str], Changes] = {}


def learnt(server: str, model: str) -> Mapping[str, str | None]:
    """Return what is to be changed in a request to that model, as far as it is known."""
    return _learnt.get((server, model), {})


def learn(server: str, model: str, changes: Mapping[str, str | None]) -> None:
    """Remember changes with which a request was accepted."""
    known = _learnt.setdefault((server, model), {})
    new = {name: value for name, value in changes.items() if known.get(name, "") != value}
    if new:
        known.update(new)
        log.warning(
            "language model refuses parameters",
            server=server,
            model=model,
            refused=described(new),
        )


def all_learnt() -> dict[tuple[str, str], str]:
    """Return what each server and model does not take, in words."""
    return {key: described(changes) for key, changes in _learnt.items() if changes}


def forget_all() -> None:
    """Forget everything, as at the start of the process."""
    _learnt.clear()


def described(changes: Mapping[str, str | None]) -> str:
    """Return changes in words: "temperature left out, reasoning_effort low"."""
    return ", ".join(
        f"{name} left out" if value is None else f"{name} {value}"
        for name, value in changes.items()
    )


def applied(request: Mapping[str, Any], changes: Mapping[str, str | None]) -> dict[str, Any]:
    """Return a request with the changes made to it."""
    body: dict[str, Any] = {
        name: changes.get(name) or value
        for name, value in request.items()
        if changes.get(name, "") is not None
    }
    if SYSTEM_ROLE in changes:
        body["messages"] = without_system(body["messages"])
    return body


def without_system(messages: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return messages with those of the system in front of the first message of the user."""
    system = [str(m["content"]) for m in messages if m["role"] == "system"]
    rest = [dict(m) for m in messages if m["role"] != "system"]
    if not system:
        return rest
    if not rest or rest[0]["role"] != "user":
        return [{"role": "user", "content": "\n\n".join(system)}, *rest]
    first = "\n\n".join([*system, str(rest[0]["content"])])
    return [{**rest[0], "content": first}, *rest[1:]]


def change_for(name: str, request: Mapping[str, Any], refusal: str) -> str | None:
    """Return the value to send in place of a refused one, None to leave the parameter out.

    A refused effort is changed to the quickest of those that the refusal lists.
    """
    if name != "reasoning_effort":
        return None
    listed = re.search(
        r"(?:supported|valid|allowed|permitted|one of|must be|expected)\b(.*)",
        refusal[refusal.lower().find("effort") :],
        re.IGNORECASE | re.DOTALL,
    )
    offered = set(re.findall(r"[a-z]+", listed[1].lower())) if listed else set()
    tried = str(request.get(name, ""))
    return next((effort for effort in EFFORTS if effort in offered and effort != tried), None)
