"""Echo canceller: our own sound that comes back is taken away, and nobody else's is touched."""

import asyncio
from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.echo.canceller import EchoCanceller
from audio.g711 import ulaw_decode, ulaw_encode
from audio.local_voice import LocalVoice
from audio.resample import resample
from audio.speech import SPEECH_RATE, VOICE_RATE
from tests.audio.speaking import spoken

RATE = 8_000
FRAME = SPEECH_RATE // 50
Sound = NDArray[np.int16]
Floats = NDArray[np.float64]

SENTENCES = (
    "Hello Ada, and welcome. What did you build in your last job?",
    "I see. What was the hardest problem that you solved there, and how did you find it?",
    "Thank you. What would you do in another way today?",
    "We built a search engine for recipes, and I looked after the ranking.",
    "The memory was never given back, and we looked at it together.",
    "I would have written more tests, and asked for help much earlier.",
    "Two, zero, seven, three, four, four, one, six.",
    "Yes, that is all right with me. Yes.",
    "What did you build there, do you ask? Well, in my last job I built a shop.",
)


@pytest.fixture(scope="module")
def voices(real_models: None) -> list[Floats]:
    """The sentences, all said by the same voice, at 8 kHz."""

    async def say() -> list[Floats]:
        voice = LocalVoice()
        try:
            said = [await spoken(voice, text) for text in SENTENCES]
        finally:
            await voice.close()
        return [resample(sound, SPEECH_RATE, RATE).astype(np.float64) for sound in said]

    return asyncio.run(say())


def in_band(sound: Floats) -> Floats:
    """What a telephone lets through."""
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    spectrum[(hertz < 300) | (hertz > 3_400)] = 0
    band: Floats = np.fft.irfft(spectrum, len(sound))
    return band


def on_line(sound: Floats) -> Sound:
    """What of a sound at 8 kHz arrives: coded in mu-law, over a little noise."""
    noisy = sound + np.random.default_rng(3).normal(0, 4, len(sound))
    coded = ulaw_decode(ulaw_encode(np.clip(noisy, -32_768, 32_767).astype(np.int16)))
    return resample(coded, RATE, SPEECH_RATE)


def echo_of(sent: Floats, delay_ms: float, db: float, moves_ms: float = 0.0) -> Floats:
    """An echo of the whole; its delay moves in the middle."""
    band, delay, moved = in_band(sent) * 10 ** (db / 20), int(8 * delay_ms), int(8 * moves_ms)
    echo = np.zeros(len(sent) + 8 * 1_000)
    middle = len(sent) // 2
    echo[delay : delay + middle] = band[:middle]
    echo[delay + middle + moved : delay + moved + len(sent)] = band[middle:]
    return echo


def passed(canceller: EchoCanceller, sent: Floats, heard: Sound, lost: int = 0) -> Sound:
    """What passes of `heard` while `sent` is played, sent 200 ms ahead, from 0 ms on.

    Every `lost`-th packet comes as silence."""
    ours = resample(sent.astype(np.int16), RATE, VOICE_RATE)
    at, pieces = 0, []
    for number in range(len(heard) // FRAME):
        now = 20 * number
        while at < min(len(ours), (now + 200) * VOICE_RATE // 1000):
            canceller.sent(ours[at : at + 480].tobytes(), now)
            at += 480
        frame = heard[number * FRAME : (number + 1) * FRAME]
        if lost and number % lost == lost - 1:
            frame = np.zeros(FRAME, np.int16)
        pieces.append(canceller.cancel(frame, now + 20))
    return np.concatenate(pieces)


def level(sound: NDArray[np.generic]) -> float:
    """In dB of one step."""
    return float(10 * np.log10(np.mean(np.square(sound.astype(np.float64))) + 1e-9))


def both(voices: list[Floats], first: int = 0, second: int = 1) -> Floats:
    return np.concatenate([voices[first], voices[second]])


@pytest.mark.parametrize("delay_ms", [60, 150, 333, 600])
@pytest.mark.parametrize("db", [-10, -15, -25, -40])
def test_an_echo_is_taken_away_once_its_delay_has_held(
    voices: list[Floats], delay_ms: int, db: float
) -> None:
    sent = both(voices)
    canceller = EchoCanceller()
    heard = on_line(echo_of(sent, delay_ms, db))
    left = passed(canceller, sent, heard)
    assert canceller.delay_ms == pytest.approx(delay_ms, abs=2)
    later = slice((delay_ms + 1_500) * 16, len(left))
    assert level(left[later]) < max(level(heard[later]) - 12, 18)  # the line's own noise is 12


@pytest.mark.parametrize("delay_ms", [60, 600])
def test_what_was_heard_of_an_echo_before_it_was_known_is_known_afterwards(
    voices: list[Floats], delay_ms: int
) -> None:
    sent, canceller = both(voices), EchoCanceller()
    heard = on_line(echo_of(sent, delay_ms, -15))
    left = passed(canceller, sent, heard[: 16 * (delay_ms + 1_200)])
    begin = slice(16 * delay_ms, 16 * (delay_ms + 320))
    assert np.array_equal(left[begin], heard[begin]), "nothing was known when it came"
    assert level(heard[begin]) > 30
    assert canceller.is_echo(delay_ms + 100, delay_ms + 1_000)


def test_a_voice_over_the_echo_is_none_afterwards_either(voices: list[Floats]) -> None:
    sent, canceller = both(voices), EchoCanceller()
    comes = echo_of(sent, 200, -15)
    comes[12_000 : 12_000 + 8_000] += voices[5][4_000:12_000]
    passed(canceller, sent, on_line(comes)[: 16 * 2_600])
    assert canceller.delay_ms is not None
    assert not canceller.is_echo(1_000, 2_500)


def test_nobody_is_touched_who_speaks_over_us_with_our_own_voice(voices: list[Floats]) -> None:
    touched = []
    for ours, theirs in permutations(range(len(voices)), 2):
        for after_ms in (0, 700):
            canceller = EchoCanceller()
            begun = np.zeros(8 * after_ms)
            heard = on_line(np.concatenate([begun, in_band(voices[theirs])]))
            left = passed(canceller, voices[ours], heard)
            if canceller.delay_ms is not None or not np.array_equal(left, heard[: len(left)]):
                touched.append((ours, theirs, after_ms))
    assert touched == []


@pytest.mark.parametrize("db", [-10, -15, -25, -40])
@pytest.mark.parametrize("delay_ms", [60, 300, 600])
def test_a_voice_like_ours_over_the_echo_passes_whole(
    voices: list[Floats], db: float, delay_ms: int
) -> None:
    sent, voice = both(voices), voices[5]
    comes = echo_of(sent, delay_ms, db)
    begin = 24_000
    alone = np.zeros(len(comes))
    alone[begin : begin + len(voice)] = voice[: len(comes) - begin]
    left = passed(EchoCanceller(), sent, on_line(comes + alone))
    clean = on_line(alone)[: len(left)].astype(np.float64)
    frames = [slice(at, at + FRAME) for at in range(2 * begin, len(left) - FRAME, FRAME)]
    loud = [f for f in frames if level(clean[f]) > 46]
    kept = [float(left[f] @ clean[f]) / float(clean[f] @ clean[f]) for f in loud]
    assert len(loud) > 50
    assert min(kept) > 0.5


@pytest.mark.parametrize("moves_ms", [20, 40])
def test_an_echo_whose_delay_moves_is_gone_after(voices: list[Floats], moves_ms: int) -> None:
    sent = both(voices)
    heard = on_line(echo_of(sent, 250, -15, moves_ms))
    left = passed(EchoCanceller(), sent, heard)
    later = slice(len(sent) + 16 * (250 + moves_ms + 500), len(left))
    assert level(left[later]) < level(heard[later]) - 8


def test_lost_packets_leave_an_echo_known(voices: list[Floats]) -> None:
    sent = both(voices)
    canceller = EchoCanceller()
    heard = on_line(echo_of(sent, 250, -15))
    left = passed(canceller, sent, heard, lost=20)
    assert canceller.delay_ms == pytest.approx(250, abs=2)
    assert level(left[32_000:]) < level(heard[32_000 : len(left)]) - 8


def test_an_echo_that_grows_weaker_is_still_one(voices: list[Floats]) -> None:
    sent = both(voices)
    echo = echo_of(sent, 250, -12)
    echo[len(echo) // 2 :] *= 0.5
    heard = on_line(echo)
    left = passed(EchoCanceller(), sent, heard)
    assert level(left[32_000:]) < level(heard[32_000 : len(left)]) - 10


def test_pieces_of_any_length_are_taken() -> None:
    canceller = EchoCanceller()
    for number, length in enumerate((0, 1, 2, 319, 320, 321, 4_000)):
        canceller.sent(bytes(2 * length), 20.0 * number)
        heard = np.ones(length, np.int16)
        assert np.array_equal(canceller.cancel(heard, 20.0 * number), heard)
        canceller.silenced(20.0 * number)
