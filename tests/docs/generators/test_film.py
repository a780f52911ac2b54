"""Films: the picture of each moment, a caption below it, and an animation that can be read."""

import io
from pathlib import Path

from PIL import Image

from docs.generators.film import (
    CAPTION_HEIGHT,
    FRAME_MS,
    HEIGHT,
    WIDTH,
    Scene,
    at_even_times,
    length_ms,
    with_caption,
    write_film,
)

STEP_S = FRAME_MS / 1000


def picture(colour: str, size: tuple[int, int] = (WIDTH, HEIGHT)) -> bytes:
    """A page of one colour, as PNG."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def test_at_each_moment_the_picture_is_taken_that_was_shown_then() -> None:
    pictures = [(10.0, b"a"), (10.0 + 1.5 * STEP_S, b"b"), (10.0 + 3 * STEP_S, b"c")]
    assert at_even_times(pictures) == [b"a", b"a", b"b", b"c"]


def test_a_page_that_does_not_change_is_shown_for_as_long_as_it_was() -> None:
    assert at_even_times([(5.0, b"a"), (5.0 + 8 * STEP_S, b"a")]) == [b"a"] * 9


def test_without_pictures_nothing_is_shown() -> None:
    assert at_even_times([]) == []


def test_the_caption_stands_below_the_page() -> None:
    whole = with_caption(picture("red"), "What happens.|And why.")
    assert whole.size == (WIDTH, HEIGHT + CAPTION_HEIGHT)
    assert whole.getpixel((WIDTH // 2, HEIGHT // 2)) == (255, 0, 0)
    band = whole.crop((0, HEIGHT, WIDTH, HEIGHT + CAPTION_HEIGHT))
    assert len(band.getcolors(100_000) or []) > 10  # the soft edges of letters
    assert with_caption(picture("red"), "").getpixel((30, HEIGHT + 28)) == (17, 24, 39)


def test_a_larger_page_is_made_smaller() -> None:
    whole = with_caption(picture("blue", (2 * WIDTH, 2 * HEIGHT)), "")
    assert whole.size == (WIDTH, HEIGHT + CAPTION_HEIGHT)
    assert whole.getpixel((WIDTH - 1, HEIGHT - 1)) == (0, 0, 255)


def test_a_film_lasts_as_long_as_its_scenes(tmp_path: Path) -> None:
    scenes = [
        Scene("One.", [(0.0, picture("red")), (3 * STEP_S, picture("green"))]),
        Scene("Two.", [(9.0, picture("blue")), (9.0 + STEP_S, picture("white"))]),
    ]
    path = tmp_path / "film.webp"
    write_film(path, scenes)
    assert length_ms(path) == 6 * FRAME_MS
