"""Everything that goes wrong between a line and a server, and where the sound is heard then."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from audio.metering import METER, Consumption
from audio.providers.live_transcription.line import is_cut_off
from audio.speech import SpeechBusy, SpeechError, SpeechRejected, SpeechUnavailable
from tests.audio.providers.live_transcription.lines import (
    LATE_S,
    capture_logs,
    ear,
    logged,
    speech,
)
from tests.support.openai_double import OpenAIDouble

LONG = "I have run large clusters for many years and liked it"


@pytest.fixture
async def double() -> AsyncIterator[OpenAIDouble]:
    async with OpenAIDouble() as double:
        yield double


@pytest.mark.parametrize(
    ("status", "kind", "retryable", "words"),
    [
        ("401", SpeechRejected, False, "refused the key"),
        ("403", SpeechRejected, False, "does not allow this key"),
        ("404", SpeechRejected, True, "no model"),
        ("429", SpeechBusy, True, "no more requests just now"),
        ("500", SpeechUnavailable, True, "fault of its own (500)"),
    ],
)
async def test_a_refused_handshake_is_told_by_its_kind(
    double: OpenAIDouble, status: str, kind: type[SpeechError], retryable: bool, words: str
) -> None:
    double.hearing.fail(status)
    async with ear(double, pause_s=30.0) as heard:
        error = await heard.failure()
        assert type(error) is kind
        assert words in str(error)
        assert error.retryable is retryable
        # Nobody waits for a connection that is not even tried.
        assert await asyncio.wait_for(heard.failure(), 5.0) is error


async def test_a_refusal_passes_and_what_was_said_meanwhile_is_heard(double: OpenAIDouble) -> None:
    double.hearing.fail("500", 2)
    double.hearing.texts = ["Here I am"]
    async with ear(double) as heard:
        heard.hear(speech(900))
        await heard.connected()
        assert (await heard.line.commit()).text == "Here I am"
        assert abs(double.hearing.sessions[0].commits[0].size - 900 * 24) <= 1


@pytest.mark.parametrize("wait_s", [0.0, 30.0])
async def test_a_server_that_is_busy_is_left_alone_for_as_long_as_it_asks(
    double: OpenAIDouble, wait_s: float
) -> None:
    double.hearing.fail("429", 1)
    double.hearing.retry_after_s = wait_s
    async with ear(double) as heard:
        if wait_s:
            error = await heard.failure()
            assert error.retry_after_s == wait_s
            assert not double.hearing.sessions
        else:
            heard.hear(speech())
            await heard.connected()


async def test_a_server_that_is_not_there_is_told(double: OpenAIDouble) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    double._port = port
    async with ear(double, pause_s=30.0) as heard:
        error = await heard.failure()
    assert type(error) is SpeechUnavailable
    assert "cannot be reached" in str(error)
    assert error.retryable


@pytest.mark.parametrize("mode", ["hang", "late"])
async def test_words_that_do_not_come_are_late(double: OpenAIDouble, mode: str) -> None:
    double.hearing.fail(mode)
    async with ear(double, commit_within_s=LATE_S) as heard:
        error = await heard.failure()
    assert type(error) is SpeechUnavailable
    assert f"did not answer within {LATE_S:g} s" in str(error)
    assert error.retryable


@pytest.mark.parametrize("mode", ["garbage", "failed", "hour", "cut"])
async def test_words_that_are_not_to_be_had_whole_may_be_asked_for_elsewhere(
    double: OpenAIDouble, mode: str
) -> None:
    double.hearing.fail(mode)
    double.hearing.texts = [LONG]
    async with ear(double) as heard:
        assert (await heard.failure(2_400)).retryable


async def test_words_that_stop_in_the_midst_of_speech_may_be_asked_for_elsewhere(
    double: OpenAIDouble,
) -> None:
    double.hearing.fail("stop")
    double.hearing.texts = [LONG]
    async with ear(double) as heard:
        heard.hear(speech(1_250))
        await heard.until(lambda: heard.partials)
        await heard.until(lambda: heard.partials[-1].count(" ") >= 4)
        assert (await heard.failure(4_000)).retryable


@pytest.mark.parametrize(
    ("text", "told", "speech_ms", "untold_ms", "cut"),
    [
        ("Yes.", "", 400, 400, False),
        ("Yes.", "Yes.", 900, 0, False),
        ("", "", 0, 0, False),
        ("", "", 900, 900, False),  # a cough
        ("", "", 3_000, 3_000, True),
        ("I have run", "I have run clusters for years", 2_000, 0, True),
        ("I've run clusters for years", "I have run clusters for years", 2_000, 0, False),
        ("I have run clusters", "I have run clusters", 6_000, 3_500, True),
        ("I have run clusters for years", "I have run", 6_000, 3_500, False),
        ("I have run clusters", "I have run clusters", 3_000, 1_500, False),
    ],
)
def test_a_text_is_cut_off_if_it_lacks_what_was_told_or_spoken(
    text: str, told: str, speech_ms: float, untold_ms: float, cut: bool
) -> None:
    assert is_cut_off(text, told, speech_ms, untold_ms) is cut


async def test_a_piece_of_which_the_server_commits_a_part_is_not_taken_for_whole(
    double: OpenAIDouble,
) -> None:
    double.hearing.fail("own_commits")
    double.hearing.texts = [LONG]
    with capture_logs() as entries:
        async with ear(double) as heard:
            heard.hear(speech(1_200))
            strange = "live transcription told of something unknown"
            await heard.until(lambda: logged(entries, strange))
            with pytest.raises(SpeechUnavailable) as failed:
                await heard.line.commit()
    assert failed.value.retryable


async def test_a_drip_is_waited_for_within_the_deadline(double: OpenAIDouble) -> None:
    double.hearing.fail("drip")
    double.hearing.drip_ms = 1.0
    double.hearing.texts = ["Slow but whole"]
    async with ear(double) as heard:
        heard.hear(speech(650))
        await heard.until(lambda: heard.partials[-1:] == ["Slow but whole"])
        assert (await heard.line.commit()).text == "Slow but whole"
        assert heard.partials[:5] == ["S", "Sl", "Slo", "Slow", "Slow"]
    double.hearing.drip_ms = 10_000.0
    double.hearing.texts = ["Slow but whole"]
    async with ear(double, commit_within_s=LATE_S) as heard:
        assert (await heard.failure()).retryable


@pytest.mark.parametrize("mode", ["unknown_item", "other_turn"])
async def test_words_that_nobody_committed_are_taken_by_nobody_and_logged_once(
    double: OpenAIDouble, mode: str
) -> None:
    double.hearing.fail(mode)
    texts = ["First answer", "Second answer", "Third answer"]
    double.hearing.texts = list(texts)
    with capture_logs() as entries:
        async with ear(double) as heard:
            assert [await heard.words() for _ in texts] == texts
    assert not any("nobody" in words or "another" in words for words in heard.partials)
    assert len(logged(entries, "live transcription told of something unknown")) == 1


@pytest.mark.parametrize("mode", ["swapped", "shuffled_commits"])
async def test_words_that_come_in_another_order_are_given_to_their_pieces(
    double: OpenAIDouble, mode: str
) -> None:
    double.hearing.fail(mode)
    double.hearing.live = False
    double.hearing.text_for = lambda sound: f"{round(sound.size / 24)} ms"
    async with ear(double) as heard:
        await heard.connected()
        first = heard.committing(400)
        await asyncio.sleep(0)
        second = heard.committing(600)
        assert [(await first).text, (await second).text] == ["400 ms", "600 ms"]


async def test_what_was_not_committed_when_the_connection_ended_is_sent_again(
    double: OpenAIDouble,
) -> None:
    double.hearing.fail("hour_quiet", 1)
    double.hearing.live = False
    double.hearing.text_for = lambda sound: f"{round(sound.size / 24)} ms"
    async with ear(double) as heard:
        await heard.connected()
        heard.hear(speech(900))
        second = await heard.connected(2)
        heard.hear(speech(300))
        assert (await heard.line.commit()).text == "1200 ms"
        assert len(second.commits) == 1


async def test_a_session_that_expires_is_followed_by_another(double: OpenAIDouble) -> None:
    double.hearing.fail("hour", 1)
    used: list[Consumption] = []
    async with ear(double) as heard:
        METER.set(used.append)
        assert (await heard.failure(700)).retryable
        double.hearing.texts = ["After the hour"]
        assert await heard.words() == "After the hour"
        assert len(double.hearing.sessions) == 2
    assert [consumption.audio_ms for consumption in used] == [700, 1_000]


@pytest.mark.parametrize("field", ["keywords", "languages", "delay", "noise_reduction"])
async def test_what_an_update_may_not_hold_is_left_out_and_remembered(
    double: OpenAIDouble, field: str
) -> None:
    double.hearing.refused = {field}
    double.hearing.texts = ["Heard all the same", "Again"]
    async with ear(double, terms=["Raft"]) as heard:
        assert await heard.words() == "Heard all the same"
        line = heard.transcriber.open(terms=["Raft"], language="en", on_partial=lambda _: None)
        line.append(speech())
        assert (await line.commit()).text == "Again"
        first, second = double.hearing.sessions
    assert [event["type"] for event in first.events[:2]] == ["session.update"] * 2
    assert [event["type"] for event in second.events[:2]] != ["session.update"] * 2
    if field == "languages":
        assert second.session["audio"]["input"]["transcription"]["language"] == "en"


async def test_a_session_that_is_refused_altogether_may_be_heard_elsewhere(
    double: OpenAIDouble,
) -> None:
    double.hearing.refused = {"format"}
    async with ear(double, pause_s=30.0) as heard:
        error = await heard.failure()
    assert type(error) is SpeechRejected
    assert error.retryable


async def test_a_commit_that_the_server_finds_too_small_fails_alone(double: OpenAIDouble) -> None:
    double.hearing.min_commit_ms = 500
    double.hearing.texts = ["Long enough"]
    async with ear(double) as heard:
        error = await heard.failure(300)
        assert "Too little sound" in str(error)
        assert error.retryable
        assert await heard.words(800) == "Long enough"
        assert len(double.hearing.sessions) == 1


async def test_a_connection_that_answers_no_commit_is_replaced(double: OpenAIDouble) -> None:
    double.hearing.fail("late", 1)
    async with ear(double, commit_within_s=LATE_S) as heard:
        session = await heard.connected()
        for _ in range(4):
            await heard.failure(200)
        await session.closed.wait()
