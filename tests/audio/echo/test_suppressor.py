"""Echo suppressor: what comes back of our own sound is silenced, and nothing else is."""

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.echo import EchoSuppressor
from audio.resample import resample
from audio.speech import SPEECH_RATE, VOICE_RATE

FRAME_MS = 20
Floats = NDArray[np.float64]


def babble(seconds: float, seed: int) -> Floats:
    """Noise in syllables, at 8 kHz, as loud as speech."""
    noise = np.random.default_rng(seed).normal(0, 1, int(seconds * 8_000))
    spectrum = np.fft.rfft(noise)
    frequencies = np.fft.rfftfreq(len(noise), 1 / 8_000)
    spectrum[(frequencies < 300) | (frequencies > 3_000)] = 0
    syllables = 0.5 - 0.5 * np.cos(2 * np.pi * 4 * np.arange(len(noise)) / 8_000)
    band: Floats = np.fft.irfft(spectrum, len(noise)) * syllables
    return band * (2_000 / float(band.std()))


def heard(
    suppressor: EchoSuppressor, sent: Floats, comes: Floats, *, flush_ms: float | None = None
) -> NDArray[np.int16]:
    """What passes of `comes` (8 kHz) while `sent` is played 200 ms ahead, from 0 ms on."""
    ours = resample(np.clip(sent, -32_768, 32_767).astype(np.int16), 8_000, VOICE_RATE)
    line = resample(np.clip(comes, -32_768, 32_767).astype(np.int16), 8_000, SPEECH_RATE)
    passed, at, size = [], 0, SPEECH_RATE * FRAME_MS // 1000
    for number in range(len(line) // size):
        now = number * FRAME_MS
        if flush_ms is not None and now >= flush_ms:
            suppressor.silenced(now)
            at, flush_ms = len(ours), None
        while at < min(len(ours), (now + 200) * VOICE_RATE // 1000):
            suppressor.sent(ours[at : at + 480].tobytes(), now)
            at += 480
        frame = line[number * size : (number + 1) * size]
        passed.append(suppressor.pass_on(frame, now + FRAME_MS))
    return np.concatenate(passed)


def echo_of(sent: Floats, delay_ms: int, db: float, seconds: float = 1.0) -> Floats:
    silence = np.zeros(delay_ms * 8)
    noise = np.random.default_rng(3).normal(0, 4, len(sent) + len(silence) + int(8_000 * seconds))
    echo = np.concatenate([silence, sent, np.zeros(int(8_000 * seconds))]) * 10 ** (db / 20)
    return echo + noise


def energy(sound: NDArray[np.int16]) -> float:
    return float((sound.astype(np.float64) ** 2).sum())


@pytest.mark.parametrize("delay_ms", [60, 150, 333, 600])
@pytest.mark.parametrize("db", [-10, -25, -40])
def test_an_echo_is_silenced_a_moment_after_it_began(delay_ms: int, db: float) -> None:
    sent = babble(4.0, 1)
    comes = echo_of(sent, delay_ms, db)
    suppressor = EchoSuppressor()
    passed = heard(suppressor, sent, comes)
    assert suppressor.known
    later = (delay_ms + 400) * 16
    whole = resample(np.clip(comes, -32_768, 32_767).astype(np.int16), 8_000, SPEECH_RATE)
    assert energy(passed[later:]) < 0.05 * energy(whole[later:])


def test_a_voice_over_our_own_without_an_echo_is_not_touched() -> None:
    comes = babble(5.0, 2)
    suppressor = EchoSuppressor()
    passed = heard(suppressor, babble(4.0, 1), comes)
    assert not suppressor.known
    assert np.array_equal(
        passed, resample(np.clip(comes, -32_768, 32_767).astype(np.int16), 8_000, SPEECH_RATE)
    )


@pytest.mark.parametrize("db", [-12, -20, -35])
def test_a_voice_that_is_louder_than_the_echo_passes(db: float) -> None:
    sent, voice = babble(6.0, 1), babble(2.0, 2)
    comes = echo_of(sent, 250, db)
    comes[24_000:40_000] += voice
    passed = heard(EchoSuppressor(), sent, comes)[48_000:80_000]
    alone = resample(np.clip(voice, -32_768, 32_767).astype(np.int16), 8_000, SPEECH_RATE)
    assert energy(passed) > 0.8 * energy(alone)


def test_what_was_never_played_is_no_echo() -> None:
    sent = babble(4.0, 1)
    suppressor = EchoSuppressor()
    comes = np.concatenate([np.zeros(16_000), sent])  # 2 s later, as if somebody repeated it
    passed = heard(suppressor, sent[:8_000], comes, flush_ms=400)
    assert energy(passed) > 0.9 * energy(
        resample(np.clip(comes, -32_768, 32_767).astype(np.int16), 8_000, SPEECH_RATE)
    )


def test_pieces_of_any_length_are_taken() -> None:
    suppressor = EchoSuppressor()
    for length in (0, 1, 2, 319, 320, 4_000):
        suppressor.sent(bytes(2 * length), 0.0)
        assert len(suppressor.pass_on(np.zeros(length, np.int16), 20.0)) == length
