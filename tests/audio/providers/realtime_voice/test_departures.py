"""A voice that does not read what it was given: nothing else is heard, and it is counted."""

import asyncio
from collections.abc import Callable

import pytest

from audio.speech import SpokenFacts, VoiceDeparted
from tests.audio.providers.realtime_voice.adapter import (
    TEXT,
    Metered,
    collect,
    said,
    sound_of,
    until,
    voice,
)
from tests.support import realtime_voice_socket as modes
from tests.support.openai_double import OpenAIDouble, tone


def another_word_later(text: str) -> str:
    words = text.split()
    return " ".join([*words[:8], "well", *words[9:]])


@pytest.mark.parametrize(
    "says",
    [
        modes.adds,
        modes.precedes,
        modes.rewords,
        modes.leaves_out,
        modes.answers,
        another_word_later,
        lambda text: f"{text} {text}",
        lambda _: "Ja, gerne.",
        lambda _: "我很好。",
        lambda _: "x" * 10_000,
    ],
)
async def test_a_departure_is_told_and_counted_and_the_socket_goes_on(
    double: OpenAIDouble, says: Callable[[str], str]
) -> None:
    double.voice.says = says
    adapter = voice(double)
    facts = SpokenFacts()
    with pytest.raises(VoiceDeparted) as departed:
        await said(adapter, facts=facts)
    assert not departed.value.retryable
    assert "127.0.0.1" in str(departed.value)
    assert adapter.departures == 1
    assert facts.said is None
    assert len(double.voice.asked) == 1
    double.voice.says = lambda text: text
    assert await said(adapter) == sound_of()
    await adapter.close()
    assert adapter.departures == 1


@pytest.mark.parametrize("mode", ["wordless", "silent"])
async def test_sound_without_its_words_is_a_departure(double: OpenAIDouble, mode: str) -> None:
    double.voice.fail(mode)
    adapter = voice(double)
    with pytest.raises(VoiceDeparted):
        await said(adapter)
    await adapter.close()


async def test_sound_that_never_ends_is_a_departure(double: OpenAIDouble) -> None:
    double.voice.sound_of = lambda _: tone(120_000)
    adapter = voice(double)
    with pytest.raises(VoiceDeparted, match="went on sounding"):
        await said(adapter)
    await adapter.close()


@pytest.mark.parametrize("says", [modes.precedes, modes.rewords, modes.answers])
@pytest.mark.parametrize("mode", ["", "late", "whole"])
async def test_no_sound_of_a_departure_at_the_first_words_is_heard(
    double: OpenAIDouble, says: Callable[[str], str], mode: str
) -> None:
    double.voice.says = says
    if mode:
        double.voice.fail(mode)
    adapter = voice(double)
    heard = bytearray()
    with pytest.raises(VoiceDeparted):
        await collect(adapter, heard)
    await adapter.close()
    assert not heard


async def test_a_departure_in_the_middle_is_not_heard(double: OpenAIDouble) -> None:
    double.voice.says = another_word_later
    double.voice.fail("late")
    adapter = voice(double)
    heard = bytearray()
    with pytest.raises(VoiceDeparted):
        await collect(adapter, heard)
    await adapter.close()
    agreed = " ".join(TEXT.split()[:8])
    assert len(heard) <= len(sound_of(agreed))


@pytest.mark.parametrize(
    ("script", "spoken"),
    [
        ("I am glad that you do not worry.", "I'm glad that you don't worry."),
        ("I'm glad that you don't worry.", "I am glad that you do not worry."),
        ("What's next?", "What is next?"),
    ],
)
async def test_a_contraction_is_read_on_and_goes_on_record(
    double: OpenAIDouble, script: str, spoken: str
) -> None:
    double.voice.says = lambda _: spoken
    adapter = voice(double)
    facts = SpokenFacts()
    assert await said(adapter, script, facts=facts) == sound_of(spoken)
    await adapter.close()
    assert facts.said == spoken
    assert adapter.departures == 0


async def test_numbers_and_case_are_no_other_words(double: OpenAIDouble) -> None:
    double.voice.says = lambda _: "in twenty twenty-seven we were 5 people"
    adapter = voice(double)
    facts = SpokenFacts()
    await said(adapter, "In 2027, we were five people.", facts=facts)
    await adapter.close()
    assert facts.said is None


async def test_a_departed_response_is_cancelled_and_paid_for(double: OpenAIDouble) -> None:
    double.voice.says = modes.answers
    double.voice.gate = asyncio.Event()
    adapter = voice(double)
    with Metered() as used:
        with pytest.raises(VoiceDeparted):
            await said(adapter)
        await until(lambda: used)
    conversation, *_ = double.voice.conversations
    assert len(conversation.of_type("response.cancel")) == 1
    await adapter.close()
    assert used[0].characters == len(TEXT)
