"""The OpenAI double on the wire, seen through httpx and through OpenAI's own client."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import numpy as np
import pytest

from audio.container import wav_bytes
from tests.support.openai_double import OpenAIDouble, tone

HELLO = [{"role": "user", "content": "Hello there"}]


@pytest.fixture
async def double() -> AsyncIterator[OpenAIDouble]:
    async with OpenAIDouble() as double:
        yield double


@pytest.fixture
async def http(double: OpenAIDouble) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=double.base_url, timeout=60) as client:
        yield client


async def test_a_transcription_answers_the_set_texts_and_keeps_the_request(
    double: OpenAIDouble, http: httpx.AsyncClient
) -> None:
    audio = np.arange(1_600, dtype=np.int16)
    double.texts = ["first"]
    double.text_for = lambda request: f"{request.audio.size} samples"
    for text in ("first", "1600 samples"):
        reply = await http.post(
            "/audio/transcriptions",
            files={"file": ("a.wav", wav_bytes(audio, 16_000), "audio/wav")},
            data={"model": "whisper-1", "prompt": "p"},
            headers={"authorization": "Bearer k"},
        )
        assert reply.json() == {"text": text}
    request = double.transcriptions[0]
    assert np.array_equal(request.audio, audio)
    assert request.sample_rate == 16_000
    assert request.fields == {"model": "whisper-1", "prompt": "p"}
    assert request.authorization == "Bearer k"


@pytest.mark.parametrize("file", [b"", b"RIFFxxxxWAVE", b"not audio"])
async def test_an_upload_that_is_no_wav_is_a_bad_request(
    http: httpx.AsyncClient, file: bytes
) -> None:
    reply = await http.post("/audio/transcriptions", files={"file": ("a.wav", file, "audio/wav")})
    assert reply.status_code == 400
    assert reply.json()["error"]["message"]
    assert (await http.post("/audio/transcriptions", data={"model": "m"})).status_code == 400


async def test_verbose_json_has_a_segment_with_its_scores(
    double: OpenAIDouble, http: httpx.AsyncClient
) -> None:
    double.texts, double.no_speech_prob = ["two words"], 0.7
    reply = await http.post(
        "/audio/transcriptions",
        files={"file": ("a.wav", wav_bytes(np.zeros(8_000, np.int16), 16_000), "audio/wav")},
        data={"response_format": "verbose_json"},
    )
    body = reply.json()
    assert body["duration"] == 0.5
    assert body["segments"][0]["no_speech_prob"] == 0.7
    assert len(body["segments"][0]["tokens"]) == 2


async def test_speech_is_streamed_pcm(double: OpenAIDouble, http: httpx.AsyncClient) -> None:
    reply = await http.post("/audio/speech", json={"input": "hello", "model": "m", "voice": "v"})
    assert reply.headers["content-type"] == "audio/pcm"
    assert reply.content == tone(5 * 60)
    assert double.speeches[0].body["voice"] == "v"


async def test_a_chat_streams_its_tokens_and_what_it_used(
    double: OpenAIDouble, http: httpx.AsyncClient
) -> None:
    double.reply_to = lambda messages: f"You said: {messages[-1]['content']}."
    body: dict[str, Any] = {"model": "m", "messages": HELLO}
    whole = (await http.post("/chat/completions", json=body)).json()
    assert whole["choices"][0]["message"]["content"] == "You said: Hello there."
    body |= {"stream": True, "stream_options": {"include_usage": True}}
    events = (await http.post("/chat/completions", json=body)).text.split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    chunks = [json.loads(event.removeprefix("data: ")) for event in events[:-2]]
    assert chunks[-1]["usage"] == whole["usage"]
    deltas = [chunk["choices"][0]["delta"].get("content", "") for chunk in chunks[:-1]]
    assert "".join(deltas) == "You said: Hello there."
    assert len(deltas) == 6  # role, four tokens, end
    assert len(double.chats) == 2


async def test_the_models_are_listed(double: OpenAIDouble, http: httpx.AsyncClient) -> None:
    listed = (await http.get("/models")).json()["data"]
    assert [model["id"] for model in listed] == list(double.models)


async def test_latencies_are_kept(double: OpenAIDouble, http: httpx.AsyncClient) -> None:
    double.first_token_ms, double.token_ms = 40, 20
    began = asyncio.get_running_loop().time()
    await http.post("/chat/completions", json={"messages": HELLO, "stream": True})
    assert asyncio.get_running_loop().time() - began >= 0.1  # the first of five, then four


ASKED = {"messages": HELLO, "stream": True}


async def test_a_status_fault_has_openais_form_and_ends_when_it_should(
    double: OpenAIDouble, http: httpx.AsyncClient
) -> None:
    double.retry_after_s = 1.5
    double.fail("chat", "429", times=2)
    for _ in range(2):
        reply = await http.post("/chat/completions", json=ASKED)
        assert reply.status_code == 429
        assert reply.headers["retry-after"] == "1.5"
        assert reply.json()["error"]["message"]
    assert (await http.post("/chat/completions", json=ASKED)).status_code == 200
    double.fail("chat", "500")
    assert (await http.post("/chat/completions", json=ASKED)).status_code == 500
    double.heal("chat")
    assert (await http.post("/chat/completions", json=ASKED)).status_code == 200
    with pytest.raises(ValueError, match="no fault 'rain'"):
        double.fail("chat", "rain")


async def test_a_hang_sends_nothing_and_a_stall_only_headers(
    double: OpenAIDouble, http: httpx.AsyncClient
) -> None:
    double.fail("chat", "hang")
    hasty = httpx.Timeout(60, read=0.05)
    with pytest.raises(httpx.ReadTimeout):
        await http.post("/chat/completions", json=ASKED, timeout=hasty)
    double.fail("chat", "stall")
    async with http.stream("POST", "/chat/completions", json=ASKED) as reply:
        assert reply.status_code == 200
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await reply.aread()


async def test_a_cut_reply_breaks_off_and_garbage_is_whole(
    double: OpenAIDouble, http: httpx.AsyncClient
) -> None:
    double.fail("chat", "cut")
    with pytest.raises(httpx.RemoteProtocolError):
        await http.post("/chat/completions", json=ASKED)
    double.fail("models", "garbage")
    reply = await http.get("/models")
    assert reply.status_code == 200
    with pytest.raises(ValueError, match="Expecting value"):
        reply.json()


async def test_a_drip_comes_byte_by_byte(double: OpenAIDouble, http: httpx.AsyncClient) -> None:
    double.drip_ms = 0
    double.fail("models", "drip")
    async with http.stream("GET", "/models") as reply:
        chunks = [chunk async for chunk in reply.aiter_raw()]
    assert len(chunks) > 20
    assert json.loads(b"".join(chunks))["object"] == "list"


async def test_openais_client_understands_it(double: OpenAIDouble) -> None:
    from openai import AsyncOpenAI

    async with AsyncOpenAI(api_key="k", base_url=double.base_url) as client:
        stream = await client.chat.completions.create(
            model="m",
            messages=[{"role": "user", "content": "Hello"}],
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]
        said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        assert said == double.reply_to([])
        assert chunks[-1].usage is not None
        assert [model.id async for model in client.models.list()] == list(double.models)
