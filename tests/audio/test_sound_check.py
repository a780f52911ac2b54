"""What a microphone delivers apart from words, told from samples alone."""

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.sound_check import CLIPPED_SHARE, GATED_MS, SILENT_MS, SoundCheck
from audio.speech import SPEECH_RATE
from tests.audio.sounds import at_level, white

ROOM = -60.0
"""A quiet room, dBFS."""


def played(check: SoundCheck, sound: NDArray[np.int16], *, voiced: bool = False) -> SoundCheck:
    """Take it in blocks of 200 ms."""
    for begin in range(0, len(sound), 3_200):
        check.take(sound[begin : begin + 3_200], voiced=voiced)
    return check


def zeros(ms: float) -> NDArray[np.int16]:
    return np.zeros(round(ms * SPEECH_RATE / 1000), np.int16)


def test_exact_zeros_are_no_room() -> None:
    assert not played(SoundCheck(), zeros(SILENT_MS - 100)).silent()
    assert played(SoundCheck(), zeros(SILENT_MS)).silent()
    assert not played(SoundCheck(), at_level(white(5), ROOM)).silent()
    assert not played(SoundCheck(), at_level(white(5), -84)).silent(), "the last bit moves"


def test_zeros_are_counted_from_the_last_sound() -> None:
    check = played(SoundCheck(), at_level(white(1), ROOM))
    assert not played(check, zeros(SILENT_MS - 100)).silent()
    assert played(check, zeros(100)).silent()
    assert not played(check, at_level(white(0.2), ROOM)).silent()


def test_no_sound_at_all_is_as_silent_as_zeros() -> None:
    check = played(SoundCheck(), at_level(white(1), ROOM))
    assert not check.silent(SILENT_MS - 1)
    assert check.silent(SILENT_MS)


@pytest.mark.parametrize("by", ["zeros", "nothing"])
def test_who_sends_nothing_between_words_is_not_called_muted(by: str) -> None:
    """Noise suppression makes zeros of every pause, some bridges send nothing in it."""
    check = played(SoundCheck(), at_level(white(2), -26), voiced=True)
    if by == "zeros":
        played(check, zeros(2_000))
    else:
        check.resumed(2_000)
    played(check, at_level(white(2), -26), voiced=True)
    assert not played(check, zeros(SILENT_MS + 1_000)).silent()
    assert played(check, zeros(GATED_MS)).silent()


@pytest.mark.parametrize(("dbfs", "noisy"), [(-20, True), (-30, True), (-45, False), (-60, False)])
def test_loud_sound_without_a_voice_is_noise(dbfs: float, noisy: bool) -> None:
    assert played(SoundCheck(), at_level(white(5), dbfs)).noisy is noisy


def test_a_short_sound_is_no_noise_and_a_voice_is_none() -> None:
    check = played(SoundCheck(), at_level(white(2), -20))
    assert not check.noisy
    played(check, at_level(white(1), -20), voiced=True)
    assert not played(check, at_level(white(3), -20)).noisy, "it counts from the voice on"
    assert not played(SoundCheck(), at_level(white(5), -20), voiced=True).noisy


@pytest.mark.parametrize(("over_db", "clipping"), [(-3, False), (1, False), (10, True), (20, True)])
def test_a_voice_over_full_scale_is_cut_off(over_db: float, clipping: bool) -> None:
    time = np.arange(SPEECH_RATE * 3) / SPEECH_RATE
    voice = sum(np.sin(2 * np.pi * 120 * n * time + n * n) / n for n in range(1, 25))
    voice = voice * np.abs(np.sin(2 * np.pi * 2 * time)) ** 3  # syllables
    loud = np.clip(voice / np.abs(voice).max() * 32_767 * 10 ** (over_db / 20), -32_768, 32_767)
    check = played(SoundCheck(), loud.astype(np.int16), voiced=True)
    assert check.clipping is clipping
    assert (check.clipped_share >= CLIPPED_SHARE) is clipping


def test_a_single_bang_is_no_distorted_voice() -> None:
    bang = np.full(3_200, 32_767, np.int16)
    assert not played(SoundCheck(), bang, voiced=True).clipping
    assert SoundCheck().clipped_share == 0


def test_the_edges_of_telephone_codecs_count_as_full_scale() -> None:
    for top in (32_124, 32_256, -32_768):
        check = played(SoundCheck(), np.full(SPEECH_RATE * 3, top, np.int16), voiced=True)
        assert check.clipping
