"""Early onset: what is taken for speech, how soon, and what is taken back."""

from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.local_voice import LocalVoice
from audio.pcm import to_int16
from audio.vad import WINDOW, EarlyOnset, SpeechDetector, SpeechEdge, VadBank
from bench.corpus import sounds
from bench.corpus.generate import Voice

SPEECH, MIDDLE, SILENCE = 0.9, 0.4, 0.1
BANK = VadBank(max_windows_a_run=100_000)


@pytest.fixture(scope="module")
async def voice(real_models: None) -> AsyncIterator[LocalVoice]:
    """The local voice, loaded once."""
    voice = LocalVoice()
    yield voice
    await voice.close()


def judged(sound: NDArray[np.int16]) -> NDArray[np.float32]:
    """The model's probabilities."""
    stream = BANK.open()
    stream.feed(sound)
    results = dict(BANK.run())
    BANK.close(stream)
    return results[stream]


def early_onset(early: EarlyOnset | None = None) -> SpeechDetector:
    detector = SpeechDetector(early=early)
    detector.early_onset = True
    return detector


def edges_of(probabilities: NDArray[np.float32] | list[float]) -> list[SpeechEdge]:
    detector = early_onset()
    edges = [detector.update(float(probability)) for probability in probabilities]
    return [edge for edge in edges if edge is not None]


SOFT, FAINT = 0.22, 0.14


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [
        ([SPEECH], [SpeechEdge(True, 0)]),
        ([SILENCE * 0.1] * 3 + [SPEECH], [SpeechEdge(True, 3 * WINDOW)]),
        ([SOFT] * 2, []),
        ([SOFT] * 3 + [SPEECH] * 9, [SpeechEdge(True, 0)]),
        ([FAINT] * 3, []),
        ([0.0, *[FAINT] * 4, SPEECH], [SpeechEdge(True, 2 * WINDOW)]),
        ([0.1] * 50, []),
        ([SOFT, 0, 0, 0] * 20, []),
        ([SPEECH, 0, 0], [SpeechEdge(True, 0), SpeechEdge(False, WINDOW)]),
        (
            [SOFT] * 3 + [0.0] * 2,
            [SpeechEdge(True, 0), SpeechEdge(False, 3 * WINDOW, doubtful=True)],
        ),
        ([SOFT] * 3 + [0.0, SOFT, 0.0, SPEECH] + [MIDDLE] * 9, [SpeechEdge(True, 0)]),
        (
            [SOFT] * 13,
            [SpeechEdge(True, 0), SpeechEdge(False, 13 * WINDOW, doubtful=True)],
        ),
        ([SOFT] * 12 + [SPEECH] + [MIDDLE] * 20, [SpeechEdge(True, 0)]),
    ],
    ids=[
        "one certain window is enough",
        "and speech begins with it",
        "two soft windows are not enough",
        "three are, and speech begins with the first",
        "three faint ones are not",
        "only the last four windows count",
        "noise that the model is nearly sure of adds up to nothing",
        "soft windows far apart do not add up",
        "a start that was certain ends as usual",
        "a start that silence follows is taken back",
        "one window of silence is a plosive",
        "a start that no speech follows is taken back",
        "a start that is borne out in time is one",
    ],
)
def test_early_onset_sums_up_uncertain_windows(
    probabilities: list[float], expected: list[SpeechEdge]
) -> None:
    assert edges_of(probabilities) == expected


def test_three_windows_are_speech_to_early_onset_too() -> None:
    detector = early_onset(EarlyOnset(evidence=9.0))
    edges = [detector.update(SPEECH) for _ in range(3)]
    assert edges == [None, None, SpeechEdge(True, 0)]


def test_what_came_before_early_onset_was_on_is_no_evidence() -> None:
    detector = SpeechDetector()
    for early_onset in (True, True, False, True, True):
        detector.early_onset = early_onset
        assert detector.update(SOFT) is None


@pytest.mark.parametrize(
    "words", ["Sorry, could you repeat that?", "So, what about it?", "Could you say that again?"]
)
async def test_soft_beginnings_are_noticed_soon(voice: LocalVoice, words: str) -> None:
    """In sound that is cut to where it is above -44 dBFS."""
    said = await Voice(voice).say(words)
    late: list[float] = []
    for shift in range(0, WINDOW, 64):
        lead = 16_000 + shift
        detector = early_onset()
        for probability in judged(to_int16(np.pad(said, (lead, 16_000)))):
            if (edge := detector.update(float(probability))) is not None:
                break
        assert edge is not None
        assert abs(edge.sample - lead) < 0.14 * 16_000
        late.append((detector.position - lead) / 16)
    assert np.median(late) < 130
    assert max(late) < 170


@pytest.mark.parametrize("noise", [sounds.keyboard, sounds.cough])
def test_keys_and_coughs_are_no_voice(
    noise: Callable[[np.random.Generator], sounds.Sound],
) -> None:
    rng = np.random.default_rng(4)
    for _ in range(6):
        sound = np.pad(sounds.at_level(noise(rng), -30), 8_000)
        assert edges_of(judged(to_int16(sound))) == []
