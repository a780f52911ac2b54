"""Events of a Realtime server, held against the official client's own models of them."""

import json
from typing import Any, get_args

from openai.types.realtime import RealtimeServerEvent
from pydantic import BaseModel

Event = dict[str, Any]


def _kind(model: type[BaseModel]) -> str:
    (name,) = get_args(model.model_fields["type"].annotation)
    return str(name)


SERVER_EVENTS: dict[str, type[BaseModel]] = {
    _kind(model): model for model in get_args(get_args(RealtimeServerEvent)[0])
}
"""The client's own models of what a server may send."""


def checked(message: str | bytes) -> Event:
    """A server's message, held against the client's own model of it: no field missing, none of
    another type, none that the model does not have."""
    event: Event = json.loads(message)
    parsed = SERVER_EVENTS[event["type"]].model_validate(event)
    assert not parsed.model_extra, parsed.model_extra
    return event
