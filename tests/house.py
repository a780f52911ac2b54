"""The repository as the house tests see it: its own files, without what git ignores."""

import ast
import fnmatch
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("audio", "sessions", "server", "migrations", "bench")


def _ignored() -> list[str]:
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    return [line.strip("/") for line in lines if line and not line.startswith("#")] + [".git"]


def is_ignored(path: Path) -> bool:
    """Return whether git ignores a file or folder of this name."""
    return any(fnmatch.fnmatch(path.name, pattern) for pattern in _PATTERNS)


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if is_ignored(path):
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


_PATTERNS = _ignored()


@cache
def files() -> tuple[Path, ...]:
    """List every file of the repository."""
    return tuple(_walk(ROOT))


def texts() -> Iterator[tuple[str, str]]:
    """Yield path and content of every file that is text, but for the lock file."""
    for path in files():
        if path.name == "uv.lock":
            continue
        try:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def python_files(*folders: str) -> dict[str, ast.Module]:
    """Return the parsed Python files below the folders, by their path from the root."""
    found = {}
    for path in files():
        name = path.relative_to(ROOT).as_posix()
        if path.suffix == ".py" and name.split("/")[0] in folders:
            found[name] = _parsed(path)
    return found


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def module_name(path: str) -> str:
    """Return `server.api.join` for `server/api/join.py`; a package's `__init__` is the package."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports(tree: ast.Module, *, for_types: bool = True) -> Iterator[tuple[str, str]]:
    """Yield each imported module with the name taken from it ("" for a plain import).

    Imports inside functions count. `for_types=False` leaves out what stands under `if
    TYPE_CHECKING:`.
    """
    skipped = set() if for_types else set(_only_for_types(tree))
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, ""
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                yield node.module or "", alias.name


def _only_for_types(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            for statement in node.body:
                yield from ast.walk(statement)
