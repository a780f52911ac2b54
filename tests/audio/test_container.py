"""Stored audio: what is written is read again, and what is not audio is refused in plain words."""

import io
import wave
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from audio.container import AudioFileError, read_audio, wav_bytes, write_wav
from audio.pcm import level_dbfs


def tone(rate: int, seconds: float = 1.0, frequency: float = 500) -> NDArray[np.int16]:
    time = np.arange(round(rate * seconds)) / rate
    wave_form = np.rint(8_000 * np.sin(2 * np.pi * frequency * time))
    samples: NDArray[np.int16] = wave_form.astype(np.int16)
    return samples


def strongest_frequency(samples: NDArray[np.int16], rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return float(np.argmax(spectrum)) * rate / samples.size


def encode(path: Path, codec: str, rate: int, samples: NDArray[np.int16]) -> None:
    """Write a file with FFmpeg's own encoders, as a phone or an editor would."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = rate
        for part in (frame, None):
            for packet in stream.encode(part):
                container.mux(packet)


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.wav", "pcm_s16le", 44_100),
        ("a.flac", "flac", 48_000),
        ("a.ogg", "libopus", 48_000),
        ("a.mp3", "libmp3lame", 44_100),
        ("a.m4a", "aac", 44_100),
    ],
)
def test_common_files_are_read_as_16_khz_mono(
    tmp_path: Path, name: str, codec: str, rate: int
) -> None:
    encode(tmp_path / name, codec, rate, tone(rate, seconds=2))
    samples = read_audio(tmp_path / name)
    assert samples.dtype == np.int16
    assert samples.ndim == 1
    assert samples.size == pytest.approx(32_000, abs=1_600)
    assert strongest_frequency(samples, 16_000) == pytest.approx(500, abs=1)
    assert level_dbfs(samples[4_000:28_000]) == pytest.approx(level_dbfs(tone(16_000)), abs=0.5)


def test_mono_wav_comes_back_to_the_bit(tmp_path: Path) -> None:
    sound = tone(16_000)
    write_wav(tmp_path / "mono.wav", sound, 16_000)
    assert np.array_equal(read_audio(tmp_path / "mono.wav"), sound)
    assert np.array_equal(read_audio(str(tmp_path / "mono.wav"), 16_000), sound)


def test_another_rate_can_be_asked_for(tmp_path: Path) -> None:
    write_wav(tmp_path / "mono.wav", tone(16_000, seconds=1.5), 16_000)
    samples = read_audio(tmp_path / "mono.wav", rate=24_000)
    assert samples.size == pytest.approx(36_000, abs=2)
    assert strongest_frequency(samples, 24_000) == pytest.approx(500, abs=1)


def test_stereo_wav_keeps_its_channels_apart(tmp_path: Path) -> None:
    left, right = tone(24_000, frequency=300), tone(24_000, frequency=700)
    write_wav(tmp_path / "both.wav", np.stack([left, right], axis=1), 24_000)
    with wave.open(str(tmp_path / "both.wav"), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 24_000)
        frames = np.frombuffer(file.readframes(24_000), dtype="<i2").reshape(-1, 2)
    assert np.array_equal(frames[:, 0], left)
    assert np.array_equal(frames[:, 1], right)


def test_stereo_is_mixed_down_when_read(tmp_path: Path) -> None:
    sound = tone(16_000)
    write_wav(tmp_path / "both.wav", np.stack([sound, sound], axis=1), 16_000)
    mixed = read_audio(tmp_path / "both.wav").astype(int)
    assert np.abs(mixed - sound).max() <= 1


@pytest.mark.parametrize("shape", [(10, 3), (2, 10), (1, 2, 3)])
def test_other_shapes_are_not_written(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="neither mono"):
        write_wav(tmp_path / "odd.wav", np.zeros(shape, dtype=np.int16), 16_000)
    assert not (tmp_path / "odd.wav").exists()


def test_wav_in_memory_is_a_whole_wav_file(tmp_path: Path) -> None:
    sound = tone(16_000, seconds=0.3)
    data = wav_bytes(sound, 16_000)
    with wave.open(io.BytesIO(data), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16_000)
        assert file.readframes(file.getnframes()) == sound.tobytes()
    (tmp_path / "a.wav").write_bytes(data)
    assert np.array_equal(read_audio(tmp_path / "a.wav"), sound)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match=r"There is no file .*nowhere\.wav"):
        read_audio(tmp_path / "nowhere.wav")


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match="is a folder"):
        read_audio(tmp_path)


def test_a_path_through_a_file_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(AudioFileError, match="cannot be opened"):
        read_audio(tmp_path / "file" / "a.wav")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    with pytest.raises(AudioFileError, match=r"empty\.wav is empty"):
        read_audio(tmp_path / "empty.wav")


@pytest.mark.parametrize(
    "content",
    [
        b"This is a letter, not a recording.\n" * 50,
        np.random.default_rng(1).bytes(4_000),
        b"RIFF\x00\x00\x00\x00WAVE",
    ],
    ids=["text", "random bytes", "a header alone"],
)
def test_what_is_not_audio_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "fake.wav").write_bytes(content)
    with pytest.raises(AudioFileError, match=r"fake\.wav"):
        read_audio(tmp_path / "fake.wav")


def test_a_recording_without_a_single_sample_is_refused(tmp_path: Path) -> None:
    (tmp_path / "none.wav").write_bytes(wav_bytes(np.zeros(0, dtype=np.int16), 16_000))
    with pytest.raises(AudioFileError, match="holds no sound"):
        read_audio(tmp_path / "none.wav")


def test_a_picture_has_no_audio_track(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "film.mkv"), "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), dtype=np.uint8), format="rgb24")
        for part in (frame, None):
            for packet in stream.encode(part):
                container.mux(packet)
    with pytest.raises(AudioFileError, match="no audio track"):
        read_audio(tmp_path / "film.mkv")
