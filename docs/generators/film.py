"""Films of pages: what a browser shows, taken scene by scene and written as one animation.

Pillow comes with the dependency group bench; it is imported when something is drawn.
"""

import asyncio
import base64
import contextlib
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image
    from playwright.async_api import Page

WIDTH, HEIGHT = 960, 600
"""Size of a picture without its caption, in pixels."""

CAPTION_HEIGHT = 56
FRAME_MS = 125
"""Time from one picture to the next: eight in a second show captions growing word by word."""

QUALITY = 74
"""Quality of the WebP, 0 to 100: text stays sharp, and the page's soft colours take little room."""

_INK, _PAPER, _FAINT = (255, 255, 255), (17, 24, 39), (148, 163, 184)
_MARGIN = 24


@dataclass(frozen=True, slots=True)
class Scene:
    """Scene: what a page showed under one caption."""

    caption: str
    """The caption; what comes after a `|` is written smaller."""

    pictures: list[tuple[float, bytes]] = field(default_factory=list)
    """The pictures (PNG), each with the time from which on it was shown, in seconds."""


class Camera:
    """Camera: takes what pages show."""

    def __init__(self) -> None:
        self.scenes: list[Scene] = []
        """The scenes, in the order in which they were taken."""

    @contextlib.asynccontextmanager
    async def on(self, page: "Page", caption: str) -> AsyncIterator[None]:
        """Take one scene for as long as the context."""
        scene = Scene(caption)
        self.scenes.append(scene)
        loop = asyncio.get_running_loop()
        devtools = await page.context.new_cdp_session(page)
        acknowledging: set[asyncio.Task[Any]] = set()
        rolling = True

        def acknowledge(number: int) -> None:
            if rolling:
                sending = devtools.send("Page.screencastFrameAck", {"sessionId": number})
                task = asyncio.ensure_future(sending)
                acknowledging.add(task)
                task.add_done_callback(acknowledging.discard)

        def take(event: dict[str, Any]) -> None:
            scene.pictures.append((loop.time(), base64.b64decode(event["data"])))
            # the browser takes the next picture once this one is acknowledged
            loop.call_later(FRAME_MS / 1000, acknowledge, event["sessionId"])

        devtools.on("Page.screencastFrame", take)
        # a page that does not change is not taken by itself
        scene.pictures.append((loop.time(), await page.screenshot()))
        await devtools.send("Page.startScreencast", {"format": "png"})
        try:
            yield
        finally:
            rolling = False
            await devtools.send("Page.stopScreencast")
            scene.pictures.append((loop.time(), await page.screenshot()))
            await asyncio.gather(*acknowledging)
            await devtools.detach()


def at_even_times(pictures: list[tuple[float, bytes]]) -> list[bytes]:
    """Return a picture for each FRAME_MS, from the first to the last: the one shown then."""
    if not pictures:
        return []
    begin, end = pictures[0][0], pictures[-1][0]
    chosen, at = [], 0
    for step in range(int((end - begin) * 1000 / FRAME_MS) + 1):
        moment = begin + step * FRAME_MS / 1000
        while at + 1 < len(pictures) and pictures[at + 1][0] <= moment:
            at += 1
        chosen.append(pictures[at][1])
    return chosen


def with_caption(picture: bytes, caption: str) -> "Image":
    """Return the picture at WIDTH x HEIGHT with the caption in a band below it."""
    from matplotlib import get_data_path
    from PIL import Image, ImageDraw, ImageFont

    whole = Image.new("RGB", (WIDTH, HEIGHT + CAPTION_HEIGHT), _PAPER)
    page = Image.open(io.BytesIO(picture)).convert("RGB")
    if page.size != (WIDTH, HEIGHT):
        page = page.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    whole.paste(page, (0, 0))
    fonts = Path(get_data_path()) / "fonts/ttf"
    draw = ImageDraw.Draw(whole)
    head, _, rest = caption.partition("|")
    bold = ImageFont.truetype(fonts / "DejaVuSans-Bold.ttf", 19)
    plain = ImageFont.truetype(fonts / "DejaVuSans.ttf", 16)
    middle = HEIGHT + CAPTION_HEIGHT // 2
    draw.text((_MARGIN, middle), head.strip(), _INK, bold, anchor="lm")
    draw.text(
        (_MARGIN + draw.textlength(head.strip(), bold) + 16, middle),
        rest.strip(),
        _FAINT,
        plain,
        anchor="lm",
    )
    return whole


def length_ms(path: Path) -> float:
    """Return how long an animation lasts, in ms."""
    from PIL import Image

    total = 0.0
    with Image.open(path) as film:
        for number in range(getattr(film, "n_frames", 1)):
            film.seek(number)
            film.load()
            total += film.info["duration"]
    return total


def write_film(path: Path, scenes: list[Scene]) -> None:
    """Write the scenes, one after the other, as an animated WebP that begins again at its end."""
    frames: list[Image] = []
    for scene in scenes:
        frames += [with_caption(p, scene.caption) for p in at_even_times(scene.pictures)]
    frames[0].save(
        path,
        save_all=True,
        append_images=frames[1:],
        duration=FRAME_MS,
        loop=0,
        quality=QUALITY,
        method=6,
        allow_mixed=True,
    )
