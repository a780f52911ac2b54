"""Writes the table of modules in docs/architecture.md: each with the first words of its docstring.

`python -m docs.generators.modules` brings the table up to date; a test holds it current.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs/architecture.md"
PACKAGES = ("server", "sessions", "audio", "migrations", "bench")
BEGIN, END = "<!-- modules: made by docs/generators/modules.py -->", "<!-- end of modules -->"


def table() -> str:
    """Return the table as Markdown, one part a folder."""
    parts = []
    for package in PACKAGES:
        for folder in _folders(ROOT / package):
            rows = [f"| `{path.name}` | {_purpose(path)} |" for path in _modules(folder)]
            if rows:
                name = folder.relative_to(ROOT).as_posix()
                head = f"**{name}/** {_purpose(folder / '__init__.py')}".rstrip()
                parts.append(
                    "\n".join([head, "", "| Module | What it is for |", "|---|---|", *rows])
                )
    return "\n\n".join(parts)


def render(document: str) -> str:
    """Return the document with the table between its marks."""
    before, rest = document.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


def _folders(package: Path) -> list[Path]:
    inner = [p.parent for p in sorted(package.rglob("*.py")) if "__pycache__" not in p.parts]
    return list(dict.fromkeys([package, *inner]))


def _modules(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"]


def _purpose(path: Path) -> str:
    """Return the first paragraph of a module's docstring, on one line."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) if path.exists() else ""
    return " ".join((text or "").split("\n\n")[0].split()).replace("|", r"\|")


if __name__ == "__main__":
    DOCUMENT.write_text(render(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
