"""How loud the pages play, by numbers: voices and the chime at -18 LUFS, and nothing clipped."""

import base64

import numpy as np
import pytest
from playwright.async_api import Page

from tests.fakes.loudness import Samples, integrated_lufs
from tests.fakes.page_peer import TOKEN, PagePeer

TARGET = -18.0


def voice(seconds: float, rate: int, low: float, lufs: float, seed: int = 3) -> Samples:
    """Something like speech of this loudness: a buzz in syllables, words and pauses."""
    random = np.random.default_rng(seed)
    times = np.arange(int(seconds * rate)) / rate
    pitch = low * (1 + 0.1 * np.sin(2 * np.pi * 0.4 * times))
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    harmonics = range(1, int(min(4_000, rate / 2.5) / low))
    buzz: Samples = sum((np.sin(n * phase) / n for n in harmonics), np.zeros_like(times))
    loud = np.repeat(random.uniform(0.3, 1.0, int(seconds * 4) + 1), rate // 4)[: len(times)]
    syllables = np.maximum(0, np.sin(2 * np.pi * 2 * times)) ** 0.5 * loud
    syllables[(times % 5) > 4] = 0
    sound = buzz * syllables + 1e-4 * random.standard_normal(len(times))
    sound *= 10 ** ((lufs - integrated_lufs(sound, rate)) / 20)
    return sound


def test_the_measure_is_that_of_the_standard() -> None:
    """A sine of 997 Hz at full scale in one channel is -3.01 LUFS."""
    times = np.arange(10 * 48_000) / 48_000
    sine = np.sin(2 * np.pi * 997 * times)
    assert integrated_lufs(sine, 48_000) == pytest.approx(-3.01, abs=0.05)
    assert integrated_lufs(sine[::2], 24_000) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize("lufs", [-36.0, -27.0, -18.0, -12.0])
@pytest.mark.parametrize(("rate", "low"), [(16_000, 110.0), (24_000, 210.0)])
async def test_a_voice_of_any_loudness_is_played_at_the_same_one(
    page: Page, peer: PagePeer, rate: int, low: float, lufs: float
) -> None:
    sound = np.clip(voice(20, rate, low, lufs), -1, 1)
    await page.goto(f"{peer.address}/join/{TOKEN}")
    played = await page.evaluate(
        """async ([encoded, rate]) => {
          const { Leveller } = await import("/static/loudness.js");
          const bytes = Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));
          const samples = new Float32Array(bytes.buffer);
          const leveller = new Leveller(rate);
          for (let at = 0; at < samples.length; at += 128) {
            leveller.process(samples.subarray(at, at + 128));
          }
          let text = "";
          for (const byte of new Uint8Array(samples.buffer)) text += String.fromCharCode(byte);
          return btoa(text);
        }""",
        [base64.b64encode(sound.astype("<f4").tobytes()).decode(), rate],
    )
    out = np.frombuffer(base64.b64decode(played), "<f4").astype(np.float64)
    assert integrated_lufs(out, rate) == pytest.approx(TARGET, abs=1)
    assert np.abs(out).max() <= 10 ** (-1.5 / 20) + 1e-6


async def test_a_quiet_room_is_not_made_louder_and_a_shout_is_limited(
    page: Page, peer: PagePeer
) -> None:
    await page.goto(f"{peer.address}/join/{TOKEN}")
    room, loudest = await page.evaluate("""async () => {
      const { Leveller } = await import("/static/loudness.js");
      const leveller = new Leveller(16000);
      const noise = Float32Array.from({ length: 80000 }, () => (Math.random() - 0.5) * 2e-3);
      const before = Math.hypot(...noise.subarray(70000, 71000));
      leveller.process(noise);
      const after = Math.hypot(...noise.subarray(70000, 71000));
      const shout = Float32Array.from({ length: 8000 }, (_, i) => Math.sin(i / 3));
      const speech = Float32Array.from({ length: 32000 }, (_, i) => 0.02 * Math.sin(i / 5));
      leveller.process(speech);
      leveller.process(shout);
      return [after / before, Math.max(...shout.map(Math.abs))];
    }""")
    assert room == pytest.approx(1, abs=0.01)
    assert loudest <= 0.85


async def test_the_chime_is_as_loud_as_a_voice(page: Page, peer: PagePeer) -> None:
    await page.goto(f"{peer.address}/join/{TOKEN}")
    played = await page.evaluate("""async () => {
      const { scheduleChime } = await import("/static/audio.js");
      const context = new OfflineAudioContext(1, 48000 * 1.2, 48000);
      scheduleChime(context, 0);
      return [...(await context.startRendering()).getChannelData(0)];
    }""")
    assert integrated_lufs(np.array(played), 48_000) == pytest.approx(TARGET, abs=1)
