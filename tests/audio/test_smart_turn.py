"""The turn model: its input as it was trained with, its file, and what is said of a wrong one.

The real weights are not part of Viva: a model written here stands for them.
"""

import asyncio
import threading
from pathlib import Path

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor
from onnxruntime import InferenceSession

from audio import smart_turn
from audio.smart_turn import INPUT_S, SmartTurn, model_input
from audio.speech import SPEECH_RATE, SpeechBusy, SpeechRejected
from tests.fakes.onnx_files import mean_model

RNG = np.random.default_rng(3)


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    path = tmp_path / "smart-turn.onnx"
    path.write_bytes(mean_model())
    return path


def test_the_input_is_the_last_eight_seconds_with_silence_in_front() -> None:
    short = RNG.normal(0, 3_000, 2 * SPEECH_RATE).astype(np.int16)
    whole = model_input(short)
    assert whole.shape == (INPUT_S * SPEECH_RATE,)
    assert whole.dtype == np.float32
    assert np.ptp(whole[: 6 * SPEECH_RATE]) == 0
    assert whole.mean() == pytest.approx(0, abs=1e-4)
    assert whole.var() == pytest.approx(1, abs=1e-3)
    long = RNG.normal(0, 3_000, 11 * SPEECH_RATE).astype(np.int16)
    assert np.array_equal(model_input(long), model_input(long[-8 * SPEECH_RATE :]))


def test_silence_alone_is_no_division_by_nothing() -> None:
    assert np.isfinite(model_input(np.zeros(0, np.int16))).all()
    assert np.isfinite(model_input(np.zeros(SPEECH_RATE, np.int16))).all()


async def test_a_judgement_is_a_likelihood_and_depends_on_the_sound(model_file: Path) -> None:
    model = SmartTurn(model_file)
    await model.warm_up()
    silence = await model.finished(np.zeros(3 * SPEECH_RATE, np.int16))
    noise = await model.finished(RNG.normal(0, 3_000, 9 * SPEECH_RATE).astype(np.int16))
    await model.close()
    assert 0 <= silence < noise <= 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read: No such file or directory. Set VIVA_SMART_TURN_MODEL to"),
        (b"not a model", "is no ONNX model"),
        (mean_model("audio"), "is another one than Smart Turn v3"),
        (mean_model(frames=3_000), "is another one than Smart Turn v3"),
    ],
)
async def test_a_wrong_file_is_told_of_in_a_sentence(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    path = tmp_path / "model.onnx"
    if content is not None:
        path.write_bytes(content)
    model = SmartTurn(path)
    with pytest.raises(SpeechRejected, match=told):
        await model.warm_up()
    await model.close()


async def test_too_many_judgements_at_once_are_refused(
    model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_asked = threading.Event()

    def open_when_all_asked(path: Path) -> tuple[InferenceSession, FeatureExtractor]:
        all_asked.wait()
        return smart_turn._open(path)

    monkeypatch.setattr(SmartTurn, "_load", lambda _model: open_when_all_asked(model_file))
    monkeypatch.setattr(smart_turn, "QUEUE_LIMIT", 1)
    model = SmartTurn(model_file)
    sound = np.zeros(SPEECH_RATE, np.int16)
    asked = [asyncio.ensure_future(model.finished(sound)) for _ in range(4)]
    asyncio.get_running_loop().call_soon(all_asked.set)  # behind the first steps of all four
    results = await asyncio.gather(*asked, return_exceptions=True)
    await model.close()
    assert sum(isinstance(result, SpeechBusy) for result in results) == 2
    assert sum(isinstance(result, float) for result in results) == 2
