"""Words of a line that goes well: what is sent, told while it is spoken, and counted."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from audio.metering import METER, Consumption, Service
from audio.providers.live_transcription.dialects import OpenAIDialect
from tests.audio.providers.live_transcription.lines import KEY, ear, silence, speech
from tests.support.openai_double import OpenAIDouble
from tests.support.transcription_socket import MS_PER_WORD


@pytest.fixture
async def double() -> AsyncIterator[OpenAIDouble]:
    async with OpenAIDouble() as double:
        yield double


async def test_words_come_while_they_are_spoken_and_whole_at_the_pause(
    double: OpenAIDouble,
) -> None:
    text = "I have run large clusters for years"
    double.hearing.texts = [text]
    async with ear(double) as heard:
        heard.hear(speech(850))
        await heard.until(lambda: heard.partials[-1:] == ["I have run large"])
        assert heard.partials == ["I", "I have", "I have run", "I have run large"]
        final = await heard.line.commit()
    assert final.text == text == heard.partials[-1]
    assert (final.model, final.confidence, final.audio_ms) == ("gpt-live-transcribe", None, 850)
    assert final.provider == double.base_url.removeprefix("http://").removesuffix("/v1")


async def test_the_session_is_set_as_the_server_wants_it_before_any_sound(
    double: OpenAIDouble,
) -> None:
    terms = ["Kubernetes", "  etcd\n cluster ", "<b>Raft</b>", "kubernetes", "", "x" * 500]
    async with ear(double, terms=terms, language="de-AT") as heard:
        await heard.words()
        session = await heard.connected()
    assert session.query == {"intent": "transcription"}
    assert session.headers["authorization"] == f"Bearer {KEY}"
    assert "openai-beta" not in session.headers
    assert session.session == {
        "type": "transcription",
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24_000},
                "transcription": {
                    "model": "gpt-live-transcribe",
                    "keywords": ["Kubernetes", "etcd cluster", "b Raft /b"],
                    "languages": ["de"],
                    "delay": "low",
                },
                "turn_detection": None,
                "noise_reduction": None,
            }
        },
    }
    assert session.events[0]["type"] == "session.update"
    assert session.count("append") == 20


async def test_the_sound_arrives_whole_at_the_rate_of_the_server(double: OpenAIDouble) -> None:
    async with ear(double) as heard:
        sound = speech(1_000)
        heard.hear(sound)
        await heard.line.commit()
        (sent,) = double.hearing.sessions[0].commits
    assert abs(sent.size - 24_000) <= 1
    time = np.arange(24_000) / 24_000
    expected = 6_000 * np.sin(2 * np.pi * 200 * time)
    middle = slice(6_000, 22_000)
    assert np.abs(sent[middle] - expected[middle]).max() < 60


async def test_pieces_follow_one_another_without_waiting_for_words(double: OpenAIDouble) -> None:
    double.hearing.text_for = lambda sound: f"{round(sound.size / 24)} ms"
    double.hearing.live = False
    async with ear(double) as heard:
        first = heard.committing(400)
        await asyncio.sleep(0)
        second = heard.committing(600)
        assert [(await first).text, (await second).text] == ["400 ms", "600 ms"]
        assert len(double.hearing.sessions) == 1


async def test_what_is_discarded_is_in_no_words(double: OpenAIDouble) -> None:
    double.hearing.text_for = lambda sound: f"{round(sound.size / 24)} ms"
    double.hearing.live = False
    async with ear(double) as heard:
        session = await heard.connected()
        heard.hear(speech(700))
        await heard.until(lambda: session.count("append"))
        heard.line.discard()
        assert await heard.words(400) == "400 ms"
        heard.line.discard()  # nothing is open
        assert await heard.words(500) == "500 ms"
        assert session.count("clear") == 1


@pytest.mark.parametrize("ms", [0, 20, 80])
async def test_a_piece_too_short_to_commit_has_no_words_and_is_in_no_other(
    double: OpenAIDouble, ms: int
) -> None:
    double.hearing.text_for = lambda sound: f"{round(sound.size / 24)} ms"
    double.hearing.live = False
    async with ear(double) as heard:
        session = await heard.connected()
        assert await heard.words(ms) == ""
        assert await heard.words(300) == "300 ms"
        assert session.count("commit") == 1


async def test_words_after_the_pause_are_told_too_where_the_model_waits_for_it(
    double: OpenAIDouble,
) -> None:
    double.hearing.live = False
    double.hearing.texts = ["I waited for you"]
    async with ear(double, model="gpt-transcribe") as heard:
        assert await heard.words() == "I waited for you"
        session = await heard.connected()
    assert heard.partials[0] == "I"
    assert heard.partials[-1] == "I waited for you"
    assert "delay" not in session.session["audio"]["input"]["transcription"]


async def test_partial_words_are_those_of_the_newest_piece(double: OpenAIDouble) -> None:
    double.hearing.texts = ["one two three four five six", "seven eight"]
    async with ear(double) as heard:
        first = heard.committing(2 * MS_PER_WORD + 50)
        await asyncio.sleep(0)
        second = heard.committing(2 * MS_PER_WORD + 50)
        assert (await first).text == "one two three four five six"
        assert (await second).text == "seven eight"
        assert heard.partials[-1] == "seven eight"
        assert set(heard.partials) <= {"seven", "seven eight"}


async def test_a_gateway_is_told_the_model_in_the_address(double: OpenAIDouble) -> None:
    dialect = OpenAIDialect(model_in_query=True)
    async with ear(double, model="whisper-large", dialect=dialect, terms=["Raft"]) as heard:
        await heard.words()
        session = await heard.connected()
    assert session.query == {"intent": "transcription", "model": "whisper-large"}
    assert session.session["audio"]["input"]["transcription"] == {
        "model": "whisper-large",
        "language": "en",
    }


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ("duration", [{"audio_ms": 2_000}, {"audio_ms": 1_000}]),
        (
            "tokens",
            [
                {"audio_ms": 1_200, "audio_input_tokens": 20, "output_tokens": 2},
                {"audio_ms": 300, "audio_input_tokens": 10},
            ],
        ),
        ("none", [{"audio_ms": 1_200}, {"audio_ms": 300}]),
    ],
)
async def test_each_commit_is_counted_as_the_server_counts_it_silence_too(
    double: OpenAIDouble, usage: str, expected: list[dict[str, int]]
) -> None:
    double.hearing.usage = usage  # type: ignore[assignment]
    double.hearing.texts = ["Two words", ""]
    used: list[Consumption] = []
    async with ear(double) as heard:
        METER.set(used.append)
        await heard.words(1_200)
        heard.hear(silence(300))
        assert (await heard.line.commit()).text == ""
    host = double.base_url.split("/")[2]
    assert used == [
        Consumption(Service.HEARING, host, "gpt-live-transcribe", **counts) for counts in expected
    ]
