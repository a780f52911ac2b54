"""Speech edges: the pure detector by tables and laws, the bank on real synthesized speech."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hibari import Hibari
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio.pcm import to_int16
from audio.resample import resample
from audio.vad import (
    WINDOW,
    SpeechDetector,
    SpeechEdge,
    VadBank,
    VadRules,
    VadStream,
)

LEAD = 13_000  # samples of silence in front of a sentence; not a multiple of a window
TAIL = 16_000
SENTENCES = [
    "Thank you, that is very helpful.",
    "I have worked on payment systems for five years.",
    "Could you repeat the question, please?",
    "Yes.",
]


@pytest.fixture(scope="module")
def sentences() -> list[NDArray[np.int16]]:
    """Spoken sentences at 16 kHz, cut to where the sound is above -45 dBFS."""
    voice = Hibari(threads=1)
    trimmed = []
    for text in SENTENCES:
        spoken = np.asarray(voice(text), dtype=np.float32).reshape(-1)
        sound = resample(to_int16(spoken), 24_000, 16_000)
        loud = np.flatnonzero(np.abs(sound.astype(int)) > 184)
        trimmed.append(sound[loud[0] : loud[-1] + 1])
    return trimmed


@pytest.fixture(scope="module")
def bank() -> VadBank:
    """One bank without a bound, so that a test gets everything from one run."""
    bank = VadBank(max_windows_a_run=100_000)
    bank.warm_up()
    return bank


def padded(sentence: NDArray[np.int16]) -> NDArray[np.int16]:
    return np.pad(sentence, (LEAD, TAIL))


def judged(bank: VadBank, sound: NDArray[np.int16]) -> NDArray[np.float32]:
    """Probabilities of a sound that has a stream for itself."""
    stream = bank.open()
    stream.feed(sound)
    results = dict(bank.run())
    bank.close(stream)
    return results[stream]


def edges_of(probabilities: NDArray[np.float32] | list[float]) -> list[SpeechEdge]:
    detector = SpeechDetector()
    edges = [detector.update(float(probability)) for probability in probabilities]
    return [edge for edge in edges if edge is not None]


# --- the bank, on real sound ------------------------------------------------------------------


@pytest.mark.parametrize("number", range(len(SENTENCES)))
@pytest.mark.parametrize("noise_level", [0, 30])
def test_edges_are_within_100_ms_of_the_true_ones(
    bank: VadBank, sentences: list[NDArray[np.int16]], number: int, noise_level: int
) -> None:
    sound = padded(sentences[number])
    noise = np.random.default_rng(5).normal(0, noise_level, sound.size)
    edges = edges_of(judged(bank, (sound + noise).astype(np.int16)))
    assert [edge.started for edge in edges] == [True, False] * (len(edges) // 2)
    assert abs(edges[0].sample - LEAD) <= 1_600
    assert abs(edges[-1].sample - (LEAD + sentences[number].size)) <= 1_600
    gaps = [start.sample - stop.sample for stop, start in pairwise(edges) if start.started]
    assert all(gap <= 3_200 for gap in gaps), "a pause longer than 200 ms inside a sentence"


def test_a_telephone_takes_no_voice_away(bank: VadBank, sentences: list[NDArray[np.int16]]) -> None:
    """Below 300 Hz nothing passes a telephone, and the model alone would miss half of the words."""
    found: list[NDArray[np.float32]] = []
    for sentence in sentences:
        spectrum = np.fft.rfft(padded(sentence))
        frequencies = np.fft.rfftfreq(padded(sentence).size, 1 / 16_000)
        spectrum[(frequencies < 300) | (frequencies > 3_400)] = 0
        sound = np.fft.irfft(spectrum, padded(sentence).size).astype(np.int16)
        found.append(judged(bank, sound)[LEAD // WINDOW : (LEAD + sentence.size) // WINDOW])
    assert (np.concatenate(found) >= VadRules().onset).mean() > 0.75


def test_digital_silence_has_no_edges(bank: VadBank) -> None:
    assert edges_of(judged(bank, np.zeros(30 * 16_000, dtype=np.int16))) == []


def test_noise_has_no_edges(bank: VadBank) -> None:
    noise = np.random.default_rng(9).normal(0, 300, 20 * 16_000).astype(np.int16)
    assert edges_of(judged(bank, noise)) == []


def test_sharing_a_batch_changes_no_bit(bank: VadBank, sentences: list[NDArray[np.int16]]) -> None:
    sounds = [padded(sentence) for sentence in sentences]
    streams = [bank.open() for _ in sounds]
    for stream, sound in zip(streams, sounds, strict=True):
        stream.feed(sound)
    together = dict(bank.run())
    for stream, sound in zip(streams, sounds, strict=True):
        assert together[stream].size == sound.size // WINDOW
        bank.close(stream)
        assert np.array_equal(together[stream], judged(bank, sound))


@pytest.mark.parametrize("frame", [1, 320, 511, 960, 5_000])
def test_the_size_of_frames_changes_no_bit(
    bank: VadBank, sentences: list[NDArray[np.int16]], frame: int
) -> None:
    sound = padded(sentences[3])[LEAD - 2_000 : LEAD + 6_000]
    whole = judged(bank, sound)
    stream = bank.open()
    pieces: list[NDArray[np.float32]] = []
    for start in range(0, sound.size, frame):
        stream.feed(sound[start : start + frame])
        pieces.extend(probabilities for _, probabilities in bank.run())
    bank.close(stream)
    assert np.array_equal(np.concatenate(pieces), whole)


def test_an_unfinished_window_waits(bank: VadBank) -> None:
    stream = bank.open()
    stream.feed(np.zeros(WINDOW - 1, dtype=np.int16))
    assert bank.run() == []
    assert stream.pending == WINDOW - 1
    stream.feed(np.zeros(2, dtype=np.int16))
    assert [probabilities.shape for _, probabilities in bank.run()] == [(1,)]
    assert stream.pending == 1
    bank.close(stream)


def test_a_large_piece_makes_room_behind_what_waits(
    bank: VadBank, sentences: list[NDArray[np.int16]]
) -> None:
    stream, sound = bank.open(), sentences[1]
    stream.feed(sound[:100])
    stream.feed(sound[100:])
    found = dict(bank.run())[stream]
    bank.close(stream)
    assert np.array_equal(found, judged(bank, sound))


def test_the_memory_of_a_backlog_is_given_back(bank: VadBank) -> None:
    stream = bank.open()
    stream.feed(np.zeros(100_000, dtype=np.int16))
    for _ in range(2_000):
        bank.run()
        stream.feed(np.zeros(320, dtype=np.int16))
    bank.close(stream)
    assert stream._buffer.size <= 4 * 8 * WINDOW


def test_a_flood_is_worked_off_over_several_runs() -> None:
    bank = VadBank(max_windows_a_run=3)
    flood, calm = bank.open(), bank.open()
    flood.feed(np.zeros(7 * WINDOW, dtype=np.int16))
    counts: list[dict[VadStream, int]] = []
    for _ in range(4):
        calm.feed(np.zeros(WINDOW, dtype=np.int16))
        counts.append({stream: found.size for stream, found in bank.run()})
    assert counts == [
        {flood: 3, calm: 1},
        {flood: 3, calm: 1},
        {flood: 1, calm: 1},
        {calm: 1},
    ]


def test_streams_of_different_length_get_their_own_results(
    bank: VadBank, sentences: list[NDArray[np.int16]]
) -> None:
    short, long = sentences[3], sentences[1]
    first, second = bank.open(), bank.open()
    first.feed(short)
    second.feed(long)
    results = dict(bank.run())
    bank.close(first)
    bank.close(second)
    assert np.array_equal(results[first], judged(bank, short))
    assert np.array_equal(results[second], judged(bank, long))


def test_a_new_stream_remembers_nothing_of_the_closed_one(
    sentences: list[NDArray[np.int16]],
) -> None:
    bank = VadBank(max_windows_a_run=100_000)
    fresh = judged(bank, sentences[0])
    again = judged(bank, sentences[0])  # in the same slot
    assert np.array_equal(fresh, again)


def test_a_closed_stream_is_never_judged_again(bank: VadBank) -> None:
    stream = bank.open()
    stream.feed(np.zeros(2 * WINDOW, dtype=np.int16))
    bank.close(stream)
    successor = bank.open()
    bank.close(stream)  # once more: must not close the stream that took over the slot
    stream.feed(np.zeros(WINDOW, dtype=np.int16))
    assert bank.run() == []
    assert len(bank) == 1
    bank.close(successor)
    assert len(bank) == 0


def test_streams_go_on_unharmed_while_the_bank_grows(
    bank: VadBank, sentences: list[NDArray[np.int16]]
) -> None:
    sound = sentences[0]
    half = sound.size // 2
    stream = bank.open()
    stream.feed(sound[:half])
    first = dict(bank.run())[stream]
    others = [bank.open() for _ in range(40)]
    stream.feed(sound[half:])
    second = dict(bank.run())[stream]
    for other in (*others, stream):
        bank.close(other)
    assert np.array_equal(np.concatenate([first, second]), judged(bank, sound))


def test_feeding_copies_so_that_a_buffer_may_be_used_again(
    bank: VadBank, sentences: list[NDArray[np.int16]]
) -> None:
    stream, frame = bank.open(), sentences[0][: 4 * WINDOW].copy()
    stream.feed(frame)
    frame[:] = 0
    found = dict(bank.run())[stream]
    bank.close(stream)
    assert np.array_equal(found, judged(bank, sentences[0][: 4 * WINDOW]))


# --- the detector, on made-up probabilities ---------------------------------------------------

SPEECH, MIDDLE, SILENCE = 0.9, 0.4, 0.1


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [
        ([SPEECH] * 2 + [SILENCE] * 9, []),
        ([SILENCE] + [SPEECH] * 3, [SpeechEdge(True, WINDOW)]),
        ([SPEECH, SILENCE, SPEECH, SPEECH], [SpeechEdge(True, 0)]),
        ([SPEECH, SPEECH, MIDDLE, SPEECH], [SpeechEdge(True, 0)]),
        ([SPEECH, SILENCE, SILENCE, SPEECH, SPEECH], []),
        ([SPEECH, SILENCE, SPEECH, SILENCE, SPEECH, SPEECH], []),
        (
            [SPEECH, SILENCE, SILENCE, SPEECH, SPEECH, SPEECH],
            [SpeechEdge(True, 3 * WINDOW)],
        ),
        ([MIDDLE] * 20, []),
        ([SPEECH] * 3 + [SILENCE] * 1, [SpeechEdge(True, 0)]),
        ([SPEECH] * 3 + [SILENCE] * 2, [SpeechEdge(True, 0), SpeechEdge(False, 3 * WINDOW)]),
        ([SPEECH] * 3 + [SILENCE] * 1 + [SPEECH] + [SILENCE] * 1, [SpeechEdge(True, 0)]),
        ([SPEECH] * 3 + [MIDDLE] * 20, [SpeechEdge(True, 0)]),
        (
            [SPEECH] * 3 + [MIDDLE] * 2 + [SILENCE] * 5,
            [SpeechEdge(True, 0), SpeechEdge(False, 5 * WINDOW)],
        ),
        (
            [SPEECH] * 3 + [SILENCE] + [MIDDLE] * 4 + [SILENCE],
            [SpeechEdge(True, 0), SpeechEdge(False, 3 * WINDOW)],
        ),
        (
            [SPEECH] * 3 + [SILENCE] * 5 + [SPEECH] * 3,
            [SpeechEdge(True, 0), SpeechEdge(False, 3 * WINDOW), SpeechEdge(True, 8 * WINDOW)],
        ),
    ],
    ids=[
        "two windows are a knock, not speech",
        "three windows are speech, from the first",
        "one dip to silence is tolerated",
        "one dip to the middle is tolerated",
        "two dips in a row start over",
        "two dips apart start over",
        "after two dips the next run counts from its own start",
        "the middle alone never starts speech",
        "one window of silence is a plosive",
        "two windows of silence stop, at their beginning",
        "speech in between begins the silence anew",
        "the middle does not stop speech",
        "the middle after speech belongs to the speech",
        "the middle after silence belongs to the silence",
        "speech starts again after a stop",
    ],
)
def test_probabilities_become_edges(probabilities: list[float], expected: list[SpeechEdge]) -> None:
    assert edges_of(probabilities) == expected


def test_the_thresholds_themselves_are_onset_and_not_silence() -> None:
    rules = VadRules()
    detector = SpeechDetector(rules)
    for _ in range(3):
        detector.update(rules.onset)
    assert detector.speaking
    for _ in range(20):
        assert detector.update(rules.offset) is None


def test_the_detector_tells_its_state_and_position() -> None:
    detector = SpeechDetector()
    assert (detector.speaking, detector.position) == (False, 0)
    for _ in range(3):
        detector.update(SPEECH)
    assert (detector.speaking, detector.position) == (True, 3 * WINDOW)
    for _ in range(5):
        detector.update(SILENCE)
    assert (detector.speaking, detector.position) == (False, 8 * WINDOW)


def test_other_rules_are_followed() -> None:
    detector = SpeechDetector(VadRules(min_speech_ms=10, min_silence_ms=33))
    assert detector.update(SPEECH) == SpeechEdge(True, 0)
    assert detector.update(SILENCE) is None
    assert detector.update(SILENCE) == SpeechEdge(False, WINDOW)


@pytest.mark.parametrize(
    "make",
    [
        lambda: VadRules(onset=0.3, offset=0.4),
        lambda: VadRules(onset=1.2),
        lambda: VadRules(offset=-0.1),
        lambda: VadRules(min_speech_ms=0),
        lambda: VadRules(min_silence_ms=-1),
    ],
)
def test_rules_that_make_no_sense_are_refused(make: Callable[[], VadRules]) -> None:
    with pytest.raises(ValueError, match="must"):
        make()


@given(
    st.lists(st.floats(0, 1), max_size=300),
    st.sampled_from([VadRules(), VadRules(min_speech_ms=32), VadRules(0.5, 0.5, 64, 32)]),
    st.booleans(),
)
def test_edges_alternate_and_positions_never_go_backwards(
    probabilities: list[float], rules: VadRules, early_onset: bool
) -> None:
    detector = SpeechDetector(rules)
    detector.early_onset = early_onset
    speaking, last = False, 0
    for count, probability in enumerate(probabilities, start=1):
        edge = detector.update(probability)
        assert detector.position == count * WINDOW
        if edge is not None:
            assert edge.started is not speaking
            assert last <= edge.sample <= detector.position
            assert edge.sample > last or edge.started
            speaking, last = edge.started, edge.sample
        assert detector.speaking is speaking
