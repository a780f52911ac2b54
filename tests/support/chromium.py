"""Chromium without a window, whose microphone is a WAV file.

For the bench of barge-in and the tests of the pages. Playwright belongs to the dependency group dev
and is imported when a browser is opened.
"""

import contextlib
import importlib.util
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Browser

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


class BrowserError(Exception):
    """There is no browser to run; the text says what to do."""


def microphone_flags(wav: Path | None, *, loop: bool = True) -> tuple[str, ...]:
    """Return the flags of a browser that may use its microphone at once, and hears the file over
    and over, or (not `loop`) once and then silence."""
    flags = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        "--autoplay-policy=no-user-gesture-required",
    )
    if wav is None:
        return flags
    return (*flags, f"--use-file-for-fake-audio-capture={wav}{'' if loop else '%noloop'}")


def check_browser() -> None:
    """Raise BrowserError, before any work, if there is no browser to run."""
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
    """Open a headless Chromium with these flags beside the quiet ones. Raises BrowserError."""
    check_browser()
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*QUIET_FLAGS, *flags]
        )
        yield browser
        await browser.close()
