"""The tap on a page in Chromium: what it hears and what it plays, on one audio clock."""

import asyncio
import base64
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tests.support.chromium import BrowserError

if TYPE_CHECKING:
    from playwright.async_api import Page

BLOCK_S = 0.5
"""Length of one block of the recording, as tap-recorder.js has it."""

SPARE_S = 30.0
"""A browser whose sound is so late is not going to measure anything."""

RECORDER_PATH = "/bench/tap-recorder.js"

_BLOCKS_A_READ = 40
_TAP = Path(__file__).with_name("tap.js")
_RECORDER = Path(__file__).with_name("tap-recorder.js")


@dataclass(frozen=True, slots=True)
class Recording:
    """The recording of a page: what its microphone gave and what it played meanwhile, PCM16 at
    `rate` Hz, sample for sample at the same time. `latency_ms` is what comes after, as the browser
    states it (its own buffer and the device's)."""

    microphone: NDArray[np.int16]
    loudspeaker: NDArray[np.int16]
    rate: int
    latency_ms: float


async def tap(page: "Page") -> None:
    """Record a page from when it opens its microphone on.

    Call it before the page loads; its server must answer for `RECORDER_PATH` with `recorder_script`
    (audio worklets load past Playwright's routes).
    """
    await page.add_init_script(path=_TAP)


def recorder_script() -> str:
    """Return the script of the tap's audio thread."""
    return _RECORDER.read_text(encoding="utf-8")


async def recorded_for(page: "Page", seconds: float) -> None:
    """Wait until so much has been recorded. Raises BrowserError if it is not in time."""
    waiting = page.evaluate(
        "(blocks) => window.vivaRecording.reached(blocks)", round(seconds / BLOCK_S)
    )
    try:
        await asyncio.wait_for(waiting, seconds + SPARE_S)
    except TimeoutError:
        raise BrowserError(
            "The browser's sound does not run in real time, or not at all."
        ) from None


async def read_recording(page: "Page") -> Recording:
    """Read all that was recorded."""
    blocks, rate, latency_s = await page.evaluate(
        "[vivaRecording.blocks.length, vivaRecording.context.sampleRate,"
        " vivaRecording.context.baseLatency + vivaRecording.context.outputLatency]"
    )
    sound = bytearray()
    for begin in range(0, blocks, _BLOCKS_A_READ):
        piece = await page.evaluate(
            "([from, to]) => window.vivaRecording.read(from, to)", [begin, begin + _BLOCKS_A_READ]
        )
        sound += base64.b64decode(piece)
    both = np.frombuffer(bytes(sound), "<i2").reshape(-1, 2)
    return Recording(both[:, 0].copy(), both[:, 1].copy(), int(rate), latency_s * 1000)
