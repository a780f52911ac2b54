"""The rules of the house: who may import whom, how long a file may grow, what is not done."""

import ast
import fnmatch
import importlib.util
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
from tests.watched_tasks import WATCHED_TASKS

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 50
MAX_FOLDER_MODULES = 24
MAX_CLASS_METHODS = 25

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
    "server/store/*.py",
    "server/database/*.py",
    "migrations/*",
    "bench/*",
]
ONLY_IN = {
    "openai": ["audio/providers/openai_speech.py", "server/doctor/*.py", "bench/*"],
    "langchain": [
        "sessions/interviewer/language_model/chat_models.py",
        "sessions/interviewer/language_model/langchain.py",
        "sessions/interviewer/scripted/chat_model.py",
        "sessions/interviewer/language_model/memory.py",
        "sessions/interviewer/language_model/openai_chat.py",
        "sessions/interviewer/language_model/provider_chat.py",
        "sessions/interviewer/language_model/prompt.py",
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

# What does not keep a rule yet. These lists only shrink: a test fails for a new entry, and for one
# that is not needed any more.

LARGE_CLASSES: set[str] = set()

CLASSES_OF_SEVERAL_BASES: set[str] = set()

FOLDER_CIRCLES: set[tuple[str, str]] = set()

NAMES_OF_SEVERAL_THINGS: set[str] = set()


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


TURN_TAKING = {
    "causes", "commands", "events", "machine", "rules", "transitions", "turns",
    "endpointing.whole_requests",
}  # fmt: skip
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


def assert_only_known(found: set[Any], known: set[Any]) -> None:
    """Fail for what breaks a rule and is not on its list, and for what is there without need."""
    assert found - known == set()
    assert known - found == set(), "keeps the rule now: take it off the list"


def unit_of(path: str) -> str:
    """Return the folder of a module, or the module itself at the top of a package: there is both
    what starts everything (`server/app.py`) and what everything shares (`server/settings.py`)."""
    folder = path.rpartition("/")[0]
    return path if folder in PACKAGES else folder


def folder_graph() -> dict[str, set[str]]:
    """Return which unit imports which others, for types too."""
    paths = {module_name(path): path for path in python_files(*PACKAGES)}
    graph: dict[str, set[str]] = {unit_of(path): set() for path in paths.values()}
    for path, tree in python_files(*PACKAGES).items():
        for imported, name in imports(tree):
            target = paths.get(f"{imported}.{name}") or paths.get(imported)
            if target is not None:
                graph[unit_of(path)].add(unit_of(target))
    return graph


def reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    """Return what can be reached in one step or more."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for target in graph[waiting.pop()] - {start} - found:
            found.add(target)
            waiting.append(target)
    return found


def test_no_folders_import_each_other_in_a_circle() -> None:
    graph = folder_graph()
    reached = {unit: reachable(graph, unit) for unit in graph}
    circles = {
        tuple(sorted({unit, *(other for other in reached[unit] if unit in reached[other])}))
        for unit in graph
    }
    assert_only_known({circle for circle in circles if len(circle) > 1}, FOLDER_CIRCLES)


def test_no_folder_holds_too_many_modules() -> None:
    """Of any kind: what a folder of tests shares counts with its tests."""
    modules = [path for path in python_files(*PACKAGES, "tests", "docs") if "__init__" not in path]
    counts = Counter(path.rpartition("/")[0] for path in modules)
    assert {folder: count for folder, count in counts.items() if count > MAX_FOLDER_MODULES} == {}


def classes() -> Iterator[ast.ClassDef]:
    for tree in python_files(*PACKAGES).values():
        yield from (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def test_no_class_has_too_many_methods() -> None:
    large = {
        node.name
        for node in classes()
        if sum(isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) for part in node.body)
        > MAX_CLASS_METHODS
    }
    assert_only_known(large, LARGE_CLASSES)


def test_a_class_has_at_most_one_base_of_ours() -> None:
    names = {node.name for node in classes()}
    several = set()
    for node in classes():
        bases = [re.split(r"[\[(]", ast.unparse(base))[0].split(".")[-1] for base in node.bases]
        if len(names.intersection(bases)) > 1:
            several.add(node.name)
    assert_only_known(several, CLASSES_OF_SEVERAL_BASES)


def test_a_public_name_means_one_thing() -> None:
    """Of classes and functions, in the three packages."""
    modules: dict[str, set[str]] = {}
    for path, tree in python_files("audio", "sessions", "server").items():
        for node in tree.body:
            if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if not node.name.startswith("_"):
                modules.setdefault(node.name, set()).add(path)
    shared = {name for name, paths in modules.items() if len(paths) > 1}
    assert_only_known(shared, NAMES_OF_SEVERAL_THINGS)


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


def tasks_of_nobody(tree: ast.Module) -> Iterator[str]:
    """Yield the function of every task that belongs to no group."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    owner = ast.unparse(node.func.value)
                    begins = node.func.attr in ("create_task", "ensure_future")
                    if begins and owner.removeprefix("self._") != "group":
                        yield function.name


def test_no_task_can_fail_unseen() -> None:
    found = {
        (path, function)
        for path, tree in python_files("audio", "sessions", "server").items()
        for function in tasks_of_nobody(tree)
    }
    assert found - set(WATCHED_TASKS) == set(), "put it into a task group, or under `side_tasks`"
    assert set(WATCHED_TASKS) - found == set()


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
