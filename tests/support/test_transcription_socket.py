"""The double's transcription socket on the wire, driven by OpenAI's own client."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection

from tests.support.openai_double import OpenAIDouble

SESSION: Any = {
    "type": "transcription",
    "audio": {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24_000},
            "transcription": {"model": "gpt-live-transcribe", "keywords": ["Kubernetes"]},
            "turn_detection": None,
        }
    },
}
HALF_SECOND = base64.b64encode(np.ones(12_000, "<i2").tobytes()).decode()


@pytest.fixture
async def double() -> AsyncIterator[OpenAIDouble]:
    async with OpenAIDouble() as double:
        yield double


@pytest.fixture
async def socket(double: OpenAIDouble) -> AsyncIterator[AsyncRealtimeConnection]:
    client = AsyncOpenAI(api_key="sk-test", base_url=double.base_url)
    query = {"intent": "transcription"}
    async with client, client.realtime.connect(extra_query=query) as socket:
        yield socket


async def until(socket: AsyncRealtimeConnection, kind: str) -> list[Any]:
    """Return what comes up to the first event of a type."""
    events: list[Any] = []
    while not events or events[-1].type != kind:
        events.append(await socket.recv())
    return events


async def test_the_official_client_is_heard_word_by_word(
    double: OpenAIDouble, socket: AsyncRealtimeConnection
) -> None:
    double.hearing.texts = ["I run Kubernetes clusters", "Yes"]
    await socket.session.update(session=SESSION)
    assert (await until(socket, "session.updated"))[-1].session.type == "transcription"
    before = None
    for text in ("I run Kubernetes clusters", "Yes"):
        await socket.input_audio_buffer.append(audio=HALF_SECOND)
        await socket.input_audio_buffer.commit()
        events = await until(socket, "conversation.item.input_audio_transcription.completed")
        committed = next(e for e in events if e.type == "input_audio_buffer.committed")
        assert committed.previous_item_id == before
        before = committed.item_id
        assert {e.item_id for e in events} == {before}
        deltas = [e.delta for e in events if e.type.endswith("transcription.delta")]
        assert "".join(deltas).split() == text.split()
        assert events[-1].transcript == text
        assert (events[-1].usage.type, events[-1].usage.seconds) == ("duration", 1)
    heard = double.hearing.sessions[0]
    assert heard.headers["authorization"] == "Bearer sk-test"
    assert heard.query == {"intent": "transcription"}
    assert [sound.size for sound in heard.commits] == [12_000, 12_000]
    assert double.hearing.billed_s == 2


async def test_what_is_cleared_is_in_no_commit(
    double: OpenAIDouble, socket: AsyncRealtimeConnection
) -> None:
    double.hearing.live = False
    double.hearing.text_for = lambda sound: f"{sound.size} samples"
    await socket.session.update(session=SESSION)
    await socket.input_audio_buffer.append(audio=HALF_SECOND)
    await socket.input_audio_buffer.clear()
    await until(socket, "input_audio_buffer.cleared")
    await socket.input_audio_buffer.commit(event_id="mine")
    error = (await until(socket, "error"))[-1].error
    assert (error.code, error.event_id) == ("input_audio_buffer_commit_empty", "mine")
    await socket.input_audio_buffer.append(audio=HALF_SECOND)
    await socket.input_audio_buffer.commit()
    events = await until(socket, "conversation.item.input_audio_transcription.completed")
    assert events[-1].transcript == "12000 samples"


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"format": {"type": "audio/pcm", "rate": 16_000}}, "format.rate"),
        ({"turn_detection": {"type": "server_vad"}}, "turn_detection"),
        ({"transcription": {"model": "m", "keywords": ["a", "<b>"]}}, "transcription.keywords[1]"),
    ],
)
async def test_an_update_is_refused_by_name(
    socket: AsyncRealtimeConnection, change: dict[str, Any], param: str
) -> None:
    into = SESSION["audio"]["input"] | change
    await socket.session.update(session=SESSION | {"audio": {"input": into}})
    error = (await until(socket, "error"))[-1].error
    assert error.param == f"session.audio.input.{param}"
