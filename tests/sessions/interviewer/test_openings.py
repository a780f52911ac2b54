"""Openings: let go as soon as they are written, however the text is cut."""

import pytest

from sessions.interviewer.openings import OPENINGS, openings_of, sounds_of
from sessions.interviewer.sentences import SentenceSplitter

CASES = [
    ("Thank you for that, and how was it?", ["Thank you for that,", "and how was it?"]),
    ("Thank you for that. How was it?", ["Thank you for that.", "How was it?"]),
    ("Thank you for that.", ["Thank you for that."]),
    ("Thank you for that... How was it?", ["Thank you for that...", "How was it?"]),
    ("Thank you for that story, and how was it?", ["Thank you for that story, and how was it?"]),
    ("I see, thank you, so what now?", ["I see, thank you,", "so what now?"]),
    ("I see, so what now?", ["I see, so what now?"]),
    ("Well. Thank you for that, and now?", ["Well.", "Thank you for that, and now?"]),
    ("  Alles klar, vielen Dank, und jetzt?", ["Alles klar, vielen Dank,", "und jetzt?"]),
]


def split(text: str, size: int) -> list[str]:
    splitter = SentenceSplitter()
    pieces: list[str] = []
    for start in range(0, len(text), size):
        pieces += splitter.feed(text[start : start + size])
    return pieces + splitter.flush()


@pytest.mark.parametrize(("text", "pieces"), CASES)
@pytest.mark.parametrize("size", [1, 3, 7, 1_000])
def test_an_opening_is_a_piece_of_its_own(text: str, pieces: list[str], size: int) -> None:
    assert split(text, size) == pieces


@pytest.mark.parametrize("opening", [text for texts in OPENINGS.values() for text in texts])
@pytest.mark.parametrize("sign", [",", ". "])
def test_an_opening_comes_out_before_its_sentence_ends(opening: str, sign: str) -> None:
    assert SentenceSplitter().feed(opening + sign) == [opening + sign.strip()]


@pytest.mark.parametrize("language", ["en", "en-GB", "de", "fr-CA", "EN"])
def test_what_is_asked_for_is_voiced_ahead_with_each_sign(language: str) -> None:
    assert openings_of(language)
    for opening in openings_of(language):
        assert {f"{opening}.", f"{opening},"} <= set(sounds_of(language))


def test_a_language_without_openings_has_none() -> None:
    assert openings_of("ja") == sounds_of("ja") == ()
