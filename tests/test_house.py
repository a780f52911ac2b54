"""The rules of the house: who may import whom, how long a file may grow, what is not done."""

import ast
import fnmatch
import importlib.util
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import (
    PACKAGES,
    ROOT,
    files,
    imports,
    is_ignored,
    module_name,
    python_files,
    texts,
)

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 50

FLOORS = {
    "audio": {"audio"},
    "sessions": {"sessions", "audio"},
    "migrations": {"migrations", "sessions.record.tables"},
    "server": {"server", "sessions", "audio", "migrations"},
}
"""What each package may import of ours: server -> sessions -> audio, never upward. Benches are
tools of development like tests: they import what they need, and no package imports them."""

DATABASE = [
    "sessions/record/*.py",
    "sessions/store_actions.py",
    "server/store/*.py",
    "server/database/*.py",
    "migrations/*",
    "bench/*",
]
ONLY_IN = {
    "openai": ["audio/openai_speech.py", "server/doctor/*.py", "bench/*"],
    "langchain": [
        "sessions/interviewer/chat_models.py",
        "sessions/interviewer/langchain.py",
        "sessions/interviewer/scripted/chat_model.py",
        "sessions/interviewer/memory.py",
        "sessions/interviewer/openai_chat.py",
        "sessions/interviewer/prompt.py",
    ],
    "sqlalchemy": DATABASE,
    "asyncpg": DATABASE,
    "alembic": ["migrations/*"],
    "fastapi": ["server/*", "bench/*"],
    "starlette": ["server/*", "bench/*"],
    "uvicorn": ["server/*", "bench/*"],
}
"""Each of these libraries (and what begins with its name) is known to its own adapters alone."""

TOP_LEVEL = {
    ".ci",
    ".dockerignore",
    ".env.example",
    ".github",
    ".gitignore",
    ".python-version",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README.md",
    "alembic.ini",
    "audio",
    "bench",
    "compose.yaml",
    "docs",
    "migrations",
    "pyproject.toml",
    "server",
    "sessions",
    "tests",
    "uv.lock",
}

HEAVY = [
    "torch",
    "faster_whisper",
    "ctranslate2",
    "hibari",
    "langchain_core",
    "langchain_openai",
    "openai",
]
"""What `import server.app` must not load: seconds of start-up that not every start needs."""


def ours(module: str) -> bool:
    return module.split(".")[0] in PACKAGES


@pytest.mark.parametrize("package", sorted(FLOORS))
def test_imports_never_go_upward(package: str) -> None:
    wrong = [
        f"{path} imports {module}"
        for path, tree in python_files(package).items()
        for module, name in imports(tree)
        if ours(module)
        and not any(f"{module}.{name}.".startswith(f"{allowed}.") for allowed in FLOORS[package])
    ]
    assert wrong == []


@pytest.mark.parametrize("library", sorted(ONLY_IN))
def test_a_library_is_known_to_its_adapters_alone(library: str) -> None:
    wrong = sorted(
        {
            f"{path} imports {module}"
            for path, tree in python_files(*PACKAGES).items()
            for module, _ in imports(tree, for_types=False)
            if module.split(".")[0] == library or module.split(".")[0].startswith(f"{library}_")
            if not any(fnmatch.fnmatch(path, allowed) for allowed in ONLY_IN[library])
        }
    )
    assert wrong == []


def test_turn_taking_is_pure() -> None:
    impure = {"asyncio", "time", "threading", "socket", "subprocess", "concurrent", "random"}
    wrong = [
        f"{path} imports {module}"
        for path, tree in python_files("sessions").items()
        if path.startswith("sessions/turntaking/")
        for module, _ in imports(tree)
        if not module.startswith("sessions.turntaking")
        and (module.split(".")[0] in impure or module.split(".")[0] not in sys.stdlib_module_names)
    ]
    assert wrong == []


TURN_TAKING = {"causes", "commands", "events", "machine", "rules", "transitions", "turns"}
"""Modules of turn-taking that others import; all else is the inside of the machine."""

INSIDE_THE_MACHINE = {"state", "timers"}
"""Attributes of the machine that only its own tests read."""


def outside_turn_taking(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for path, tree in python_files(*folders).items():
        if "sessions/turntaking/" not in path:
            yield path, tree


def test_nobody_imports_the_inside_of_the_turn_machine() -> None:
    open_to_all = {f"sessions.turntaking.{module}" for module in TURN_TAKING}
    wrong = [
        f"{path} imports {name} from {module}"
        for path, tree in outside_turn_taking(*PACKAGES)
        for module, name in imports(tree)
        if module.startswith("sessions.turntaking")
        and not {module, f"{module}.{name}"} & open_to_all
    ]
    assert wrong == []


def test_nobody_reads_the_state_of_the_turn_machine() -> None:
    wrong = [
        f"{path}:{node.lineno} reads {ast.unparse(node)}"
        for path, tree in outside_turn_taking("sessions", "tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and ast.unparse(node.value).endswith(("machine", "machine()"))
        and (node.attr in INSIDE_THE_MACHINE or node.attr.startswith("_"))
    ]
    assert wrong == []


def import_graph() -> dict[str, set[str]]:
    trees = {module_name(path): tree for path, tree in python_files(*PACKAGES).items()}
    graph: dict[str, set[str]] = {}
    for module, tree in trees.items():
        targets = set()
        for imported, name in imports(tree, for_types=False):
            whole = f"{imported}.{name}"
            targets.add(whole if whole in trees else imported)
        graph[module] = {target for target in targets if target in trees and target != module}
    return graph


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = import_graph()
    done: set[str] = set()
    circles: list[str] = []

    def visit(module: str, path: tuple[str, ...]) -> None:
        if module in path:
            circles.append(" -> ".join((*path[path.index(module) :], module)))
        elif module not in done:
            for target in sorted(graph[module]):
                visit(target, (*path, module))
            done.add(module)

    for module in sorted(graph):
        visit(module, ())
    assert circles == []


def test_no_file_grows_too_long() -> None:
    suffixes = (".py", ".js", ".css", ".html")
    long = {
        name: lines
        for name, text in texts()
        if name.endswith(suffixes) and (lines := len(text.splitlines())) > MAX_FILE_LINES
    }
    assert long == {}


def test_no_function_grows_too_long() -> None:
    long = {
        f"{path}:{node.lineno} {node.name}": lines
        for path, tree in python_files(*PACKAGES, "tests").items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION_LINES
    }
    assert long == {}


OPENINGS = {
    ".py": ('"""',),
    ".mako": ('"""',),
    ".js": ("//", "/*"),
    ".css": ("/*",),
    ".yaml": ("#",),
    ".yml": ("#",),
    ".toml": ("#",),
    ".ini": ("#",),
    ".md": ("#",),
}


def says_what_it_is_for(path: Path, text: str) -> bool:
    if path.suffix in OPENINGS:
        return not text.strip() or text.startswith(OPENINGS[path.suffix])
    if path.suffix == ".html":  # after the opening tags
        return "<!--" in "".join(text.splitlines()[:5])
    if path.parts[0] == ".ci":  # after the interpreter
        return any(line.startswith("# ") for line in text.splitlines()[:2])
    return True


def test_every_file_begins_by_saying_what_it_is_for() -> None:
    silent = [name for name, text in texts() if not says_what_it_is_for(Path(name), text)]
    assert silent == []


def sleeps(tree: ast.Module) -> Iterator[int]:
    """Lines that wait for time to pass. `asyncio.sleep(0)` only lets others run."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called.endswith("wait_for_timeout"):
            yield node.lineno
        elif called in ("time.sleep", "asyncio.sleep", "anyio.sleep", "sleep"):
            lets_run = called != "time.sleep" and [ast.unparse(a) for a in node.args] == ["0"]
            if not lets_run:
                yield node.lineno


def is_double(path: str) -> bool:
    """Whether a file of `tests/` is one of the doubles that benches use too, and no test."""
    folder, _, name = path.rpartition("/")
    return folder == "tests/support" and not name.startswith("test_")


def test_no_test_sleeps() -> None:
    """The doubles may: their latencies are what is asked of them."""
    wrong = [
        f"{path}:{line}"
        for path, tree in python_files("tests").items()
        if not is_double(path)
        for line in sleeps(tree)
    ]
    assert wrong == []


def test_the_product_imports_nothing_of_its_tests() -> None:
    wrong = [
        f"{path} imports {module}"
        for path, tree in python_files("audio", "sessions", "server", "migrations").items()
        for module, _ in imports(tree)
        if module.split(".")[0] == "tests"
    ]
    assert wrong == []


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    marks = ("pytest.mark.skip", "pytest.mark.xfail", "pytest.skip", "pytest.xfail")
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in python_files("tests").items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node).startswith(marks)
    ]
    assert wrong == []


def test_nothing_is_put_off() -> None:
    words = ("TO" + "DO", "FIX" + "ME", "XX" + "X:")
    wrong = [
        f"{name}:{number}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if any(word in line for word in words)
    ]
    assert wrong == []


def test_the_top_level_holds_what_a_reader_expects() -> None:
    found = {path.name for path in ROOT.iterdir() if not is_ignored(path)}
    assert found - TOP_LEVEL == set()
    assert TOP_LEVEL - found == set()


def test_scripts_can_be_executed() -> None:
    scripts = [path for path in files() if path.parent.name == ".ci" and path.suffix != ".sh"]
    assert scripts
    assert [path.name for path in scripts if not path.stat().st_mode & 0o100] == []


def test_importing_the_app_loads_nothing_heavy() -> None:
    code = f"import sys, server.app; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_torch_is_not_even_installed() -> None:
    assert importlib.util.find_spec("torch") is None


IN_PLAIN_WORDS = (
    "audio/",
    "migrations/",
    "server/cli.py",
    "server/dialects/__init__.py",
    "server/dialects/browser/",
    "server/dialects/close_reasons.py",
    "server/dialects/dialect.py",
    "server/dialects/realtime/",
    "server/dialects/telephony/",
    "server/doctor/",
    "server/logs.py",
    "server/retirements.py",
    "server/settings.py",
    "server/settings_errors.py",
    "server/simulator/",
    "server/telephony/",
    "server/web/",
    "sessions/listening/",
)
"""Files and folders whose docstrings and names are held to the rules below."""

PRIVATE_WORDS = frozenset(
    "desk dictation ears foresight glimpse glimpses hush hushed invention inventions manners mouth"
    " outlook reception scribe tape telling visitor visitors wished wishes".split()
)
"""Metaphors that no docstring and no name uses: for each of them the field has a word."""

ONLY_IN_PROSE = frozenset({"knock"})
"""Words that have a plain use in a docstring, and none in a name."""


def in_plain_words() -> Iterator[tuple[str, ast.Module]]:
    for path, tree in python_files(*FLOORS).items():
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
