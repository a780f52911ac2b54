"""`viva` as a process of its own: what a user starts, kills and starts again."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from server.seed import DEMO_EMAIL, SIGN_IN_FILE
from tests.patience import MODEL_DEADLINES, PATIENCE_S, UNHURRIED
from tests.real_parts import needs
from tests.server.edge import RunningServer, new_client

VIVA = Path(sys.executable).with_name("viva")
_UNHURRIED = {
    "VIVA_LOG_LEVEL": "debug",
    "VIVA_TURN_RULES": json.dumps(UNHURRIED),
    **{f"VIVA_{name.upper()}": str(value) for name, value in MODEL_DEADLINES.items()},
}
"""Settings of a server whose process may get no time for seconds."""

KEPT = ("PATH", "HOME", "LANG", "HF_HUB_OFFLINE")


def environment(**variables: str) -> dict[str, str]:
    """What a process of ours sees, and nothing that a developer may have set."""
    return {name: os.environ[name] for name in KEPT if name in os.environ} | variables


async def run_viva(*arguments: str, cwd: Path, **variables: str) -> tuple[int, str, str]:
    """Run a command to its end: exit code, standard output, standard error."""
    process = await asyncio.create_subprocess_exec(
        VIVA,
        *arguments,
        cwd=cwd,
        env=environment(**variables),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(3 * PATIENCE_S):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, out.decode(), err.decode()


@dataclass
class Served(RunningServer):
    """`viva serve`, listening. `log` is its standard error."""

    data_dir: Path
    process: asyncio.subprocess.Process
    log: Path
    headers: dict[str, str] = field(default_factory=dict)

    async def kill(self) -> None:
        """kill -9: no goodbye."""
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE_S):
            return await self.process.wait()

    async def sign_in(self) -> None:
        """As the demo's recruiter, with the printed password."""
        password = (self.data_dir / SIGN_IN_FILE).read_text(encoding="utf-8").strip()
        token = await self.post(
            "/api/v1/auth/token", json={"email": DEMO_EMAIL, "password": password}
        )
        self.headers = {"Authorization": f"Bearer {token['access_token']}"}

    async def post(self, path: str, **options: Any) -> dict[str, Any]:
        """A request of the recruiter that must succeed."""
        return self._body(await self.client.post(path, headers=self.headers, **options))

    async def transcript(self, interview_id: str) -> list[dict[str, Any]]:
        """The turns on record."""
        path = f"/api/v1/interviews/{interview_id}/transcript"
        turns: list[dict[str, Any]] = self._body(await self.client.get(path, headers=self.headers))[
            "turns"
        ]
        return turns

    def _body(self, response: httpx.Response) -> dict[str, Any]:
        assert response.is_success, response.text
        body: dict[str, Any] = response.json()
        return body


@asynccontextmanager
async def served(data_dir: Path, **variables: str) -> AsyncIterator[Served]:
    """`viva serve` on a free port, killed at the end of the block if it still runs then."""
    needs("models")
    log = data_dir.with_name(f"{data_dir.name}.log")
    with log.open("ab") as stderr:
        process = await asyncio.create_subprocess_exec(
            VIVA,
            "serve",
            "--port",
            "0",
            cwd=data_dir.parent,
            env=environment(**{**_UNHURRIED, **variables}, VIVA_DATA_DIR=str(data_dir)),
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
        )
    try:
        async with asyncio.timeout(3 * PATIENCE_S):
            base_url = await _address(process)
        async with new_client(base_url) as client:
            yield Served(base_url, client, data_dir, process, log)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    """Read what is printed until the last of the links is."""
    assert process.stdout is not None
    said = ""
    while line := await process.stdout.readline():
        said += line.decode()
        if found := re.search(r"(http://\S+)/docs", said):
            return found[1]
    raise AssertionError(f"viva serve ended: {said}")
