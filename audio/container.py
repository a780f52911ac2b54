"""Audio files: reading any common format, writing WAV.

Reading goes through av (WAV, FLAC, OGG, MP3, M4A and whatever else its FFmpeg decodes); writing
needs no codec and no ffmpeg program.
"""

import io
import warnings
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.speech import SPEECH_RATE


class AudioFileError(Exception):
    """File that cannot be read as audio; the text is a sentence that names it."""


def read_audio(path: str | Path, rate: int = SPEECH_RATE) -> NDArray[np.int16]:
    """Decode the first audio track of a file to mono PCM16 at `rate` Hz, shape (samples,).

    Channels are mixed down. Raises AudioFileError if the file is missing, cannot be opened, is
    empty, is not audio, or holds no sound.
    """
    import av

    path = Path(path)
    _check_file(path)
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise AudioFileError(f"The file {path} has no audio track.")
            resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
            pieces = [
                converted.to_ndarray().reshape(-1)
                for frame in (*container.decode(audio=0), None)  # None: flush the resampler
                for converted in resampler.resample(frame)
            ]
    except (av.error.FFmpegError, ValueError) as error:
        raise AudioFileError(f"The file {path} is not audio that can be read.") from error
    if not any(piece.size for piece in pieces):
        raise AudioFileError(f"The file {path} holds no sound.")
    samples: NDArray[np.int16] = np.concatenate(pieces).astype(np.int16, copy=False)
    return samples


def write_wav(path: str | Path, samples: NDArray[np.int16], rate: int) -> None:
    """Write PCM16 at `rate` Hz as a WAV file: mono of shape (n,), or stereo of shape (n, 2).

    Raises ValueError for another shape, OSError if the file cannot be written.
    """
    if samples.ndim not in (1, 2) or (samples.ndim == 2 and samples.shape[1] != 2):
        raise ValueError(f"Audio of shape {samples.shape} is neither mono (n,) nor stereo (n, 2).")
    with warnings.catch_warnings():
        # Importing pydub warns of old escapes in its source, of audioop, and of a missing ffmpeg
        # program, none of which matters for writing WAV.
        warnings.simplefilter("ignore")
        from pydub import AudioSegment

    segment = AudioSegment(
        data=samples.astype("<i2", copy=False).tobytes(),
        sample_width=2,
        frame_rate=rate,
        channels=samples.ndim,
    )
    segment.export(str(path), format="wav").close()


def wav_bytes(samples: NDArray[np.int16], rate: int) -> bytes:
    """Return a mono WAV file in memory, for uploads: PCM16 of shape (n,) at `rate` Hz."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2", copy=False).tobytes())
    return buffer.getvalue()


def _check_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise AudioFileError(f"{path} is a folder, not an audio file.")
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise AudioFileError(f"There is no file {path}.") from error
    except OSError as error:
        raise AudioFileError(f"The file {path} cannot be opened: {error.strerror}.") from error
    if size == 0:
        raise AudioFileError(f"The file {path} is empty.")
