"""The benches' command line: what it lists, and that each command explains itself."""

import pytest
from typer.testing import CliRunner

from bench.__main__ import app

COMMANDS = [
    "latency",
    "sessions",
    "turns",
    "bargein",
    "telephone",
    "doubled",
    "confidence",
    "corpus",
]


def test_without_a_command_the_benches_are_listed_one_line_each() -> None:
    result = CliRunner().invoke(app)
    assert result.exit_code == 0
    *benches, options = result.output.splitlines()
    assert [line.split()[0] for line in benches] == COMMANDS
    assert all(len(line) <= 100 and line.endswith(".") for line in benches)
    assert "python -m bench NAME --help" in options


@pytest.mark.parametrize("command", COMMANDS)
def test_every_bench_explains_itself(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert f"{command} [OPTIONS]" in " ".join(result.output.split())
