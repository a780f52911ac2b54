"""A confidence of our own: what speaks for words and against them, and who has to wait for it."""

import numpy as np
import pytest

from audio.speech import SPEECH_RATE, Transcript
from sessions.listening.own_confidence import (
    SECOND_HEARING_MS,
    Evidence,
    oddity,
    own_confidence,
    plain_words,
    word_agreement,
)
from sessions.listening.second_hearing import AT_ONCE, RatedTranscriber, SecondHearing
from sessions.turntaking.rules import Rules
from tests.fakes.fake_speech import FakeTranscriber, unavailable
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

SAID = "I looked after fifteen servers in Berlin."


class Unrated(FakeTranscriber):
    """Gives no confidence, as OpenAI's newer models."""

    async def transcribe(self, audio, *, prompt="", language="en"):  # type: ignore[no-untyped-def]
        words = await super().transcribe(audio, prompt=prompt, language=language)
        return Transcript(words.text, None, words.audio_ms, words.compute_ms, "unrated")


def seconds_of(length: float) -> np.ndarray:
    """So much sound."""
    return np.zeros(int(length * SPEECH_RATE), np.int16)


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("Yes.", "yes", 1.0),
        ("15 people", "Fifteen people.", 1.0),
        ("25", "twenty-five", 1.0),
        ("I'm Ada", "im ada", 1.0),
        ("Yes", "No", 0.0),
        ("in 2019", "in 2090", 0.5),
        ("", "", 1.0),
        ("Bonjour", "", 0.0),
    ],
)
def test_texts_agree_by_their_words_whatever_their_spelling(
    one: str, other: str, share: float
) -> None:
    assert word_agreement(one, other) == pytest.approx(share)
    assert word_agreement(other, one) == pytest.approx(share)


def test_a_number_is_one_word_in_digits_and_in_words() -> None:
    assert plain_words("Twenty five of 25") == ["twentyfive", "of", "twentyfive"]


@pytest.mark.parametrize(
    ("text", "speech_ms", "odd"),
    [(SAID, 2_800, False), (SAID, 300, True), ("I", 9_000, True), ("", 1_000, True)],
)
def test_a_rate_is_odd_far_from_the_usual_one(text: str, speech_ms: float, odd: bool) -> None:
    assert (oddity(text, speech_ms) > 1) is odd


def test_without_evidence_there_is_no_confidence() -> None:
    assert own_confidence(SAID, Evidence(2_800)) is None
    assert own_confidence("", Evidence(2_800, second="")) is None


def test_each_piece_of_evidence_moves_the_confidence_its_own_way() -> None:
    usual = own_confidence(SAID, Evidence(2_800, partial=SAID, second=SAID))
    doubted = own_confidence(SAID, Evidence(2_800, partial=SAID, second="Why look at the surface?"))
    changed = own_confidence(SAID, Evidence(2_800, partial="Why look at the", second=SAID))
    odd = own_confidence(SAID, Evidence(20_000, partial=SAID, second=SAID))
    assert usual is not None
    for less in (doubted, changed, odd):
        assert less is not None
        assert 0 < less < usual < 1


def test_the_rule_that_asks_again_is_reached_where_nothing_agrees_and_not_where_all_does() -> None:
    bound = Rules().unclear_below
    nothing = own_confidence(SAID, Evidence(2_800, partial="Oh", second="Thank you."))
    everything = own_confidence(SAID, Evidence(2_800, partial=SAID, second=SAID))
    second_alone = own_confidence(SAID, Evidence(2_800, second=SAID))
    assert nothing is not None
    assert everything is not None
    assert second_alone is not None
    assert nothing < bound < second_alone
    assert bound < everything


def test_a_short_answer_is_heard_twice_and_nobody_waits_for_it() -> None:
    async def story() -> None:
        local = FakeTranscriber(SAID, latency_ms=100)
        remote = RatedTranscriber(Unrated(SAID, latency_ms=600), SecondHearing(local))
        began = now_ms()
        words = await remote.transcribe(seconds_of(3))
        assert now_ms() - began == pytest.approx(600)
        assert words.own_confidence
        assert words.confidence is not None
        assert words.confidence > Rules().unclear_below
        local.latency_ms = 5_000
        began = now_ms()
        assert (await remote.transcribe(seconds_of(3))).confidence is None, "it is not there yet"
        assert now_ms() - began == pytest.approx(600)
        await pass_ms(1)
        assert not remote._second._running, "and is given up"

    run_virtual(story())


def test_what_is_long_rated_already_or_one_too_many_is_not_heard_twice() -> None:
    async def story() -> None:
        local = FakeTranscriber(SAID, latency_ms=100)
        second = SecondHearing(local)
        assert second.begin(seconds_of(SECOND_HEARING_MS / 1000 + 0.1), "en") is None
        assert SecondHearing().begin(seconds_of(1), "en") is None
        running = [second.begin(seconds_of(1), "en") for _ in range(AT_ONCE)]
        assert None not in running
        assert second.begin(seconds_of(1), "en") is None
        await pass_ms(200)
        rated = RatedTranscriber(FakeTranscriber(SAID), second)
        words = await rated.transcribe(seconds_of(1))
        assert (words.confidence, words.own_confidence) == (0.9, False)

    run_virtual(story())


def test_a_model_that_knows_english_alone_hears_nothing_else() -> None:
    async def story() -> None:
        local = FakeTranscriber(SAID)
        local.model = "faster-whisper/tiny.en"
        assert SecondHearing(local).begin(seconds_of(1), "de") is None
        assert SecondHearing(local).begin(seconds_of(1), "en-GB") is not None
        await pass_ms(200)

    run_virtual(story())


def test_a_second_hearing_that_fails_is_no_evidence() -> None:
    async def story() -> None:
        local = FakeTranscriber(latency_ms=100)
        local.answers.append(unavailable())
        words = await RatedTranscriber(Unrated(SAID), SecondHearing(local)).transcribe(
            seconds_of(3)
        )
        assert words.confidence is None

    run_virtual(story())
