"""Measured work: done once for the same input, and as long in virtual time as it really took."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.speech import SpeechUnavailable, SpokenFacts, Transcript
from bench.turns.metered import Aside, MeteredSynthesizer, MeteredTranscriber, Workshop
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

SOUND = np.arange(1_600, dtype=np.int16)


@dataclass
class Clocks:
    """The machine's clocks, in seconds, as `bench.metered` reads them."""

    wall_s: float = 100.0
    cpu_s: float = 7.0

    def perf_counter(self) -> float:
        return self.wall_s

    def process_time(self) -> float:
        return self.cpu_s

    def work(self, seconds: float) -> None:
        """So much CPU time, on a machine on which others work, too."""
        self.cpu_s += seconds
        self.wall_s += 3 * seconds


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    clocks = Clocks()
    monkeypatch.setattr("bench.turns.metered.time", clocks)
    return clocks


class BusyTranscriber:
    """Needs 50 ms of a thread for its first piece, 60 for the next; fails while `broken`."""

    model = "busy"

    def __init__(self, clocks: Clocks) -> None:
        self.clocks = clocks
        self.calls = 0
        self.broken = False

    async def warm_up(self) -> None:
        """Nothing to load."""

    async def transcribe(
        self, audio: NDArray[np.int16], *, prompt: str = "", language: str = "en"
    ) -> Transcript:
        self.calls += 1
        if self.broken:
            raise SpeechUnavailable("It is broken.")
        await asyncio.to_thread(self.clocks.work, 0.04 + 0.01 * self.calls)
        return Transcript(f"{prompt}{audio[0]}", 0.9, 100, 0.0, self.model)

    async def close(self) -> None:
        """Nothing to free."""


class BusyVoice:
    """Two pieces, each after 20 ms of work."""

    model = "voice"
    sample_rate = 24_000

    def __init__(self, clocks: Clocks) -> None:
        self.clocks = clocks
        self.calls = 0

    async def warm_up(self) -> None:
        """Nothing to load."""

    async def speak(
        self, text: str, *, speed: float = 1.0, facts: SpokenFacts | None = None
    ) -> AsyncGenerator[bytes, None]:
        self.calls += 1
        for _ in range(2):
            await asyncio.to_thread(self.clocks.work, 0.02)
            yield text.encode()

    async def close(self) -> None:
        """Nothing to free."""


def test_a_transcript_comes_after_the_time_it_took(clocks: Clocks) -> None:
    async def story() -> tuple[float, Transcript]:
        begun = now_ms()
        transcript = await MeteredTranscriber(workshop).transcribe(SOUND)
        return now_ms() - begun, transcript

    with Workshop(BusyTranscriber(clocks), BusyVoice(clocks)) as workshop:
        waited, transcript = run_virtual(story())
    assert transcript.text == "0"
    assert waited == pytest.approx(transcript.compute_ms, abs=0.01)
    assert transcript.compute_ms == pytest.approx(50), "what it computed, not what it waited"


def test_the_same_sound_is_transcribed_once_and_takes_as_long_again(clocks: Clocks) -> None:
    real = BusyTranscriber(clocks)

    async def story() -> list[float]:
        one, other = MeteredTranscriber(workshop), MeteredTranscriber(workshop)
        return [
            (await one.transcribe(SOUND)).compute_ms,
            (await other.transcribe(SOUND.copy())).compute_ms,
            (await one.transcribe(SOUND, prompt="before ")).compute_ms,
        ]

    with Workshop(real, BusyVoice(clocks)) as workshop:
        first, again, prompted = run_virtual(story())
    assert real.calls == 2
    assert first == again
    assert first == pytest.approx(50)
    assert prompted == pytest.approx(60)


def test_transcripts_are_kept_for_the_next_run(tmp_path: Path, clocks: Clocks) -> None:
    kept = tmp_path / "cache"

    def run(transcriber: BusyTranscriber) -> Transcript:
        with Workshop(transcriber, BusyVoice(clocks), kept) as workshop:
            return run_virtual(MeteredTranscriber(workshop).transcribe(SOUND))

    first, second = BusyTranscriber(clocks), BusyTranscriber(clocks)
    assert run(first) == run(second)
    assert (first.calls, second.calls) == (1, 0)


def test_one_worker_does_one_piece_after_the_other_even_if_nobody_waits_any_more(
    clocks: Clocks,
) -> None:
    async def story() -> tuple[float, float]:
        transcriber = MeteredTranscriber(workshop)
        begun = now_ms()
        given_up = asyncio.create_task(transcriber.transcribe(SOUND))
        await pass_ms(1)
        given_up.cancel()
        transcript = await transcriber.transcribe(SOUND)
        return now_ms() - begun, transcript.compute_ms

    with Workshop(BusyTranscriber(clocks), BusyVoice(clocks)) as workshop:
        waited, took = run_virtual(story())
    assert waited == pytest.approx(2 * took, abs=0.1)


def test_a_failure_of_the_provider_arrives_as_it_is(clocks: Clocks) -> None:
    real = BusyTranscriber(clocks)
    real.broken = True
    with (
        Workshop(real, BusyVoice(clocks)) as workshop,
        pytest.raises(SpeechUnavailable, match="broken"),
    ):
        run_virtual(MeteredTranscriber(workshop).transcribe(SOUND))


def test_a_voice_is_heard_piece_by_piece_in_its_own_time(clocks: Clocks) -> None:
    real = BusyVoice(clocks)

    async def story() -> list[tuple[float, bytes]]:
        begun = now_ms()
        voice = MeteredSynthesizer(workshop)
        return [(now_ms() - begun, piece) async for piece in voice.speak("hello")]

    with Workshop(BusyTranscriber(clocks), real) as workshop:
        heard, again = run_virtual(story()), run_virtual(story())
    assert [piece for _, piece in heard] == [b"hello", b"hello"]
    assert [at for at, _ in heard] == pytest.approx([20, 40], abs=0.01)
    assert [at for at, _ in again] == pytest.approx([at for at, _ in heard], abs=0.001)
    assert real.calls == 1


def test_waiting_without_computing_is_no_computing_time(clocks: Clocks) -> None:
    async def wait() -> str:
        clocks.wall_s += 0.2
        return "waited"

    async def compute_on_two_cores() -> str:
        clocks.wall_s += 0.2
        clocks.cpu_s += 0.4
        return "computed"

    aside = Aside()
    try:
        assert aside.call(wait()) == ("waited", 0.0)
        result, seconds = aside.call(compute_on_two_cores())
    finally:
        aside.close()
    assert result == "computed"
    assert seconds == pytest.approx(0.2)
