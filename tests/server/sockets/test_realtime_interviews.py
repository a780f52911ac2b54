"""The official `openai` client, unmodified, over a real server: whole interviews, real voices."""

from collections.abc import Awaitable, Callable

import pytest

from audio.pcm import AudioFormat, Encoding
from sessions.session_context import Providers
from sessions.turntaking.causes import EndReason
from sessions.turntaking.turns import Speaker, Turn
from tests.audio.speaking import plain_words, word_error_rate
from tests.seeding import SeededInterview
from tests.server.conftest import Speak
from tests.server.edge import QUESTIONS, SHORT_PLAN, Edge
from tests.server.sockets.realtime_client import Caller, calling

Seed = Callable[..., Awaitable[SeededInterview]]

GREETING = (
    "Hello and welcome. We will talk for a little while about gardens, and about the trees that "
    "grow in them, and after that about the town in which you live."
)
INTERRUPTION = "Excuse me, which company is this about?"
ANSWERS = ["I like the oak tree.", "I mostly use a spade.", "I live in a small town in Wales."]

ULAW = AudioFormat(8_000, Encoding.ULAW)
ALAW = AudioFormat(8_000, Encoding.ALAW)


async def turns_of(edge: Edge, interview: SeededInterview) -> list[Turn]:
    """What is on record."""
    records = await edge.viva.services.store.interviews.transcript(
        interview.organisation_id, interview.interview_id
    )
    return [record.turn for record in records]


def said(turns: list[Turn]) -> list[str]:
    """The candidate's words."""
    return [turn.text for turn in turns if turn.speaker is Speaker.CANDIDATE]


async def test_a_whole_interview_with_an_interruption(
    edge: Edge, seed_interview: Seed, speak: Speak, local_providers: Providers
) -> None:
    interview = await seed_interview(plan_document=SHORT_PLAN | {"opening": GREETING})
    async with calling(edge, interview.join_token) as caller:
        await caller.until("session.created")
        await caller.connection.response.create()
        await caller.until("response.output_audio.delta")
        await caller.listen_for(3.0)
        await caller.say(await speak(INTERRUPTION))
        interrupted = await caller.until("response.done")
        for answer in ANSWERS:
            await caller.heard_out()
            await caller.say(await speak(answer))
        closing_messages = await caller.heard_out()
        assert await caller.closed() == (1000, "The interview is over.")

    assert caller.errors == []
    assert interrupted["response"]["status_details"]["reason"] == "turn_detected"
    turns = await turns_of(edge, interview)
    assert [plain_words(text) for text in said(turns)] == [
        plain_words(text) for text in (INTERRUPTION, *ANSWERS)
    ]
    completed = caller.of_type("conversation.item.input_audio_transcription.completed")
    assert [event["transcript"] for event in completed] == said(turns)
    assert turns[-1].text == closing_messages["response"]["output"][0]["content"][0]["transcript"]
    assert (turns[-1].interrupted, turns[0].interrupted) == (False, True)

    # What the client has played of the greeting, as Whisper hears it, is what is on record; of a
    # word that was cut either may count it.
    ((item_id, played_ms),) = caller.truncated
    heard = await local_providers.transcriber.transcribe(caller.heard(item_id, played_ms))
    really, on_record = plain_words(heard.text).split(), plain_words(turns[0].heard_text).split()
    assert len(on_record) > 5
    assert abs(len(really) - len(on_record)) <= 1
    common = min(len(really), len(on_record)) - 1
    assert really[:common] == on_record[:common]


@pytest.mark.parametrize(("name", "wire"), [("audio/pcmu", ULAW), ("audio/pcma", ALAW)])
async def test_at_telephone_band(
    edge: Edge,
    seed_interview: Seed,
    speak: Speak,
    local_providers: Providers,
    name: str,
    wire: AudioFormat,
) -> None:
    interview = await seed_interview(plan_document=SHORT_PLAN)
    async with calling(edge, interview.join_token, wire) as caller:
        await set_audio(caller, name)
        updated = await caller.until("session.updated")
        assert updated["session"]["audio"]["output"]["format"] == {"type": name}
        await caller.connection.response.create()
        done = await caller.heard_out()
        await caller.say(await speak(ANSWERS[0]))
        answered = await caller.until("conversation.item.input_audio_transcription.completed")
    assert word_error_rate([ANSWERS[0]], [answered["transcript"]]) <= 0.2  # a word of six
    heard = caller.heard(done["response"]["output"][0]["id"])
    greeting = await local_providers.transcriber.transcribe(heard)
    # The small Whisper may mishear two of the six words at this band ("treaty" for "tree do").
    assert word_error_rate([f"Hello. {QUESTIONS[0]}"], [greeting.text]) <= 0.34


async def test_push_to_talk_writing_and_a_button_for_silence(
    edge: Edge, seed_interview: Seed, speak: Speak
) -> None:
    interview = await seed_interview(plan_document=SHORT_PLAN)
    async with calling(edge, interview.join_token) as caller:
        await caller.connection.session.update(
            session={"type": "realtime", "audio": {"input": {"turn_detection": None}}}
        )
        await caller.connection.response.create()
        await caller.heard_out()
        await caller.send(await speak(ANSWERS[0]))  # and not a frame of silence after it
        await caller.connection.input_audio_buffer.commit()
        await caller.connection.response.create()
        completed = await caller.until("conversation.item.input_audio_transcription.completed")
        assert plain_words(completed["transcript"]) == plain_words(ANSWERS[0])
        await caller.heard_out()
        await caller.connection.conversation.item.create(
            item={
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": "A spade."}],
            }
        )
        await caller.connection.response.create()
        await caller.until("response.output_audio_transcript.delta")
        await caller.listen_for(0.3)
        await caller.connection.response.cancel()
        await caller.interrupt()
        cancelled = await caller.until("response.done")
        assert len(caller.of_type("conversation.item.truncated")) == 1
    assert cancelled["response"]["status_details"]["reason"] == "client_cancelled"
    assert caller.errors == []
    assert caller.of_type("input_audio_buffer.speech_started") == []
    await edge.viva.registry.end(interview.interview_id, EndReason.RECRUITER)
    turns = await turns_of(edge, interview)
    assert [plain_words(text) for text in said(turns)] == [plain_words(ANSWERS[0]), "a spade"]
    assert turns[-1].interrupted
    assert turns[-1].text.startswith(turns[-1].heard_text)


async def set_audio(caller: Caller, name: str) -> None:
    """Both ways in this format."""
    form = {"format": {"type": name}}
    await caller.connection.send(
        {
            "type": "session.update",
            "session": {"type": "realtime", "audio": {"input": form, "output": form}},
        }  # type: ignore[arg-type]
    )
