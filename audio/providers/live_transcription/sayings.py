"""Sayings: what a server of live transcription can tell, whatever its dialect."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LiveUsage:
    """What a server counts for one commit; 0 for what it does not count, None: no sound told."""

    audio_ms: int | None = None
    input_tokens: int = 0
    audio_input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class SessionSet:
    """The session is set: sound may come."""


@dataclass(frozen=True, slots=True)
class Committed:
    """A commit was taken, as an item."""

    item_id: str
    previous_item_id: str | None


@dataclass(frozen=True, slots=True)
class MoreWords:
    """More words of an item; None: of the only one there is."""

    item_id: str | None
    text: str


@dataclass(frozen=True, slots=True)
class FinalWords:
    """All words of an item; None: of the only one there is."""

    item_id: str | None
    text: str
    usage: LiveUsage | None


@dataclass(frozen=True, slots=True)
class NoWords:
    """An item whose words could not be made."""

    item_id: str | None
    error: object


@dataclass(frozen=True, slots=True)
class LiveProblem:
    """Error that the server tells of.

    `event_id` is that of the event of ours it is about, `param` the field; "" for what is not said.
    """

    error: object
    event_id: str = ""
    param: str = ""
    code: str = ""
    message: str = ""


Saying = SessionSet | Committed | MoreWords | FinalWords | NoWords | LiveProblem
