"""Whatever a server sends on a Realtime socket: it is taken, or told to be no event."""

import json
from contextlib import suppress
from typing import Any, cast
from unittest.mock import AsyncMock, Mock

from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection

from audio.providers.openai_server import OpenAIServer
from audio.providers.realtime_socket import Happening, RealtimeSocket
from audio.speech import SpeechError

TYPES = [
    "session.created", "session.updated", "error", "response.created", "response.done",
    "response.output_audio.delta", "response.output_audio_transcript.delta",
    "response.output_audio_transcript.done", "response.audio.delta", "something.else",
]  # fmt: skip
FIELDS = [
    "delta", "transcript", "response_id", "response", "id", "metadata", "sentence", "status",
    "status_details", "reason", "error", "code", "type", "message", "param", "event_id", "usage",
    "input_token_details", "output_token_details", "text_tokens", "audio_tokens", "cached_tokens",
]  # fmt: skip
_VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "resp_1", "AAAA", "failed", "completed", "server_error", "response.x"]),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=10,
)
_EVENT = st.builds(
    lambda kind, fields: {**fields, "type": kind},
    st.sampled_from(TYPES),
    st.dictionaries(st.sampled_from(FIELDS), _VALUE, max_size=5),
)


class _Connection:
    """A connection that hands out what is to come."""

    def __init__(self, *messages: str | bytes) -> None:
        self.messages = list(messages)
        self.transport = Mock()
        self.send = AsyncMock()
        self.close = AsyncMock()

    def __aiter__(self) -> "_Connection":
        return self

    async def __anext__(self) -> str | bytes:
        if not self.messages:
            raise StopAsyncIteration
        return self.messages.pop(0)


async def taken(*messages: str | bytes) -> list[Happening]:
    """What becomes of a response while these come, and then the connection ends."""
    server = OpenAIServer("k", "http://127.0.0.1:1/v1", "gpt-realtime-2.1-mini")
    connection = _Connection()
    socket = RealtimeSocket(server, cast(ClientConnection, connection), lambda _: None)
    reading = await socket.begin({}, characters=5, speed=1.0)
    created = {"type": "response.created", "response": {"id": "resp_1", "metadata": None}}
    connection.messages = [json.dumps(created), *messages]
    with suppress(SpeechError):
        await socket.set_up({})
    await socket.close()
    assert socket.gone
    assert not socket.busy
    happenings: list[Happening] = []
    while not reading.happenings.empty():
        happenings.append(reading.happenings.get_nowait())
    return happenings


def is_end(happening: Any) -> bool:
    return type(happening).__name__ in ("Done", "Failure")


@given(st.lists(_EVENT, max_size=6))
async def test_every_response_ends_once_whatever_comes(events: list[dict[str, Any]]) -> None:
    happenings = await taken(*map(json.dumps, events))
    assert [is_end(happening) for happening in happenings].count(True) == 1
    assert is_end(happenings[-1])


@given(st.lists(st.text(max_size=30) | st.binary(max_size=30), max_size=3))
async def test_what_is_no_event_ends_the_socket(messages: list[str | bytes]) -> None:
    happenings = await taken(*messages)
    assert is_end(happenings[-1])
