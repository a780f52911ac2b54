"""The VAD ticker: one for all sessions, running only while a stream is open."""

import asyncio

import numpy as np
from numpy.typing import NDArray

from audio.vad import WINDOW, VadStream
from sessions.listening.vad_ticker import VadTicker
from tests.sessions.listening.microphone_hall import LoudnessBank
from tests.support.virtual_time import pass_ms, run_virtual

LOUD = np.full(WINDOW, 5_000, np.int16)
QUIET = np.zeros(WINDOW, np.int16)


def test_each_stream_gets_its_own_probabilities_within_a_tick() -> None:
    async def story() -> None:
        vad_ticker = VadTicker(LoudnessBank(), tick_ms=16)
        heard: dict[str, list[float]] = {"loud": [], "quiet": []}

        def listener(name: str) -> VadStream:
            def listen(probabilities: NDArray[np.float32]) -> None:
                heard[name].extend(map(float, probabilities))

            return vad_ticker.open(listen)

        loud, quiet = listener("loud"), listener("quiet")
        for _ in range(3):
            loud.feed(LOUD)
            quiet.feed(QUIET)
            await pass_ms(17)
        assert heard == {"loud": [1.0] * 3, "quiet": [0.0] * 3}

    run_virtual(story())


def test_the_bank_that_is_given_is_the_one_that_judges() -> None:
    async def story() -> None:
        bank = LoudnessBank()  # nobody is in it yet
        stream = VadTicker(bank).open(lambda _: None)
        assert len(bank) == 1
        stream.feed(LOUD)

    run_virtual(story())


def test_without_a_stream_nothing_ticks() -> None:
    async def story() -> None:
        vad_ticker = VadTicker(LoudnessBank())
        told: list[NDArray[np.float32]] = []
        first, second = vad_ticker.open(told.append), vad_ticker.open(told.append)
        vad_ticker.close(first)
        second.feed(LOUD)
        await pass_ms(50)
        assert len(told) == 1
        vad_ticker.close(second)
        vad_ticker.close(second)
        loop = asyncio.get_running_loop()
        before = loop.time()
        await pass_ms(10_000)
        assert loop.time() - before < 10.001
        assert vad_ticker._timer is None
        third = vad_ticker.open(told.append)
        third.feed(LOUD)
        await pass_ms(50)
        assert len(told) == 2
        vad_ticker.close(third)

    run_virtual(story())


def test_a_stream_may_be_closed_by_its_own_callback() -> None:
    async def story() -> None:
        vad_ticker = VadTicker(LoudnessBank())
        told: list[NDArray[np.float32]] = []

        def once(probabilities: NDArray[np.float32]) -> None:
            told.append(probabilities)
            vad_ticker.close(stream)

        stream = vad_ticker.open(once)
        stream.feed(np.tile(LOUD, 20))
        await pass_ms(1_000)
        assert len(told) == 1
        assert vad_ticker._timer is None

    run_virtual(story())
