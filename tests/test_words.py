"""Words of the code: docstrings begin with a sentence, and no private word is used."""

import ast
import inspect
import re
from collections.abc import Iterator

from tests.house import PACKAGES, python_files

IN_PLAIN_WORDS = ("audio/", "migrations/", "server/", "sessions/")
"""Folders whose docstrings and names are held to the rules below."""

PRIVATE_WORDS = frozenset(
    "desk dictation ears foresight glimpse glimpses hush hushed invention inventions manners mouth"
    " outlook reception scribe tape telling visitor visitors wished wishes".split()
)
"""Metaphors that no docstring and no name uses: for each of them the field has a word."""

ONLY_IN_PROSE = frozenset({"knock"})
"""Words that have a plain use in a docstring, and none in a name."""


def in_plain_words() -> Iterator[tuple[str, ast.Module]]:
    for path, tree in python_files(*PACKAGES).items():
        if path.startswith(IN_PLAIN_WORDS):
            yield path, tree


def docstrings(tree: ast.Module) -> Iterator[tuple[ast.AST, int, str]]:
    """What is documented, with line and text: modules, classes, functions, and assignments by the
    string below them."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if not isinstance(body, list):  # nothing inside, or a lambda's one expression
            continue
        for owner, statement in zip([node, *body], body, strict=False):
            documents = owner is node or isinstance(owner, ast.Assign | ast.AnnAssign)
            match statement:
                case ast.Expr(value=ast.Constant(value=str(text))) if documents:
                    yield owner, statement.lineno, inspect.cleandoc(text)


def test_docstrings_begin_with_a_sentence() -> None:
    """The first line says what the thing is or does ("Verb object." or "Noun: definition."); of an
    assignment's docstring only the beginning is held to it."""
    wrong = []
    for path, tree in in_plain_words():
        for owner, line, text in docstrings(tree):
            first = text.partition("\n")[0]
            if getattr(owner, "name", "").startswith("_"):
                continue
            whole = not isinstance(owner, ast.Assign | ast.AnnAssign)
            if first[:1].islower() or first[:1] == "`" or (whole and first[-1:] not in (".", ":")):
                wrong.append(f"{path}:{line} {first}")
    assert wrong == []


def words_of(name: str) -> set[str]:
    """`_openVoice_model` -> {"open", "voice", "model"}"""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every name that a file gives or uses, with its line."""
    for node in ast.walk(tree):
        for field in ("id", "attr", "arg", "name", "asname"):
            name = getattr(node, field, None)
            if isinstance(name, str):
                yield getattr(node, "lineno", 0), name


def test_no_private_metaphor_is_used() -> None:
    wrong = [
        f"{path}:{line} {name}"
        for path, tree in in_plain_words()
        for line, name in names(tree)
        if not words_of(name).isdisjoint(PRIVATE_WORDS | ONLY_IN_PROSE)
    ]
    wrong += [
        f"{path}:{line} {word}"
        for path, tree in in_plain_words()
        for _, line, text in docstrings(tree)
        for word in sorted(set(re.findall(r"[a-z]+", text.lower())) & PRIVATE_WORDS)
    ]
    assert wrong == []
