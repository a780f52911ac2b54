"""Smart Turn: an audio model that scores from the voice whether the speaker has finished.

Words alone cannot tell a pause after a whole sentence from the end; the melody often can. The model
is optional, and everything works without it. Smart Turn v3 (BSD 2-clause) is a small Whisper
encoder with a yes or no on top, an ONNX file of 8.7 MB; it is not part of Viva.
"""

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from audio.pcm import to_float32
from audio.speech import SPEECH_RATE, SpeechRejected
from audio.workers import WorkerPool

if TYPE_CHECKING:
    import onnxruntime
    from faster_whisper.feature_extractor import FeatureExtractor

INPUT_S = 8
"""Seconds of sound the model was trained on: a turn's end, silence in front where it is shorter."""

MELS, FRAMES = 80, 800
"""Shape of the input: Whisper's features of INPUT_S, a frame every 10 ms."""

QUEUE_LIMIT = 8
"""Scores that may wait, 0.1 to 0.2 s each: one that comes later than that is of no use."""

_VARIANCE_FLOOR = 1e-7
"""Variance floor of the feature extractor that the model was trained with (transformers,
do_normalize)."""


class TurnModel(Protocol):
    """Model that scores how finished a turn sounds."""

    async def warm_up(self) -> None:
        """Load what is needed. Raises SpeechError."""

    async def finished(self, audio: NDArray[np.int16]) -> float:
        """Return how likely the speaker has finished, 0..1, by the end of a turn.

        `audio` is mono PCM16 at SPEECH_RATE, shape (samples,), up to about 100 ms into the pause.
        Raises SpeechError.
        """

    async def close(self) -> None:
        """Free threads."""


class SmartTurn:
    """Turn model from a file of Smart Turn v3, on a worker thread of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pool = WorkerPool("turn model", 1, QUEUE_LIMIT)
        self._loading = threading.Lock()
        self._loaded: tuple[onnxruntime.InferenceSession, FeatureExtractor] | None = None

    async def warm_up(self) -> None:
        """Load the model. Raises SpeechRejected if the file is not a model, or another one."""
        await self._pool.run(self._load)

    async def finished(self, audio: NDArray[np.int16]) -> float:
        """Score the end of a turn as `TurnModel` says; 70 to 190 ms of CPU.

        Raises SpeechRejected as `warm_up` does, and SpeechBusy if too much is waiting.
        """
        return await self._pool.run(self._judge, audio)

    async def close(self) -> None:
        """Free the thread and the model."""
        await self._pool.close()
        self._loaded = None

    def _judge(self, audio: NDArray[np.int16]) -> float:
        session, features = self._load()
        mels = features(model_input(audio), padding=0)
        (logits,) = session.run(None, {"input_features": mels[np.newaxis].astype(np.float32)})
        return float(np.clip(logits.reshape(-1)[0], 0.0, 1.0))  # they are probabilities already

    def _load(self) -> "tuple[onnxruntime.InferenceSession, FeatureExtractor]":
        with self._loading:
            if self._loaded is None:
                self._loaded = _open(self._path)
            return self._loaded


def model_input(audio: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return the last INPUT_S of the sound, at mean 0 and variance 1.

    Where it is shorter, silence is put in front.
    """
    length = INPUT_S * SPEECH_RATE
    sound = to_float32(audio[-length:])
    whole = np.pad(sound, (length - sound.size, 0))
    level: NDArray[np.float32] = (whole - whole.mean()) / np.sqrt(whole.var() + _VARIANCE_FLOOR)
    return level


def _open(path: Path) -> "tuple[onnxruntime.InferenceSession, FeatureExtractor]":
    import onnxruntime
    from faster_whisper.feature_extractor import FeatureExtractor

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(
            path.read_bytes(), options, providers=["CPUExecutionProvider"]
        )
    except OSError as error:
        raise SpeechRejected(
            f"The turn model {path} cannot be read: {error.strerror}. Set VIVA_SMART_TURN_MODEL to"
            " the file smart-turn-v3.2-cpu.onnx, or leave it out."
        ) from error
    except Exception as error:  # onnxruntime's own have no common base
        raise SpeechRejected(f"The turn model {path} is no ONNX model.") from error
    shapes = [(one.name, one.shape[1:]) for one in session.get_inputs()]
    if shapes != [("input_features", [MELS, FRAMES])]:
        raise SpeechRejected(f"The turn model {path} is another one than Smart Turn v3.")
    return session, FeatureExtractor()
