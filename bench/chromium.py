"""A headless Chromium whose microphone is a WAV file, and a tap on what its page hears and plays.

For `viva bench bargein` and the tests of the pages. Playwright belongs to the dependency group dev
and is imported when a browser is opened.
"""

import asyncio
import base64
import contextlib
import importlib.util
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "chromium"
"""What `make test` has found or installed."""

QUIET_FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
"""They keep a browser in a test from calling home."""

BLOCK_S = 0.5
"""Length of one block of the tape, as bench/tap-recorder.js has it."""

SPARE_S = 30.0
"""A browser whose sound is so late is not going to measure anything."""

RECORDER_PATH = "/bench/tap-recorder.js"

_BLOCKS_A_READ = 40
_TAP = Path(__file__).with_name("tap.js")
_RECORDER = Path(__file__).with_name("tap-recorder.js")


class BrowserError(Exception):
    """There is no browser to measure in; the text says what to do."""


def microphone_flags(wav: Path | None, *, loop: bool = True) -> tuple[str, ...]:
    """Flags of a browser that may use its microphone at once, and hears the file over and over,
    or (not `loop`) once and then silence."""
    flags = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        "--autoplay-policy=no-user-gesture-required",
    )
    if wav is None:
        return flags
    return (*flags, f"--use-file-for-fake-audio-capture={wav}{'' if loop else '%noloop'}")


def check_browser() -> None:
    """Raise BrowserError, before any work, if there is nothing to measure in."""
    if importlib.util.find_spec("playwright") is None:
        raise BrowserError(
            "A browser is driven by Playwright, which is in the dependency group dev: run uv sync."
        )
    if shutil.which(CHROMIUM) is None:
        raise BrowserError(
            "There is no Chromium here: install it (on Debian: apt-get install chromium), or say"
            " where it is in the variable CHROMIUM."
        )


@contextlib.asynccontextmanager
async def open_browser(*flags: str) -> "AsyncIterator[Browser]":
    """A headless Chromium with these flags beside the quiet ones. Raises BrowserError."""
    check_browser()
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*QUIET_FLAGS, *flags]
        )
        yield browser
        await browser.close()


@dataclass(frozen=True, slots=True)
class Tape:
    """What a page's microphone gave and what the page played meanwhile, PCM16 at `rate` Hz, sample
    for sample at the same time. `latency_ms`: what comes after, as the browser tells it (its
    own buffer and the device's)."""

    microphone: NDArray[np.int16]
    loudspeaker: NDArray[np.int16]
    rate: int
    latency_ms: float


async def tap(page: "Page") -> None:
    """Have a page recorded, from when it opens its microphone on. Call it before the page loads;
    its server must answer for `RECORDER_PATH` with `recorder_script` (audio worklets load past
    Playwright's routes)."""
    await page.add_init_script(path=_TAP)


def recorder_script() -> str:
    """The audio thread's side of the tap."""
    return _RECORDER.read_text(encoding="utf-8")


async def taped(page: "Page", seconds: float) -> None:
    """Wait until so much has been recorded. Raises BrowserError if it is not in time."""
    waiting = page.evaluate("(blocks) => window.vivaTape.reached(blocks)", round(seconds / BLOCK_S))
    try:
        await asyncio.wait_for(waiting, seconds + SPARE_S)
    except TimeoutError:
        raise BrowserError(
            "The browser's sound does not run in real time, or not at all."
        ) from None


async def read_tape(page: "Page") -> Tape:
    """All that was recorded."""
    blocks, rate, latency_s = await page.evaluate(
        "[vivaTape.blocks.length, vivaTape.context.sampleRate,"
        " vivaTape.context.baseLatency + vivaTape.context.outputLatency]"
    )
    sound = bytearray()
    for begin in range(0, blocks, _BLOCKS_A_READ):
        piece = await page.evaluate(
            "([from, to]) => window.vivaTape.read(from, to)", [begin, begin + _BLOCKS_A_READ]
        )
        sound += base64.b64decode(piece)
    both = np.frombuffer(bytes(sound), "<i2").reshape(-1, 2)
    return Tape(both[:, 0].copy(), both[:, 1].copy(), int(rate), latency_s * 1000)
