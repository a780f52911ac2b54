"""The stand-in for Whisper knows what the benches speak, whole or in pieces."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bench.live.utterances import FRAME, QUIET, TEXTS, Recogniser, Utterance, whole_frames

Sound = NDArray[np.int16]


def made_up(number: int, text: str) -> Utterance:
    """Words with a sound of its own: noise with pauses, 1 s for ten letters."""
    rng = np.random.default_rng(number)
    sound = rng.integers(-4_000, 4_000, len(text) * 1_600).astype(np.int16)
    sound[8_000:9_000] = 0
    return Utterance(text, sound)


UTTERANCES = tuple(made_up(number, text) for number, text in enumerate(TEXTS[:4]))
RECOGNISER = Recogniser(UTTERANCES)


def room(samples: int) -> Sound:
    return np.random.default_rng(99).normal(0, 8, samples).astype(np.int16)


def test_each_utterance_is_recognised_in_the_quiet_of_a_room() -> None:
    for utterance in UTTERANCES:
        heard = np.concatenate([room(5_000), utterance.sound, room(2_000)])
        assert RECOGNISER.words_in(heard) == utterance.text


def test_two_answers_in_one_sound_are_both_recognised() -> None:
    first, second = UTTERANCES[0], UTTERANCES[2]
    heard = np.concatenate([first.sound, room(9_000), second.sound])
    assert RECOGNISER.words_in(heard) == f"{first.text} {second.text}"


@pytest.mark.parametrize("samples", [0, 10, 16_000])
def test_a_room_without_speech_has_no_words(samples: int) -> None:
    assert RECOGNISER.words_in(room(samples)) == ""


def test_other_sound_has_no_words() -> None:
    noise = np.random.default_rng(5).integers(-5_000, 5_000, 16_000).astype(np.int16)
    assert RECOGNISER.words_in(noise) == ""


@given(st.integers(0, 3), st.floats(0, 1))
def test_wherever_it_is_cut_the_two_pieces_have_all_words_once(which: int, share: float) -> None:
    utterance = UTTERANCES[which]
    cut = int(share * len(utterance.sound))
    pieces = [utterance.sound[:cut], utterance.sound[cut:]]
    words = " ".join(RECOGNISER.words_in(piece) for piece in pieces).split()
    assert words == utterance.text.split() or min(cut, len(utterance.sound) - cut) < 2_000


def test_a_clip_ends_with_its_last_sample_of_speech_and_fills_whole_frames() -> None:
    speech = np.full(1_000, 3_000, np.int16)
    sound = np.concatenate([room(700), speech, room(900)])
    clip = whole_frames(sound)
    assert len(clip) % FRAME == 0
    assert np.array_equal(clip[-1_000:], speech)
    assert abs(int(clip[-1])) > QUIET
    assert not clip[:-1_000].any()


def test_a_sound_without_speech_is_no_clip() -> None:
    with pytest.raises(ValueError, match="no speech"):
        whole_frames(room(1_000))
