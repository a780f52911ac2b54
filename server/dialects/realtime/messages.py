"""Client events of the OpenAI Realtime protocol, as models: the GA names of openai 3.54.

Fields that are not named here are ignored, as a client may know newer ones. What an interview does
not allow is decided elsewhere; here is only what can be read.
"""

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

PATH = "/v1/realtime"
"""Path of the official client, given a base URL that ends in `/v1`."""

SUBPROTOCOL = "realtime"
KEY_SUBPROTOCOL = "openai-insecure-api-key."
"""Prefix of the key among the subprotocols: a browser's socket can send no headers."""

MAX_ID_CHARS = 64
MAX_TYPED_CHARS = 4_000
"""Longest written answer: five minutes of fast typing."""

MAX_NUMBER = 2**53
"""Largest number that JavaScript writes exactly."""


def _rounded(value: object) -> object:
    """Round a number, and bring it within what makes sense; anything else stays as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if isinstance(value, float) and math.isnan(value):
        return value
    return round(min(max(value, 0), MAX_NUMBER))


WholeNumber = Annotated[int, BeforeValidator(_rounded)]
"""Whole number that is not negative, from clients that compute with floating point."""

Id = Annotated[str, Field(min_length=1, max_length=MAX_ID_CHARS)]


class ClientEvent(BaseModel):
    """Event with the client's own id, which comes back with an error."""

    model_config = ConfigDict(frozen=True, strict=True)

    event_id: str | None = Field(default=None, max_length=512)


class SessionUpdate(ClientEvent):
    """Settings to change; the fields that are not there stay as they are."""

    type: Literal["session.update"]
    session: dict[str, Any]


class AudioAppend(ClientEvent):
    """Audio in the input format, base64."""

    type: Literal["input_audio_buffer.append"]
    audio: str


class AudioCommit(ClientEvent):
    """End of the answer."""

    type: Literal["input_audio_buffer.commit"]


class AudioClear(ClientEvent):
    """Drop what is in the buffer."""

    type: Literal["input_audio_buffer.clear"]


class ContentPart(BaseModel):
    """Part of an item's content."""

    model_config = ConfigDict(frozen=True, strict=True)

    type: str
    text: str | None = Field(default=None, max_length=MAX_TYPED_CHARS)


class NewItem(BaseModel):
    """Item that the client wants to add."""

    model_config = ConfigDict(frozen=True, strict=True)

    type: str
    id: Id | None = None
    role: str | None = None
    content: list[ContentPart] = []


class ItemCreate(ClientEvent):
    """Add an item."""

    type: Literal["conversation.item.create"]
    item: NewItem
    previous_item_id: str | None = None


class ItemTruncate(ClientEvent):
    """Report how much of an item was played."""

    type: Literal["conversation.item.truncate"]
    item_id: str
    content_index: WholeNumber
    audio_end_ms: WholeNumber
    """Clients compute it: it may be written with decimals, and may come out below zero."""


class ItemDelete(ClientEvent):
    """Remove an item."""

    type: Literal["conversation.item.delete"]
    item_id: str


class ItemRetrieve(ClientEvent):
    """Return an item."""

    type: Literal["conversation.item.retrieve"]
    item_id: str


class ResponseCreate(ClientEvent):
    """Make the interviewer speak."""

    type: Literal["response.create"]
    response: dict[str, Any] | None = None


class ResponseCancel(ClientEvent):
    """Make the interviewer silent."""

    type: Literal["response.cancel"]
    response_id: str | None = None


class OutputClear(ClientEvent):
    """Clear the output buffer, which only WebRTC has."""

    type: Literal["output_audio_buffer.clear"]


AnyClientEvent = (
    SessionUpdate
    | AudioAppend
    | AudioCommit
    | AudioClear
    | ItemCreate
    | ItemTruncate
    | ItemDelete
    | ItemRetrieve
    | ResponseCreate
    | ResponseCancel
    | OutputClear
)

CLIENT_EVENT: TypeAdapter[AnyClientEvent] = TypeAdapter(
    Annotated[AnyClientEvent, Field(discriminator="type")]
)
