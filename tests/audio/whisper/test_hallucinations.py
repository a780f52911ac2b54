"""What Whisper writes over nothing is dropped; what a candidate said stays."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.hallucinations import (
    Piece,
    confidence_of,
    needs_second_hearing,
    repeats_itself,
    settled,
    speech_ms_of,
    text_of,
    without_hallucinations,
)
from audio.speech import SPEECH_RATE

Scores = tuple[float | None, float | None]
"""No-speech probability and mean log-probability."""

NOISE: Scores = (0.9, -0.8)
VOICE: Scores = (0.1, -0.15)
UNKNOWN: Scores = (None, None)


def said(text: str, scores: Scores, speech_ms: int = 900, prompt: str = "") -> str:
    return text_of(
        without_hallucinations([Piece(text, *scores)], speech_ms=speech_ms, prompt=prompt)
    )


@pytest.mark.parametrize(
    "phrase",
    [
        "Thank you.", "Thank you. Thank you.", "Thanks for watching!", "you", "Bye.", "Bye-bye.",
        "Thank you, bye.", "I'll see you in the next video.", "Okay.", "I'm sorry.",
        "Subtitles by the Amara.org community", "Transcribed by https://otter.ai",
        "Captions by GetTranscribed.com",
    ],
)  # fmt: skip
def test_stock_phrases_over_noise_are_dropped_and_kept_when_spoken(phrase: str) -> None:
    assert said(phrase, NOISE) == ""
    assert said(phrase, VOICE) == phrase


def test_hold_music_is_not_thanks() -> None:
    assert said("Thank you.", (0.75, -0.83)) == ""


def test_other_words_over_noise_need_whispers_own_doubt() -> None:
    text = "I worked in Berlin."
    assert said(text, (0.7, -0.6)) == text
    assert said(text, (0.7, -1.2)) == ""
    assert said(text, (0.2, -1.2)) == text


@pytest.mark.parametrize(
    ("heard", "left"),
    [
        ("[Music]", ""),
        ("(applause)", ""),
        ("(audience laughing)", ""),
        ("*sighs*", ""),
        ("♪ la la la ♪", ""),
        ("♪", ""),
        ("[BLANK_AUDIO]", ""),
        ("(speaking in foreign language)", ""),
        ("Well, [inaudible] I tried.", "Well, I tried."),
        ("I led (coughs) a team.", "I led a team."),
        ("We used a model (BERT) for that.", "We used a model (BERT) for that."),
        ("...", ""),
        (" . ", ""),
        ("", ""),
    ],
)
def test_sound_tags_are_always_dropped(heard: str, left: str) -> None:
    assert said(heard, VOICE, speech_ms=4_000) == left


@pytest.mark.parametrize(
    ("heard", "speech_ms", "left"),
    [
        ("Yes. Yes. Yes. Yes. Yes", 300, "Yes."),  # nobody says five words in 0.3 s
        ("Thank you very much. Thank you very much. Thank you", 800, "Thank you very much."),
        ("No, no, no.", 900, "No, no, no."),  # three words in 0.9 s: a candidate does
        ("I had had enough of that that day.", 2_500, "I had had enough of that that day."),
        ("So " + "I went to the shop " * 8, 20_000, "So I went to the shop"),  # slow, but a loop
        ("a b a b c", 5_000, "a b a b c"),
    ],
)
def test_loops_are_cut_to_what_can_have_been_said(heard: str, speech_ms: int, left: str) -> None:
    assert said(heard, VOICE, speech_ms=speech_ms) == left


def test_what_the_times_of_words_have_settled_is_not_judged_by_rate_again() -> None:
    twice = Piece("Could you say that? Could you say that?", 0.1, -0.3)
    assert without_hallucinations([twice], speech_ms=300, settled=True) == [twice]
    assert text_of(without_hallucinations([twice], speech_ms=300)) == "Could you say that?"
    loop = Piece("so so so so so", 0.1, -0.3)  # shorter groups are left to the rate
    assert text_of(without_hallucinations([loop], speech_ms=300, settled=True)) == "so"


def test_repetition_is_noticed_where_it_is_most_of_the_text() -> None:
    for text in ("Okay. Okay.", "Yes, yes, of course. Yes, yes, of", "So no no no no"):
        assert repeats_itself(text), text
    for text in ("", "Okay.", "It was very, very hard for all of us.", "Yes, of course."):
        assert not repeats_itself(text), text


def test_a_loop_over_noise_is_dropped_although_it_is_sure_of_itself() -> None:
    assert said("Be Be Be Be Be Be Be", (0.85, -0.3), speech_ms=0) == ""


def test_an_echo_of_the_prompt_is_dropped_over_noise_only() -> None:
    prompt = "What did you build? I built a search engine."
    assert said("I built a search engine.", NOISE, prompt=prompt) == ""
    assert said("I built a search engine.", VOICE, prompt=prompt) == "I built a search engine."
    assert said("I built a bridge.", NOISE, prompt=prompt) == "I built a bridge."


def test_without_scores_a_prompt_that_comes_back_too_fast_is_an_echo() -> None:
    prompt = "Kubernetes, Terraform, Northwind, backend engineer. I built a search engine."
    echo = "Kubernetes, Terraform, Northwind, backend engineer."
    assert said(echo, UNKNOWN, speech_ms=400, prompt=prompt) == ""
    assert said(echo, UNKNOWN, speech_ms=2_500, prompt=prompt) == echo
    assert said("Kubernetes.", UNKNOWN, speech_ms=400, prompt=prompt) == "Kubernetes."
    assert said("Five words in no time.", UNKNOWN, speech_ms=400, prompt=prompt) != ""


def test_without_scores_the_level_of_the_sound_decides() -> None:
    assert said("Thank you.", UNKNOWN, speech_ms=0) == ""
    assert said("Thank you.", UNKNOWN, speech_ms=500) == "Thank you."


def test_confidence_weighs_pieces_by_their_tokens() -> None:
    pieces = [Piece("a", avg_logprob=0.0, tokens=3), Piece("b", avg_logprob=-1.0, tokens=1)]
    assert confidence_of(pieces) == pytest.approx(np.exp(-0.25))
    assert confidence_of([Piece("a")]) is None
    assert confidence_of([]) is None


def test_steady_sounds_are_no_speech_and_bursts_are() -> None:
    rng = np.random.default_rng(1)
    time = np.arange(SPEECH_RATE * 2) / SPEECH_RATE
    noise = rng.normal(0, 600, time.size)
    hum = 3_000 * np.sin(2 * np.pi * 50 * time) + 500
    burst = np.where((time > 0.5) & (time < 1.0), 5_000 * np.sin(2 * np.pi * 180 * time), 0)
    for steady in (noise, hum, np.zeros(time.size), np.full(time.size, 4_000.0)):
        assert speech_ms_of(steady.astype(np.int16), SPEECH_RATE) < 40
    assert speech_ms_of((burst + noise / 6).astype(np.int16), SPEECH_RATE) in range(460, 541)
    assert speech_ms_of(np.zeros(10, np.int16), SPEECH_RATE) == 0


@given(
    text=st.text(alphabet=st.sampled_from("ab .,[]()*♪you"), max_size=120),
    speech_ms=st.integers(0, 30_000),
    no_speech=st.none() | st.floats(0, 1),
    logprob=st.none() | st.floats(-5, 0),
)
def test_filtering_never_adds_words_and_settles(
    text: str, speech_ms: int, no_speech: float | None, logprob: float | None
) -> None:
    kept = without_hallucinations([Piece(text, no_speech, logprob)], speech_ms=speech_ms)
    remaining = text_of(kept).replace(" ", "")
    letters = iter(text.replace(" ", ""))
    assert all(letter in letters for letter in remaining)
    assert not kept or any(char.isalnum() for char in kept[0].text)


TERMS = "Kubernetes, Kafka, PostgreSQL, Northwind, backend engineer."


@pytest.mark.parametrize(
    "invented",
    [
        "Thank you for watching.", "Thanks for watching!", "Thank you so much for your watching.",
        "Please subscribe to my channel.", "Don't forget to subscribe!",
        "See you in the next video.",
        "Subtitles by the Amara.org community", "Transcription by CastingWords",
    ],
)  # fmt: skip
@pytest.mark.parametrize("speech_ms", [60, 700, 3_000])
def test_without_scores_what_nobody_says_in_an_interview_is_dropped(
    invented: str, speech_ms: int
) -> None:
    assert said(invented, UNKNOWN, speech_ms=speech_ms) == ""


@pytest.mark.parametrize(
    "answer",
    [
        "We publish and subscribe to events.", "Users subscribe monthly.", "On my channel, mostly.",
        "I fixed it in the next video call.", "I am watching the dashboards.",
    ],
)  # fmt: skip
def test_an_answer_with_the_words_of_such_a_phrase_stays(answer: str) -> None:
    assert said(answer, UNKNOWN, speech_ms=1_800) == answer


@pytest.mark.parametrize("phrase", ["Thank you.", "Okay.", "Bye.", "I'm sorry."])
def test_without_a_score_of_the_sound_the_models_doubt_drops_stock_phrases(phrase: str) -> None:
    assert said(phrase, (None, -0.9)) == ""
    assert said(phrase, (None, -0.1)) == phrase
    assert said(phrase, UNKNOWN, speech_ms=60) == ""
    assert said(phrase, UNKNOWN, speech_ms=700) == phrase
    assert said("We moved it to another region.", (None, -0.9)) != "", "doubt alone is no evidence"


@pytest.mark.parametrize(
    ("heard", "again"),
    [
        ("Kubernetes, Kafka, PostgreSQL", ""),
        ("PostgreSQL, Kubernetes, Kafka.", "Thank you for watching."),
        ("Kafka, PostgreSQL.", "Hmm"),
        ("Northwind backend engineer", "The rain."),
    ],
)
def test_an_echo_of_the_prompt_goes_unless_it_is_heard_without_it(heard: str, again: str) -> None:
    options: dict[str, Any] = {"speech_ms": 2_400, "prompt": TERMS}
    pieces = [Piece(heard)]
    assert needs_second_hearing(pieces, **options)
    kept = without_hallucinations(settled(pieces, [Piece(again)], **options), **options)
    assert text_of(kept) == ("" if "watching" in again else again)
    same = [Piece(heard.replace("PostgreSQL", "Postgres SQL"))]
    assert settled(pieces, same, **options) == pieces


@pytest.mark.parametrize(
    ("heard", "speech_ms"),
    [
        ("We used Kafka and PostgreSQL at Northwind.", 2_400),
        ("Kafka.", 500),
        ("I don't know.", 600),
        ("", 600),
    ],
)
def test_what_no_prompt_explains_is_heard_once(heard: str, speech_ms: int) -> None:
    assert not needs_second_hearing([Piece(heard)], speech_ms=speech_ms, prompt=TERMS)
    assert not needs_second_hearing([Piece("a b c a b c")], speech_ms=speech_ms, prompt="")


def test_a_clause_written_twice_is_cut_where_the_second_hearing_has_it_once() -> None:
    pieces = [Piece("We decide."), Piece("One is responsible. One is responsible.", None, -0.2)]
    options: dict[str, Any] = {"speech_ms": 2_000, "prompt": TERMS}
    assert needs_second_hearing(pieces, **options)
    once = settled(pieces, [Piece("We decide. One is responsible.")], **options)
    assert once == [Piece("We decide."), Piece("One is responsible.", None, -0.2)]
    assert settled(pieces, pieces, **options) == pieces
