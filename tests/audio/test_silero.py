"""The voice model opened for batches says what the untouched file says, to the bit."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio import silero
from audio.silero import (
    CONTEXT,
    STATE,
    WINDOW,
    VoiceModelError,
    batched,
    open_voice_model,
    voice_model_path,
)


def states(streams: int) -> NDArray[np.float32]:
    return np.zeros((1, streams, STATE), dtype=np.float32)


def sounds(windows: int, streams: int) -> NDArray[np.float32]:
    """Noise of very different levels, shape (windows, streams, CONTEXT + WINDOW)."""
    generator = np.random.default_rng(11)
    noise = generator.standard_normal((windows, streams, CONTEXT + WINDOW))
    return (noise * generator.uniform(0.001, 0.5, (windows, streams, 1))).astype(np.float32)


@pytest.mark.parametrize("streams", [1, 2, 5, 16, 33])
def test_a_batch_gives_each_stream_what_the_original_model_gives_it_alone(streams: int) -> None:
    original = onnxruntime.InferenceSession(str(voice_model_path()))
    model = open_voice_model()
    sound = sounds(6, streams)

    together, h, c = [], states(streams), states(streams)
    for window in sound:
        probabilities, h, c = model.run(None, {"input": window, "h": h, "c": c})
        together.append(probabilities)

    for stream in range(streams):
        h_alone, c_alone = states(1), states(1)
        for step in range(len(sound)):
            window = sound[step, stream : stream + 1]
            probability, h_alone, c_alone = original.run(
                None, {"input": window, "h": h_alone, "c": c_alone}
            )
            assert probability[0] == together[step][stream]
        assert np.array_equal(h_alone[0, 0], h[0, stream])
        assert np.array_equal(c_alone[0, 0], c[0, stream])


def test_the_model_is_found_without_importing_faster_whisper() -> None:
    script = (
        "import sys; from audio.silero import voice_model_path; voice_model_path();"
        "print('faster_whisper' in sys.modules, 'onnxruntime' in sys.modules)"
    )
    root = Path(silero.__file__).parent.parent
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=root, check=True, capture_output=True, text=True
    )
    assert run.stdout.split() == ["False", "False"]


def test_a_model_with_other_shapes_is_refused() -> None:
    changed = voice_model_path().read_bytes().replace(b"/Transpose\x22", b"/transpose\x22")
    with pytest.raises(VoiceModelError, match="not the expected export"):
        batched(changed)


def test_a_model_that_was_changed_already_is_refused() -> None:
    with pytest.raises(VoiceModelError, match="not the expected export"):
        batched(batched(voice_model_path().read_bytes()))


@pytest.mark.parametrize("size", [0, 100, 100_000])
def test_a_cut_file_is_refused(size: int) -> None:
    with pytest.raises(VoiceModelError):
        batched(voice_model_path().read_bytes()[:size])


@given(st.binary(max_size=200))
def test_whatever_is_not_a_model_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(VoiceModelError, match="voice model"):
        batched(data)


def test_a_missing_package_is_told_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(VoiceModelError, match=r"faster-whisper.*is not installed"):
        voice_model_path()


def test_a_missing_file_is_told_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silero, "_ASSET", Path("assets", "no_such_model.onnx"))
    with pytest.raises(VoiceModelError, match=r"no_such_model\.onnx is not in"):
        open_voice_model()
