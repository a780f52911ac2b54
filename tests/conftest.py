"""What the whole suite stands on: a real PostgreSQL, a clean environment, no way out."""

import functools
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from server.database.embedded import EmbeddedPostgres
from server.database.engine import create_engine, upgrade
from server.settings import Settings
from sessions.turntaking.rules import Rules
from tests import coverage_table, no_network, patience, real_parts, seeding

_FOREIGN_VARIABLES = ("OPENAI_", "AZURE_", "VIVA_", "DATABASE_", "PG", "LANGCHAIN_", "LANGSMITH_")


def _clean_environment() -> None:
    for name in list(os.environ):
        if name.startswith(_FOREIGN_VARIABLES) or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ["HF_HUB_OFFLINE"] = "1"
    Settings.model_config["env_file"] = None


_clean_environment()
no_network.install()
real_parts.install()
patience.put_off_deadlines()

# The same examples on every machine and in every run, however slow it is; `--hypothesis-profile
# explore` looks for new ones.
_EXPLORE = hypothesis.settings(
    deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.register_profile("explore", _EXPLORE)
hypothesis.settings.register_profile("suite", _EXPLORE, derandomize=True, database=None)
hypothesis.settings.register_profile(
    "fast", _EXPLORE, derandomize=True, database=None, max_examples=15, stateful_step_count=25
)
hypothesis.settings.load_profile("suite")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses real parts, and put it first: what takes long begins early, and the short
    tests fill the gaps between the workers."""
    real_parts.mark(items)
    slow = {item.path for item in items if real_parts.is_marked(item)}
    items.sort(key=lambda item: item.path not in slow)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Open to a test the real parts that it asks for, and no others."""
    real_parts.allow(item)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print coverage by package where it was measured (`--cov`)."""
    if config.getoption("cov_source", None):
        terminalreporter.section("coverage by line")
        for line in coverage_table.table(coverage_table.read_shares()):
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def real_models() -> None:
    """To ask for where Whisper or the voice are loaded."""


@pytest.fixture(scope="session")
def real_browser() -> None:
    """To ask for where Chromium is started."""


@pytest.fixture(autouse=True)
def _nothing_outside_was_reached() -> Iterator[None]:
    yield
    tried = list(no_network.reached)
    no_network.reached.clear()
    assert not tried, f"the test reached outside: {', '.join(tried)}"


@pytest.fixture(autouse=True)
def _no_real_part_was_opened_unasked() -> Iterator[None]:
    yield
    opened = list(real_parts.opened)
    real_parts.opened.clear()
    assert not opened, f"the test did not ask for its real {', '.join(opened)}"


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of 127.0.0.1 that is taken, and that nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers of this process do nothing about what is slow: `tests.patience.UNHURRIED`."""
    monkeypatch.setattr("server.providers.Rules", functools.partial(Rules, **patience.UNHURRIED))


@pytest.fixture(scope="session")
def _reachable_base() -> Iterator[Path]:
    base = Path(tempfile.mkdtemp(prefix="viva-tests-"))
    base.chmod(0o711)
    yield base
    shutil.rmtree(base)


@pytest.fixture
def reachable_path(_reachable_base: Path) -> Path:
    """A fresh folder that other users may pass through; pytest's own tmp_path is closed to the
    user that root runs PostgreSQL as."""
    path = Path(tempfile.mkdtemp(dir=_reachable_base))
    path.chmod(0o711)
    return path


@pytest.fixture(scope="session")
def database_url(_reachable_base: Path) -> Iterator[str]:
    """One real server for the whole run, with the real migrations."""
    with EmbeddedPostgres(_reachable_base / "suite") as url:
        with ThreadPoolExecutor(1) as elsewhere:  # it runs a loop of its own
            elsewhere.submit(upgrade, url).result()
        yield url


@pytest.fixture(scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on the suite's server; take `clean_database` too where rows matter."""
    engine = create_engine(database_url, pool_size=20)
    yield engine
    await engine.dispose()


@pytest.fixture
async def clean_database(engine: AsyncEngine) -> AsyncEngine:
    """The suite's engine, every table empty."""
    await seeding.empty(engine)
    return engine


@pytest.fixture
def seed_interview(
    clean_database: AsyncEngine,
) -> Callable[..., Awaitable[seeding.SeededInterview]]:
    """`tests.seeding.seed_interview` on a clean database."""
    return functools.partial(seeding.seed_interview, clean_database)
