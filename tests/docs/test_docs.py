"""The documents: their links lead somewhere, and what can be generated is current."""

import re
from pathlib import Path

import pytest

from docs.generators import modules
from tests.house import PACKAGES, ROOT, files

DOCUMENTS = [path for path in files() if path.suffix == ".md"]
LINK = re.compile(r"\]\(([^)\s]+)\)")
SOURCE_PATH = re.compile(rf"`((?:{'|'.join(PACKAGES)}|tests|docs|\.ci)/[\w./-]+)`")


def test_the_table_of_rooms_is_current() -> None:
    document = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    assert document == modules.with_rooms(document), "run: python -m docs.generators.modules"


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
