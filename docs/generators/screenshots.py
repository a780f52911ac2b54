"""Takes docs/images/pages/: the pages in each of their states, with people who do not exist.

`python -m docs.generators.screenshots` needs the dependency groups dev and bench, and a Chromium
(the variable CHROMIUM says where). It takes two minutes; what it shows is what the tests of the
pages look at (tests/fakes/page_states.py). With names of states as arguments: only those.
"""

import asyncio
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, ViewportSize

from tests.fakes.page_browser import write_noise
from tests.fakes.page_states import LONG_NAME, STATES, scene
from tests.support.chromium import microphone_flags, open_browser

PICTURES = Path(__file__).parents[1] / "images" / "pages"

WIDE = ViewportSize(width=1120, height=720)
NARROW = ViewportSize(width=320, height=640)
"""What 400 % of zoom leaves of a window of 1280 px."""

NARROW_STATES = ("setup", "listening", "weak-connection", "interviews", "result", "wall", "cockpit")
COLOURS = 96
"""Of a picture: enough for the pages, and a quarter of the bytes."""


def main() -> None:
    """Take the pictures."""
    PICTURES.mkdir(exist_ok=True)
    asyncio.run(_take_all(set(sys.argv[1:]) or set(STATES)))


async def _take_all(wanted: set[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "noise.wav"
        write_noise(sound)
        async with open_browser(*microphone_flags(sound)) as browser:
            for state in STATES:
                if state in wanted:
                    await _take(browser, state, WIDE, "Ada Lovelace", state)
                if state in wanted and state in NARROW_STATES:
                    await _take(browser, state, NARROW, LONG_NAME, f"{state}-narrow")


async def _take(browser: Browser, state: str, size: ViewportSize, name: str, file: str) -> None:
    context = await browser.new_context(
        viewport=size, color_scheme="light", reduced_motion="reduce", timezone_id="Europe/London"
    )
    page = await context.new_page()
    async with scene(name) as told:
        await STATES[state](page, told)
        picture = await page.screenshot(full_page=size == NARROW)
    await context.close()
    small = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS)
    small.save(PICTURES / f"{file}.png", optimize=True)


if __name__ == "__main__":
    main()
