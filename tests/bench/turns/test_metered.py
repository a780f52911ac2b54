"""Measured work: done once for the same input, and as long in virtual time as it really took."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.speech import SpeechUnavailable, Transcript
from bench.turns.metered import Aside, MeteredSynthesizer, MeteredTranscriber, Workshop
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

SOUND = np.arange(1_600, dtype=np.int16)


def burn(seconds: float) -> None:
    """Keep the processor busy for so much CPU time, in a thread."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


class BusyTranscriber:
    """Needs `seconds` of a thread for each piece; fails while `broken`."""

    model = "busy"

    def __init__(self, seconds: float = 0.05) -> None:
        self.seconds = seconds
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
        await asyncio.to_thread(burn, self.seconds)
        return Transcript(f"{prompt}{audio[0]}", 0.9, 100, 0.0, self.model)

    async def close(self) -> None:
        """Nothing to free."""


class BusyVoice:
    """Two pieces, each after `seconds` of work."""

    model = "voice"
    sample_rate = 24_000
    calls = 0

    async def warm_up(self) -> None:
        """Nothing to load."""

    async def speak(self, text: str, *, speed: float = 1.0) -> AsyncGenerator[bytes, None]:
        self.calls += 1
        for _ in range(2):
            await asyncio.to_thread(burn, 0.02)
            yield text.encode()

    async def close(self) -> None:
        """Nothing to free."""


def test_a_transcript_comes_after_the_time_it_took() -> None:
    async def story() -> tuple[float, Transcript]:
        begun = now_ms()
        transcript = await MeteredTranscriber(workshop).transcribe(SOUND)
        return now_ms() - begun, transcript

    with Workshop(BusyTranscriber(), BusyVoice()) as workshop:
        waited, transcript = run_virtual(story())
    assert transcript.text == "0"
    assert waited == pytest.approx(transcript.compute_ms, abs=0.01)
    assert 45 < transcript.compute_ms < 500


def test_the_same_sound_is_transcribed_once_and_takes_as_long_again() -> None:
    real = BusyTranscriber()

    async def story() -> list[float]:
        one, other = MeteredTranscriber(workshop), MeteredTranscriber(workshop)
        return [
            (await one.transcribe(SOUND)).compute_ms,
            (await other.transcribe(SOUND.copy())).compute_ms,
            (await one.transcribe(SOUND, prompt="before ")).compute_ms,
        ]

    with Workshop(real, BusyVoice()) as workshop:
        first, again, prompted = run_virtual(story())
    assert real.calls == 2
    assert first == again
    assert prompted != first


def test_transcripts_are_kept_for_the_next_run(tmp_path: Path) -> None:
    kept = tmp_path / "cache"

    def run(transcriber: BusyTranscriber) -> Transcript:
        with Workshop(transcriber, BusyVoice(), kept) as workshop:
            return run_virtual(MeteredTranscriber(workshop).transcribe(SOUND))

    first, second = BusyTranscriber(), BusyTranscriber()
    assert run(first) == run(second)
    assert (first.calls, second.calls) == (1, 0)


def test_one_worker_does_one_piece_after_the_other_even_if_nobody_waits_any_more() -> None:
    async def story() -> tuple[float, float]:
        transcriber = MeteredTranscriber(workshop)
        begun = now_ms()
        given_up = asyncio.create_task(transcriber.transcribe(SOUND))
        await pass_ms(1)
        given_up.cancel()
        transcript = await transcriber.transcribe(SOUND)
        return now_ms() - begun, transcript.compute_ms

    with Workshop(BusyTranscriber(), BusyVoice()) as workshop:
        waited, took = run_virtual(story())
    assert waited == pytest.approx(2 * took, abs=0.1)


def test_a_failure_of_the_provider_arrives_as_it_is() -> None:
    real = BusyTranscriber()
    real.broken = True
    with (
        Workshop(real, BusyVoice()) as workshop,
        pytest.raises(SpeechUnavailable, match="broken"),
    ):
        run_virtual(MeteredTranscriber(workshop).transcribe(SOUND))


def test_a_voice_is_heard_piece_by_piece_in_its_own_time() -> None:
    real = BusyVoice()

    async def story() -> list[tuple[float, bytes]]:
        begun = now_ms()
        voice = MeteredSynthesizer(workshop)
        return [(now_ms() - begun, piece) async for piece in voice.speak("hello")]

    with Workshop(BusyTranscriber(), real) as workshop:
        heard, again = run_virtual(story()), run_virtual(story())
    assert [piece for _, piece in heard] == [b"hello", b"hello"]
    assert 15 < heard[0][0] < heard[1][0]
    assert [at for at, _ in again] == pytest.approx([at for at, _ in heard], abs=0.001)
    assert real.calls == 1


def test_waiting_without_computing_is_no_computing_time() -> None:
    async def wait() -> str:
        await asyncio.get_running_loop().run_in_executor(None, threading.Event().wait, 0.2)
        return "done"

    aside = Aside()
    try:
        result, seconds = aside.call(wait())
    finally:
        aside.close()
    assert result == "done"
    assert seconds < 0.15
