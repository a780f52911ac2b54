"""Interviews over the Realtime protocol in virtual time: interruptions to the word, push to talk,
written answers, silence on demand."""

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.alignment import heard_words
from audio.speech import VOICE_RATE
from sessions.turntaking.causes import Cause
from sessions.turntaking.turns import Speaker
from tests.fakes.fake_interviewer import closing
from tests.server.sockets.realtime_virtual import VirtualClient
from tests.sessions.conftest import Said, said
from tests.sessions.hall import ANSWERS, GOODBYE, GREETING, Hall
from tests.support.virtual_time import pass_ms, run_virtual

__all__ = ["said"]  # the fixture

LONG = (
    "Welcome, Ada, it is good to have you here today. In the next half hour I would like to talk "
    "with you about your work of the last years. Let us begin with the search engine that you "
    "mention, and with your own part in it."
)
INTERRUPTION = "Sorry, may I ask you something about the company first?"


def heard_by(played_ms: int, text: str = LONG) -> str:
    """The words of a text of which so much was played, at 300 ms a word."""
    heard, left = [], played_ms * VOICE_RATE // 1000
    for sentence in [f"{part}." for part in text.removesuffix(".").split(". ")]:
        length = len(sentence.split()) * 300 * VOICE_RATE // 1000
        heard.append(heard_words(sentence, length, left, rate=VOICE_RATE))
        left -= length
    return " ".join(words for words in heard if words)


async def interrupted(client: VirtualClient, said: Said, after_ms: float) -> None:
    """The greeting begins to sound, and so long after it somebody speaks over it."""
    await client.begin()
    await pass_ms(after_ms)
    await client.say(said(INTERRUPTION), INTERRUPTION)


@pytest.mark.parametrize(("after_ms", "latency_ms"), [(1_500, 20), (4_003, 80), (7_111, 180)])
def test_what_the_client_has_played_is_what_was_heard_to_the_word(
    said: Said, after_ms: float, latency_ms: float
) -> None:
    async def story() -> None:
        hall = Hall(LONG, closing(GOODBYE))
        client = VirtualClient(hall, latency_ms=latency_ms)
        await interrupted(client, said, after_ms)
        assert await client.closed() == 1000
        greeting, question, closing_messages = hall.log.all_turns()
        ((_, played_ms),) = client.truncated
        assert greeting.heard_text == heard_by(played_ms)
        assert (question.text, closing_messages.text) == (INTERRUPTION, GOODBYE)
        assert client.done[0]["response"]["status_details"]["reason"] == "turn_detected"
        await hall.empty()

    run_virtual(story())


def test_it_may_take_a_while_to_say_so(said: Said) -> None:
    async def story() -> None:
        hall = Hall(LONG, closing(GOODBYE))
        client = VirtualClient(hall, reacts_ms=200)
        await interrupted(client, said, 4_000)
        await client.closed()
        ((_, played_ms),) = client.truncated
        assert hall.log.all_turns()[0].heard_text == heard_by(played_ms)
        await hall.empty()

    run_virtual(story())


def test_of_a_client_that_never_says_the_clock_knows_it_to_a_word(said: Said) -> None:
    async def story() -> None:
        hall = Hall(LONG, closing(GOODBYE))
        client = VirtualClient(hall, reacts_ms=None)
        await interrupted(client, said, 4_000)
        started = await client.until("input_audio_buffer.speech_started")
        assert started["audio_start_ms"] == pytest.approx(4_000, abs=450)
        await client.closed()
        ((_, played_ms),) = client.truncated
        really = heard_by(played_ms).split()
        assert hall.log.all_turns()[0].heard_text.split()[: len(really)] == really
        assert len(hall.log.all_turns()[0].heard_text.split()) <= len(really) + 1
        await hall.empty()

    run_virtual(story())


def test_after_a_hum_the_reply_goes_on_as_another_item(said: Said) -> None:
    async def story() -> None:
        hall = Hall(LONG)
        client = VirtualClient(hall)
        await client.begin()
        await pass_ms(5_000)
        await client.say(said("Okay."), "Okay.")
        await client.played_out()
        await pass_ms(500)
        (greeting,) = hall.log.all_turns()
        assert (greeting.heard_text, greeting.interrupted) == (LONG, False)
        first, second = client.player.items
        ((cut, played_ms),) = client.truncated
        assert cut == first
        told_again = client.transcript(second)
        assert LONG.endswith(told_again)
        assert len(heard_by(played_ms).split()) >= len(LONG.split()) - len(told_again.split())
        samples = [len(sound) // 2 for sound in client.player.items.values()]
        rest = len(LONG.split()) * 7_200 - samples[1]
        assert 0 <= played_ms * VOICE_RATE // 1000 - rest < 7_200, "from the word that was cut"
        assert client.of_type("input_audio_buffer.committed") == []
        await client.leave()

    run_virtual(story())


def test_a_whole_interview_waits_for_no_marks(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        client = VirtualClient(hall)
        await client.begin()
        for number, answer in enumerate(ANSWERS, start=1):
            await client.played_out(number)
            await pass_ms(400)
            await client.say(said(answer), answer)
        assert await client.closed() == 1000
        turns = hall.log.all_turns()
        assert [t.text for t in turns if t.speaker is Speaker.CANDIDATE] == ANSWERS
        greeting = turns[0]
        spoken_ms = greeting.ended_ms - greeting.started_ms
        assert spoken_ms == pytest.approx(len(GREETING.split()) * 300, abs=60)
        assert client.of_type("error") == []
        await hall.empty()

    run_virtual(story())


def test_push_to_talk_hears_nothing_before_it_is_committed(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        client = VirtualClient(hall)
        client.send("session.update", session={"audio": {"input": {"turn_detection": None}}})
        client.send("response.create")
        await client.played_out()
        await pass_ms(200)
        hall.transcriber.says = ANSWERS[0]
        sound = said(ANSWERS[0])
        for at in range(0, len(sound), 16_000):  # with a second's thought in the middle
            client.append(sound[at : at + 16_000])
            await pass_ms(1_900)
        assert len(hall.log.all_turns()) == 1
        client.send("input_audio_buffer.commit")
        await client.until("conversation.item.input_audio_transcription.completed")
        await client.until("response.created", 2)
        await pass_ms(100)
        assert [turn.text for turn in hall.log.all_turns()[1:]] == [ANSWERS[0]]
        await client.leave()

    run_virtual(story())


def test_a_push_that_nobody_spoke_into_is_asked_about() -> None:
    async def story() -> None:
        hall = Hall()
        client = VirtualClient(hall)
        client.send("session.update", session={"audio": {"input": {"turn_detection": None}}})
        client.send("response.create")
        await client.played_out()
        await pass_ms(200)
        client.append(nothing_said())
        client.send("input_audio_buffer.commit")
        failed = await client.until("conversation.item.input_audio_transcription.failed")
        assert failed["error"]["code"] == "not_understood"
        await client.until("response.created", 2)
        assert hall.interviewer.asked[-1].cause is Cause.UNHEARD
        await client.leave()

    run_virtual(story())


@pytest.mark.parametrize("after_ms", [2_000, 6_000])
def test_a_written_answer_is_answered(after_ms: float) -> None:
    """Over the greeting, and after it."""

    async def story() -> None:
        hall = Hall()
        client = VirtualClient(hall)
        client.send("response.create")
        await client.until("response.output_audio.delta")
        await pass_ms(after_ms)
        item = {
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": ANSWERS[0]}],
        }
        client.send("conversation.item.create", item=item)
        client.send("response.create")
        await client.until("response.created", 2)
        await pass_ms(700)
        turns = hall.log.all_turns()
        assert [turn.text for turn in turns if turn.speaker is Speaker.CANDIDATE] == [ANSWERS[0]]
        assert hall.interviewer.asked[-1].cause is Cause.ANSWER
        assert client.of_type("error") == []
        await client.leave()

    run_virtual(story())


def test_silence_is_kept_until_the_candidate_has_spoken(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        client = VirtualClient(hall)
        await client.begin()
        await pass_ms(1_300)
        client.send("response.cancel")
        client.interrupt()
        done = await client.until("response.done")
        assert done["response"]["status_details"]["reason"] == "client_cancelled"
        await pass_ms(3_000)
        ((_, played_ms),) = client.truncated
        (greeting,) = hall.log.all_turns()
        assert greeting.heard_text == heard_by(played_ms, GREETING)
        assert len(client.of_type("response.created")) == 1
        await client.say(said(ANSWERS[0]), ANSWERS[0])
        await client.until("response.created", 2)
        assert hall.interviewer.asked[-1].cause is Cause.ANSWER
        await client.leave()

    run_virtual(story())


@pytest.mark.parametrize("turn_detection", [None, {"type": "server_vad"}])
def test_ten_minutes_of_sound_at_once_are_too_much(
    turn_detection: dict[str, str] | None,
) -> None:
    async def story() -> None:
        hall = Hall()
        client = VirtualClient(hall)
        audio = {"input": {"turn_detection": turn_detection}}
        client.send("session.update", session={"audio": audio})
        for _ in range(600):
            client.append(nothing_said())
        assert await client.closed() == 4429
        (error,) = client.of_type("error")
        assert error["error"]["code"] == "too_much_audio"

    run_virtual(story())


def nothing_said() -> NDArray[np.int16]:
    """A second of a switched off microphone."""
    return np.zeros(16_000, np.int16)
