"""The documents: links lead somewhere, what is named exists, what is generated is current."""

import re
import xml.etree.ElementTree as ElementTree
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from docs.generators import models, modules
from docs.generators.clip import FILM
from docs.generators.film import CAPTION_HEIGHT, HEIGHT, WIDTH, length_ms
from tests.house import PACKAGES, ROOT, files, texts

DOCUMENTS = [path for path in files() if path.suffix == ".md"]
LINK = re.compile(r"\]\(([^)\s]+)\)")
SOURCE_PATH = re.compile(rf"`((?:{'|'.join(PACKAGES)}|tests|docs|\.ci)/[\w./-]+)`")
ARCHITECTURE = ROOT / "docs/architecture.md"
CHANGES = re.compile(r"<!-- changes: .*?-->(.*?)<!-- end of changes -->", re.DOTALL)
TERM = re.compile(r"^\*\*(.+?)\.\*\*", re.MULTILINE)
PICTURES = sorted((ROOT / "docs/images").glob("*.svg"))


def changes() -> list[list[str]]:
    """The rows of the table "Where do I change what", each with its cells."""
    found = CHANGES.search(ARCHITECTURE.read_text(encoding="utf-8"))
    assert found is not None
    lines = [line for line in found[1].splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def terms() -> list[str]:
    """What the glossary explains, in its order."""
    return TERM.findall((ROOT / "docs/glossary.md").read_text(encoding="utf-8"))


@cache
def words_in_use() -> str:
    """Every word of the code, and of the documents but for the glossary, a blank before each."""
    shown = [
        text
        for name, text in texts()
        if name.split("/")[0] in ("server", "sessions", "audio", "docs")
        and name != "docs/glossary.md"
    ]
    return " " + " ".join(sorted(set(re.findall(r"[a-z]+", " ".join(shown).lower()))))


def test_the_table_of_modules_is_current() -> None:
    document = ARCHITECTURE.read_text(encoding="utf-8")
    assert document == modules.render(document), "run: make docs"


def test_the_tables_of_models_are_current() -> None:
    document = models.DOCUMENT.read_text(encoding="utf-8")
    assert document == models.render(document), "run: make docs"


def test_the_table_of_changes_has_four_cells_a_row() -> None:
    rows = changes()
    assert len(rows) >= 15
    assert [row[0] for row in rows if len(row) != 4 or not all(row)] == []


@pytest.mark.parametrize("row", changes(), ids=lambda row: row[0].replace("`", ""))
def test_every_change_names_what_to_touch_and_at_least_one_test(row: list[str]) -> None:
    _, touch, imitate, tests = row
    places = re.findall(r"`([^`]+)`", touch) + re.findall(r"`([^`]*/[^`]*)`", imitate + tests)
    assert [place for place in places if "/" in place and not (ROOT / place).exists()] == []
    assert any(path.startswith("tests/") for path in SOURCE_PATH.findall(tests)), "no test"


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
def test_pictures_are_described_have_a_dark_form_and_name_real_folders(picture: Path) -> None:
    text = picture.read_text(encoding="utf-8")
    drawn = ElementTree.fromstring(text)
    parts = {element.tag.rpartition("}")[2] for element in drawn.iter()}
    assert {"title", "desc"} <= parts
    assert "prefers-color-scheme: dark" in text
    written = " ".join(element.text or "" for element in drawn.iter())
    named = re.findall(rf"\b((?:{'|'.join(PACKAGES)})/[\w/]+)", written)
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_picture_is_shown_by_a_document() -> None:
    shown = {
        Path(link).name for path in DOCUMENTS for link in LINK.findall(path.read_text("utf-8"))
    }
    pictures = {path.name for path in (ROOT / "docs/images").rglob("*") if path.is_file()}
    assert pictures
    assert pictures - shown == set()


def test_the_film_is_short_and_small() -> None:
    assert FILM.stat().st_size < 1_500_000
    assert 15_000 < length_ms(FILM) < 40_000
    with Image.open(FILM) as film:
        assert film.size == (WIDTH, HEIGHT + CAPTION_HEIGHT)


def test_the_glossary_is_in_alphabetical_order_and_explains_each_term_once() -> None:
    found = terms()
    assert found == sorted(set(found), key=str.lower)


@pytest.mark.parametrize("term", terms())
def test_every_term_of_the_glossary_is_in_use(term: str) -> None:
    used = words_in_use()
    assert [word for word in re.findall(r"[a-z]+", term.lower()) if f" {word}" not in used] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files_that_are_there(document: Path) -> None:
    targets = [link.split("#")[0] for link in LINK.findall(document.read_text(encoding="utf-8"))]
    local = [link for link in targets if link and not link.startswith(("http", "mailto:"))]
    assert [link for link in local if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_source_files_that_are_named_are_there(document: Path) -> None:
    named = SOURCE_PATH.findall(document.read_text(encoding="utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs/decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    records = sorted(path.name for path in folder.glob("0*.md"))
    assert records
    assert sorted(re.findall(r"\((0[\w-]+\.md)\)", index)) == records
    for record in records:
        text = (folder / record).read_text(encoding="utf-8")
        assert text.startswith(f"# {record[:4]}: ")
        for part in ("**Context.**", "**Decision.**", "**Consequences.**"):
            assert part in text, f"{record} has no {part}"


def test_every_make_target_that_is_named_exists() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    for document in DOCUMENTS:
        for line in re.findall(r"`make ([a-z-]+)", document.read_text(encoding="utf-8")):
            assert line in targets, f"{document.name}: make {line}"
