"""The bench of the telephone: what a line does to sound, and what its figures mean."""

import numpy as np
import pytest

from audio.local_voice import LocalVoice
from audio.speech import SPEECH_RATE
from audio.vad import TELEPHONE_RULES, VadRules
from bench.corpus import generate as corpus
from bench.telephone import (
    Item,
    make_items,
    over_the_line,
    voice_activity,
    word_error_rates,
)
from tests.server.dialects.telephony.test_codec import tone


@pytest.fixture(scope="module")
async def items(real_models: None) -> list[Item]:
    voice = LocalVoice()
    found = await make_items(4, corpus.Voice(voice))
    await voice.close()
    return found


def loudness(hertz: float) -> float:
    """How much of a tone is left by the line."""
    heard = over_the_line(tone(SPEECH_RATE, 1.0, hertz))[2_000:14_000]
    return float(np.std(heard) / np.std(tone(SPEECH_RATE, 1.0, hertz)))


def test_only_the_telephones_band_passes() -> None:
    assert loudness(1_000) == pytest.approx(1.0, abs=0.3)
    assert loudness(4_000) < 0.01
    assert loudness(6_000) < 0.01


def test_items_say_where_speech_is(items: list[Item]) -> None:
    for item in items:
        assert 0 < item.begin < item.end <= item.sound.size
        inside = item.sound[item.begin : item.end].astype(float)
        assert np.std(inside) > 2 * np.std(item.sound[: item.begin].astype(float))
        assert all(item.begin < start < item.end for start, _ in item.pauses)


def test_speech_is_found_over_the_telephone(items: list[Item]) -> None:
    wide = voice_activity(items, lambda sound: sound, VadRules())
    line = voice_activity(items, over_the_line, TELEPHONE_RULES)
    plain = voice_activity(items, over_the_line, VadRules())
    assert wide["speech_found"] > 0.8
    assert line["speech_found"] > 0.75
    assert line["speech_found"] > plain["speech_found"]
    assert line["silence_taken_for_speech"] < 0.06
    assert line["answers_not_noticed"] == 0


def test_words_are_counted_of_all_and_by_condition(items: list[Item]) -> None:
    right = [item.text for item in items]
    assert set(word_error_rates(items, right).values()) == {0.0}
    rates = word_error_rates(items, ["", *right[1:]])
    assert 0 < rates["all"] < 1
    assert set(rates) == {"all", *(item.condition for item in items)}
