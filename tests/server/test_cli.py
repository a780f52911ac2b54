"""The `viva` command: what it prints, and how it ends."""

import functools
import re
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from server.cli import app
from server.database import engine
from tests.server.logged import logging_restored
from tests.server.process import run_viva

Invoke = Callable[..., Result]

COMMANDS = {
    "": ["serve", "demo", "call", "bridges", "doctor", "db", "erase", "account", "plan"],
    "serve": ["--host", "--port"],
    "demo": ["--out", "--answers"],
    "call": ["--dialect", "--answers", "--join", "--keys", "--barge-in"],
    "bridges": ["name", "--url"],
    "doctor": ["--call"],
    "db": ["upgrade"],
    "db upgrade": [],
    "account": ["list", "add", "role", "password", "remove"],
    "account list": [],
    "account add": ["email", "--role", "--name", "--organisation", "--new"],
    "account role": ["email", "role", "viewer, observer, recruiter or admin"],
    "account password": ["email"],
    "account remove": ["email"],
    "erase": ["interview", "candidate"],
    "erase interview": ["id"],
    "erase candidate": ["--email", "--phone"],
    "plan": ["check"],
    "plan check": ["file"],
}

PLAN = """
title: A short talk
role: gardener
sections:
  - title: All of it
    questions:
      - {id: tree, text: Which tree do you like?, competency: Trees}
"""


@pytest.fixture
def invoke(reachable_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Invoke]:
    """Runs a command in a folder of its own, on a thread, as commands run event loops."""
    monkeypatch.chdir(reachable_path)

    def run(command: str, **variables: str) -> Result:
        runner = CliRunner(env={"VIVA_DATA_DIR": "viva", "VIVA_PORT": "0"} | variables)
        with ThreadPoolExecutor(1) as elsewhere:
            return elsewhere.submit(runner.invoke, app, command.split()).result()

    with logging_restored():
        yield run


def words(text: str) -> str:
    """Without colours, and without the way lines are broken."""
    return " ".join(re.sub(r"\x1b\[[0-9;]*m", "", text).split())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(invoke: Invoke, command: str) -> None:
    result = invoke(f"{command} --help")
    assert result.exit_code == 0
    for word in COMMANDS[command]:
        assert word in result.output.lower()


async def test_it_is_installed_as_a_command(tmp_path: Path) -> None:
    code, out, err = await run_viva("plan", "--help", cwd=tmp_path)
    assert (code, err) == (0, "")
    assert "Usage: viva plan" in words(out)


class TestAWrongSetting:
    @pytest.mark.parametrize("command", ["serve", "demo", "db upgrade"])
    @pytest.mark.parametrize(
        ("name", "value", "complaint"),
        [
            ("VIVA_MAX_SESSIONS", "many", "VIVA_MAX_SESSIONS is 'many', but must be a whole"),
            ("VIVA_STT", "openai", "VIVA_STT is 'openai', but neither OPENAI_API_KEY nor"),
            ("VIVA_LLM", "model", "VIVA_LLM is 'model' and VIVA_LLM_MODEL is 'openai:"),
            ("VIVA_RATE_LIMIT_API", "often", "VIVA_RATE_LIMIT_API is 'often', but must be"),
            ("VIVA_WHISPER_MODEL", "/no/such", "there is no such folder"),
            ("DATABASE_URL", "mysql://root@localhost/x", "must begin with postgresql://"),
            ("DATABASE_URL", "postgresql://x@localhost/x?sslmode=odd", "sslmode=odd; it can be"),
        ],
    )
    def test_ends_the_start_with_a_sentence(
        self, invoke: Invoke, command: str, name: str, value: str, complaint: str
    ) -> None:
        result = invoke(command, **{name: value})
        assert result.exit_code == 1
        assert complaint in words(result.stderr)
        assert "Traceback" not in result.output
        assert not Path("viva").exists()

    async def test_is_told_by_the_process_itself(self, tmp_path: Path) -> None:
        code, out, err = await run_viva("serve", cwd=tmp_path, VIVA_PORT="abc")
        assert (code, out) == (1, "")
        assert words(err).startswith("VIVA_PORT is 'abc', but must be a whole number between 0")

    def test_a_taken_port_is_told_before_anything_is_started(self, invoke: Invoke) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            result = invoke(f"serve --port {port}")
        assert result.exit_code == 1
        assert f"Cannot listen on 127.0.0.1 port {port}" in words(result.stderr)
        assert "VIVA_PORT" in words(result.stderr)
        assert not Path("viva").exists()

    def test_an_address_that_is_not_ours_is_told(self, invoke: Invoke) -> None:
        result = invoke("serve --host 203.0.113.1")  # RFC 5737: for documentation
        assert (result.exit_code, "Cannot listen on 203.0.113.1" in words(result.stderr)) == (
            1,
            True,
        )


class TestTheDatabase:
    def test_it_is_brought_up_to_date_and_stays_so(self, invoke: Invoke) -> None:
        for _ in range(2):
            result = invoke("db upgrade")
            assert (result.exit_code, result.stdout) == (0, "The tables are up to date.\n")

    @pytest.mark.parametrize("command", ["serve", "demo", "db upgrade"])
    def test_one_that_refuses_us_is_told(
        self, invoke: Invoke, database_url: str, command: str
    ) -> None:
        absent = database_url.replace("@/postgres?", "@/absent?")
        result = invoke(command, DATABASE_URL=absent)
        assert result.exit_code == 1
        advice = "create that database, or correct its name in DATABASE_URL"
        assert advice in words(result.stderr)

    def test_one_that_is_down_is_told(
        self, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hasty = functools.partial(engine.wait_until_reachable, timeout_s=0.0)
        monkeypatch.setattr(engine, "wait_until_reachable", hasty)
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))  # bound, but nobody listens
            where = f"127.0.0.1:{silent.getsockname()[1]}"
            result = invoke("serve", DATABASE_URL=f"postgresql://viva:hush@{where}/viva")
        assert result.exit_code == 1
        assert "did not answer" in words(result.stderr)
        assert "hush" not in result.output

    def test_a_folder_that_cannot_be_made_is_told(self, invoke: Invoke) -> None:
        Path("viva").write_text("a file", encoding="utf-8")
        result = invoke("serve")
        assert result.exit_code == 1
        assert "VIVA_DATA_DIR" in words(result.stderr)


class TestAPlan:
    def test_a_good_one_is_shown(self, invoke: Invoke) -> None:
        Path("plan.yaml").write_text(PLAN, encoding="utf-8")
        result = invoke("plan check plan.yaml")
        assert (result.exit_code, result.stderr) == (0, "")
        assert "A short talk" in result.stdout
        assert "1 question" in result.stdout

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            (PLAN.replace("competency", "competence"), "competence"),
            (PLAN.replace("title: A short talk", ""), "title"),
            ("title: [", "plan.yaml"),
            ("", "plan.yaml"),
            (None, "plan.yaml"),
        ],
    )
    def test_a_bad_one_is_explained(
        self, invoke: Invoke, content: str | None, complaint: str
    ) -> None:
        if content is not None:
            Path("plan.yaml").write_text(content, encoding="utf-8")
        result = invoke("plan check plan.yaml")
        assert (result.exit_code, result.stdout) == (1, "")
        assert complaint in words(result.stderr)


class TestTheDemo:
    @pytest.mark.parametrize(
        ("answers", "complaint"),
        [("missing", "missing is no folder"), ("empty", "holds no sound files")],
    )
    def test_answers_that_cannot_be_used_are_told(
        self, invoke: Invoke, database_url: str, answers: str, complaint: str
    ) -> None:
        Path("empty").mkdir()
        result = invoke(f"demo --answers {answers}", DATABASE_URL=database_url)
        assert (result.exit_code, complaint in words(result.stderr)) == (1, True)

    def test_a_folder_for_the_report_is_made_first(self, invoke: Invoke, database_url: str) -> None:
        Path("out").write_text("a file", encoding="utf-8")
        result = invoke("demo --out out", DATABASE_URL=database_url)
        assert (result.exit_code, "The folder out cannot be made" in words(result.stderr)) == (
            1,
            True,
        )


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--dialect", "smoke"], "twilio, asterisk"),
        (["--barge-in", "two"], "numbers, by commas"),
        (["--parameter", "ticket"], "NAME=VALUE"),
        (["--answers", "nowhere"], "is no folder"),
    ],
)
def test_a_call_that_cannot_be_meant_is_not_placed(options: list[str], complaint: str) -> None:
    result = CliRunner().invoke(app, ["call", "ws://127.0.0.1:9/", *options])
    assert result.exit_code != 0
    assert complaint in " ".join(result.output.split())
