"""The double's voice seen through OpenAI's own client: both speak one wire."""

import asyncio
import base64
from collections.abc import AsyncIterator

import openai
import pytest
from openai.resources.realtime.realtime import AsyncRealtimeConnection
from openai.types.realtime import RealtimeResponse, RealtimeResponseCreateParamsParam
from websockets.exceptions import InvalidStatus

from tests.support.openai_double import MS_PER_CHARACTER, OpenAIDouble, tone

MODEL = "gpt-realtime-2.1-mini"
TEXT = "What did you build?"


@pytest.fixture
async def double() -> AsyncIterator[OpenAIDouble]:
    async with OpenAIDouble() as double:
        yield double


def client(double: OpenAIDouble) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(api_key="k", base_url=double.base_url, max_retries=0)


def reading(text: str, name: str) -> RealtimeResponseCreateParamsParam:
    return {
        "conversation": "none",
        "input": [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
        ],
        "instructions": "Read it.",
        "tool_choice": "none",
        "reasoning": {"effort": "minimal"},
        "max_output_tokens": 500,
        "metadata": {"name": name},
    }


async def set_up(connection: AsyncRealtimeConnection) -> None:
    assert (await connection.recv()).type == "session.created"
    await connection.session.update(
        session={
            "type": "realtime",
            "output_modalities": ["audio"],
            "audio": {
                "input": {"turn_detection": None},
                "output": {"format": {"type": "audio/pcm", "rate": 24_000}, "voice": "marin"},
            },
        }
    )
    assert (await connection.recv()).type == "session.updated"


async def heard(
    connection: AsyncRealtimeConnection, number: int = 1
) -> tuple[dict[str, bytes], dict[str, str], list[RealtimeResponse]]:
    """The sound and the words of some responses, and their ends."""
    sound: dict[str, bytes] = {}
    words: dict[str, str] = {}
    done: list[RealtimeResponse] = []
    async for event in connection:
        match event.type:
            case "response.output_audio.delta":
                piece = base64.b64decode(event.delta)
                sound[event.response_id] = sound.get(event.response_id, b"") + piece
            case "response.output_audio_transcript.delta":
                words[event.response_id] = words.get(event.response_id, "") + event.delta
            case "response.output_audio_transcript.done":
                assert event.transcript == words[event.response_id]
            case "response.done":
                done.append(event.response)
                if len(done) == number:
                    break
    return sound, words, done


async def test_the_client_has_a_sentence_read(double: OpenAIDouble) -> None:
    async with client(double) as api, api.realtime.connect(model=MODEL) as connection:
        await set_up(connection)
        await connection.response.create(response=reading(TEXT, "a"))
        sound, words, (done,) = await heard(connection)
    assert list(sound.values()) == [tone(len(TEXT) * MS_PER_CHARACTER)]
    assert list(words.values()) == [TEXT]
    assert (done.status, done.metadata) == ("completed", {"name": "a"})
    assert done.usage is not None
    assert done.usage.output_token_details is not None
    assert done.usage.output_token_details.audio_tokens
    assert double.voice.conversations[0].query == {"model": MODEL}


async def test_the_client_tells_two_responses_apart(double: OpenAIDouble) -> None:
    texts = {"a": TEXT, "b": "And what did you do then?"}
    async with client(double) as api, api.realtime.connect(model=MODEL) as connection:
        await set_up(connection)
        for name, text in texts.items():
            await connection.response.create(response=reading(text, name))
        sound, words, done = await heard(connection, 2)
    for response in done:
        text = texts[(response.metadata or {})["name"]]
        assert words[response.id or ""] == text
        assert sound[response.id or ""] == tone(len(text) * MS_PER_CHARACTER)


async def test_the_client_cancels_a_response_by_its_id(double: OpenAIDouble) -> None:
    double.voice.gate = asyncio.Event()
    async with client(double) as api, api.realtime.connect(model=MODEL) as connection:
        await set_up(connection)
        await connection.response.create(response=reading(TEXT, "a"))
        created = await connection.recv()
        assert created.type == "response.created"
        await connection.response.cancel(response_id=created.response.id or "")
        _, _, (done,) = await heard(connection)
        assert done.status == "cancelled"
        await connection.response.cancel(response_id=created.response.id or "")
        error = await connection.recv()
        assert error.type == "error"
        assert error.error.code == "response_cancel_not_active"


async def test_the_client_is_told_what_is_refused(double: OpenAIDouble) -> None:
    double.voice.fail("401", times=1)
    async with client(double) as api:
        with pytest.raises(InvalidStatus) as refused:
            await api.realtime.connect(model=MODEL).enter()
        assert refused.value.response.status_code == 401
        async with api.realtime.connect(model=MODEL) as connection:
            await connection.recv()
            await connection.session.update(
                session={"type": "realtime", "audio": {"output": {"voice": "nova"}}}
            )
            error = await connection.recv()
            assert error.type == "error"
            assert error.error.message == "The session is not right."
    with pytest.raises(ValueError, match="no fault"):
        double.voice.fail("sulk")
