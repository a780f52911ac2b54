"""Writes the table of rooms in docs/architecture.md: every module with the first words it says.

`python -m docs.generators.modules` brings the table up to date; a test holds it current.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs/architecture.md"
PACKAGES = ("server", "sessions", "audio", "migrations", "bench")
BEGIN, END = "<!-- rooms: made by docs/generators/modules.py -->", "<!-- end of rooms -->"


def rooms() -> str:
    """The table as Markdown, one part a folder."""
    parts = []
    for package in PACKAGES:
        for folder in _folders(ROOT / package):
            rows = [f"| `{path.name}` | {_purpose(path)} |" for path in _modules(folder)]
            if rows:
                name = folder.relative_to(ROOT).as_posix()
                head = f"**{name}/** {_purpose(folder / '__init__.py')}"
                parts.append(
                    "\n".join([head, "", "| Module | What it is for |", "|---|---|", *rows])
                )
    return "\n\n".join(parts)


def with_rooms(document: str) -> str:
    """The document with the table between its marks."""
    before, rest = document.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{rooms()}\n\n{END}{after}"


def _folders(package: Path) -> list[Path]:
    inner = [p.parent for p in sorted(package.rglob("*.py")) if "__pycache__" not in p.parts]
    return list(dict.fromkeys([package, *inner]))


def _modules(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"]


def _purpose(path: Path) -> str:
    """The first paragraph of a module's docstring, on one line."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) if path.exists() else ""
    return " ".join((text or "").split("\n\n")[0].split()).replace("|", r"\|")


if __name__ == "__main__":
    found = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(with_rooms(found), encoding="utf-8")
