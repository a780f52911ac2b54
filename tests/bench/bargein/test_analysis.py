"""The arithmetic of the bench of barge-in, on recordings whose truth is known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.resample import resample
from audio.speech import VOICE_RATE
from bench.bargein.analysis import Stop, paired, runs, stops, words_apart, words_of
from bench.bargein.line import Interruption
from bench.bargein.tap import Recording

RATE = 44_100
RNG = np.random.default_rng(5)


def noise(seconds: float, level: float) -> NDArray[np.int16]:
    """At VOICE_RATE, of a band that any rate can carry."""
    spectrum = np.fft.rfft(RNG.normal(0, 1, round(seconds * VOICE_RATE)))
    spectrum[len(spectrum) // 3 :] = 0
    sound = np.fft.irfft(spectrum)
    pcm: NDArray[np.int16] = (sound / sound.std() * level).astype(np.int16)
    return pcm


FIRST = Interruption("So?", 2 * VOICE_RATE, noise(0.5, 3_000))
SECOND = Interruption("Sorry?", 4 * VOICE_RATE, noise(0.5, 1_000))


def recorded(
    *interruptions: Interruption,
    late_s: float = 0.0,
    silent_s: list[tuple[float, float]],
    seconds: float = 6.0,
) -> Recording:
    """A recording whose microphone began `late_s` into the file, and whose loudspeaker was silent
    from and to these seconds."""
    line = noise(seconds + late_s, 8)
    for one in interruptions:
        line[one.begin : one.begin + one.sound.size] += one.sound
    loudspeaker = RNG.choice([-3, 2, 400], round(seconds * RATE)).astype(np.int16)
    for begin, end in silent_s:
        loudspeaker[round(begin * RATE) : round(end * RATE)] = 0
    heard = resample(line, VOICE_RATE, RATE)[round(late_s * RATE) :]
    return Recording(heard[: len(loudspeaker)], loudspeaker, RATE, 20.0)


def test_the_time_to_silence_is_counted_from_the_first_sample_of_each_interruption() -> None:
    recording = recorded(FIRST, SECOND, late_s=0.25, silent_s=[(1.9, 3.0), (3.95, 4.5)])
    first, second = stops(recording, [FIRST, SECOND])
    assert (first.words, second.words) == ("So?", "Sorry?")
    assert first.found
    assert second.found
    assert first.silent_after_ms == pytest.approx(150, abs=0.1)
    assert second.silent_after_ms == pytest.approx(200, abs=0.1)


def test_whoever_meets_silence_interrupts_nobody() -> None:
    recording = recorded(FIRST, silent_s=[(1.5, 3.0)])
    assert stops(recording, [FIRST]) == [Stop("So?", True, None)]


def test_an_interviewer_who_goes_on_is_counted_to_the_end() -> None:
    recording = recorded(FIRST, silent_s=[(5.5, 6.0)])
    (found,) = stops(recording, [FIRST])
    assert found.silent_after_ms == pytest.approx(3_500, abs=0.1)


def test_a_sound_that_did_not_reach_the_page_is_not_found_and_harms_no_other() -> None:
    recording = recorded(SECOND, silent_s=[(4.1, 5.0)])
    first, second = stops(recording, [FIRST, SECOND])
    assert first == Stop("So?", False, None)
    assert second.silent_after_ms == pytest.approx(100, abs=0.1)


def test_a_short_gap_and_a_silence_that_does_not_last_are_none() -> None:
    recording = recorded(FIRST, silent_s=[(2.05, 2.1), (2.2, 2.3), (2.4, 2.8)])
    assert len(runs(recording)) == 3
    (found,) = stops(recording, [FIRST])
    assert found.silent_after_ms == pytest.approx(400, abs=0.1)


def test_runs_are_what_was_played_between_silences() -> None:
    recording = recorded(silent_s=[(0, 1.0), (2.0, 2.5), (5.0, 6.0)])
    assert [len(run) / RATE for run in runs(recording)] == pytest.approx([1.0, 2.5], abs=0.001)
    assert runs(recorded(silent_s=[(0, 6.0)])) == []


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("", "", 0), ("Well, yes!", "well yes", 0), ("a b c", "a c", 1), ("a b", "x y z", 3)],
)
def test_words_are_compared_without_their_signs(one: str, other: str, apart: int) -> None:
    assert words_apart(words_of(one), words_of(other)) == apart


def test_turns_find_what_was_heard_of_them_in_one_run_or_in_two() -> None:
    record = ["We work in pairs.", "Imagine a Monday morning.", "You are doing well."]
    heard = ["We work", "work in pairs.", "So I", "Imagine a Monday", "You are doing well"]
    assert paired(record, heard) == [
        (record[0], "We work work in pairs."),
        (record[1], "Imagine a Monday"),
        (record[2], "You are doing well"),
    ]
