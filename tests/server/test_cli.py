"""The `viva` command from outside: what it prints, and how it ends."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.composition import database
from server.settings import Settings
from tests.server.process import run_viva, served

COMMANDS = {
    "": ["serve", "demo", "doctor", "db", "plan"],
    "serve": ["--host", "--port"],
    "demo": ["--out", "--answers"],
    "doctor": [],
    "db": ["upgrade"],
    "db upgrade": [],
    "plan": ["check"],
    "plan check": ["FILE"],
}

PLAN = """
title: A short talk
role: gardener
sections:
  - title: All of it
    questions:
      - {id: tree, text: Which tree do you like?, competency: Trees}
"""


@pytest.mark.parametrize("command", COMMANDS)
async def test_every_command_explains_itself(command: str, tmp_path: Path) -> None:
    code, out, err = await run_viva(*command.split(), "--help", cwd=tmp_path)
    assert (code, err) == (0, "")
    assert "Usage: viva" in out
    for word in COMMANDS[command]:
        assert word in out


def sentence(err: str) -> str:
    """What a person is told, without the way lines are broken; a traceback fails the test."""
    assert "Traceback" not in err
    return " ".join(err.split())


class TestAWrongSetting:
    @pytest.mark.parametrize(
        ("name", "value", "words"),
        [
            ("VIVA_PORT", "abc", "VIVA_PORT is 'abc', but must be a whole number between 0 and"),
            ("VIVA_STT", "openai", "VIVA_STT is 'openai', but neither OPENAI_API_KEY nor"),
            ("VIVA_LLM", "model", "VIVA_LLM is 'model' and VIVA_LLM_MODEL is 'openai:"),
            ("VIVA_RATE_LIMIT_API", "often", "VIVA_RATE_LIMIT_API is 'often', but must be a rate"),
            ("VIVA_WHISPER_MODEL", "/no/such", "there is no such folder"),
            ("DATABASE_URL", "mysql://root@localhost/viva", "must begin with postgresql://"),
            ("DATABASE_URL", "postgresql://x@localhost/x?sslmode=odd", "sslmode=odd; it can be"),
        ],
    )
    async def test_ends_the_start_with_a_sentence(
        self, name: str, value: str, words: str, tmp_path: Path
    ) -> None:
        variables = {"VIVA_DATA_DIR": str(tmp_path / "viva"), "VIVA_PORT": "0", name: value}
        code, _out, err = await run_viva("serve", cwd=tmp_path, **variables)
        assert code == 1
        assert words in sentence(err)

    async def test_in_the_file_beside_it_is_found_too(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("VIVA_PORT=99999\n", encoding="utf-8")
        code, _out, err = await run_viva("serve", cwd=tmp_path)
        assert (code, "VIVA_PORT is '99999', but" in sentence(err)) == (1, True)

    async def test_a_taken_port_is_told_before_anything_is_started(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            variables = {"VIVA_DATA_DIR": str(tmp_path / "viva")}
            code, _out, err = await run_viva(
                "serve", "--port", str(port), cwd=tmp_path, **variables
            )
        assert code == 1
        assert f"Cannot listen on 127.0.0.1 port {port}" in sentence(err)
        assert "VIVA_PORT" in sentence(err)
        assert not (tmp_path / "viva").exists()

    async def test_a_provider_that_lacks_its_package_is_named(self, reachable_path: Path) -> None:
        variables = {"VIVA_LLM": "model", "VIVA_LLM_MODEL": "mistralai:large"}
        code, _out, err = await run_viva("serve", "--port", "0", cwd=reachable_path, **variables)
        assert code == 1
        assert "langchain-mistralai" in sentence(err)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory, _reachable_base: Path) -> Iterator[Path]:
    """A data folder with a database that runs, and has its tables."""
    folder = _reachable_base / "cli"
    with database(Settings(data_dir=folder)):
        yield folder


class TestTheDatabase:
    async def test_it_is_brought_up_to_date(self, reachable_path: Path) -> None:
        variables = {"VIVA_DATA_DIR": str(reachable_path / "viva")}
        for _ in range(2):
            code, out, err = await run_viva("db", "upgrade", cwd=reachable_path, **variables)
            assert (code, out) == (0, "The tables are up to date.\n"), err

    async def test_one_that_refuses_us_is_told(
        self, database_url: str, reachable_path: Path
    ) -> None:
        absent = database_url.replace("@/postgres?", "@/absent?")
        code, _out, err = await run_viva("db", "upgrade", cwd=reachable_path, DATABASE_URL=absent)
        assert code == 1
        assert "create that database, or correct its name in DATABASE_URL" in sentence(err)


class TestAPlan:
    async def test_a_good_one_is_shown(self, tmp_path: Path) -> None:
        (tmp_path / "plan.yaml").write_text(PLAN, encoding="utf-8")
        code, out, err = await run_viva("plan", "check", "plan.yaml", cwd=tmp_path)
        assert (code, err) == (0, "")
        assert "Which tree do you like?" in out

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (PLAN.replace("competency", "competence"), "competence"),
            (PLAN.replace("title: A short talk", ""), "title"),
            ("title: [", "YAML"),
            ("", "plan"),
            (None, "plan.yaml"),
        ],
    )
    async def test_a_bad_one_is_explained(
        self, content: str | None, words: str, tmp_path: Path
    ) -> None:
        if content is not None:
            (tmp_path / "plan.yaml").write_text(content, encoding="utf-8")
        code, out, err = await run_viva("plan", "check", "plan.yaml", cwd=tmp_path)
        assert (code, out) == (1, "")
        assert words in sentence(err)


class TestTheStart:
    async def test_models_that_will_retire_are_warned_of(
        self, database_url: str, reachable_path: Path
    ) -> None:
        variables = {
            "OPENAI_API_KEY": "sk-none",
            "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
            "VIVA_LLM": "scripted",
            "VIVA_STT": "openai",
            "VIVA_TTS": "local",
            "VIVA_OPENAI_STT_MODEL": "gpt-4o-audio-preview",
            "DATABASE_URL": database_url,
        }
        async with served(reachable_path / "viva", **variables) as door:
            assert await door.stop() == 0
            log = door.log.read_text(encoding="utf-8")
        assert "The model gpt-4o-audio-preview was retired on 2026-05-07" in log
        assert "sk-none" not in log
