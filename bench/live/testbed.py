"""The testbed of a live server: provider, database and server, each a process.

The server is the real one, set up like any: OPENAI_BASE_URL leads to the stand-in provider. It has
the first core for itself where there are two or more; everything else shares the others.
"""

import asyncio
import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import httpx
import uvloop

from bench.live.chain import FAST, Chain
from bench.live.children import ChildError, child
from bench.live.crowd import Candidate, Clip, clips_of
from bench.live.provider import chain_json, first_sentence_tokens
from bench.live.utterances import utterances
from bench.live.wire import connect

T = TypeVar("T")

TITLE = "Bench"
READY_WITHIN_S = 60.0
POLL_S = 0.05
JOIN_WITHIN_S = 10.0

MAX_QUESTIONS = 30
"""Of the plan: half an hour of short answers; a real plan has fewer."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The resources that a process has used:

    CPU seconds since its start (user and system, all threads), resident memory in MB, and how many
    seconds its main thread could have run but had to wait for the core, all as Linux counts them.
    Where the core is the server's alone the last stays near zero; where it does not, something else
    on the machine is being measured too.
    """

    cpu_s: float
    rss_mb: float
    waited_s: float


@dataclass(slots=True)
class Testbed:
    """A server that is ready, and a recruiter who is signed in."""

    base_url: str
    server_pid: int
    pinned: bool
    chain: Chain
    http: httpx.AsyncClient
    plan_id: str = ""

    async def invite(self) -> tuple[str, str]:
        """Create an interview. Returns its id and its join token."""
        body = await self._post(
            "/api/v1/interviews",
            {"plan_id": self.plan_id, "candidate_name": "Ada Bench", "time_limit_s": 3 * 3600},
        )
        return str(body["id"]), str(body["join_url"]).rpartition("/")[2]

    async def admit(self, candidate: Candidate) -> None:
        """Let a candidate in, as its page would. Raises ChildError if the server does not."""
        admission = await self._post("/api/v1/join/ticket", {"token": candidate.token})
        socket = await connect(admission["socket_url"], self.base_url, candidate)
        candidate.join(socket, admission["ticket"])

    async def turns(self, interview_id: str) -> list[dict[str, Any]]:
        """Return what is on record of an interview, oldest first."""
        response = await self.http.get(f"/api/v1/interviews/{interview_id}/transcript")
        response.raise_for_status()
        found: list[dict[str, Any]] = response.json()["turns"]
        return found

    async def lag_ms(self) -> list[float]:
        """Return how late the server's loop was, sample by sample, since the last call."""
        response = await self.http.get("/bench/lag")
        response.raise_for_status()
        found: list[float] = response.json()
        return found

    def usage(self) -> Usage:
        """Return what the server's process alone has used."""
        return usage_of(self.server_pid)

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        response = await self.http.post(path, json=body)
        if response.is_error:
            raise ChildError(f"The server answered {path} with {response.status_code}.")
        found: dict[str, Any] = response.json()
        return found


def usage_of(pid: int) -> Usage:
    """Read the usage from /proc (proc(5): utime and stime are fields 14 and 15 of stat, resident
    pages the second of statm, nanoseconds on the run queue the second of schedstat)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    queued = int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[1])
    return Usage(
        cpu_s=ticks / os.sysconf("SC_CLK_TCK"),
        rss_mb=pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000,
        waited_s=queued / 1e9,
    )


def on_testbed(
    sounds: Path,
    work: Callable[[Testbed, tuple[Clip, ...]], Awaitable[T]],
    chain: Chain = FAST,
) -> T:
    """Start everything, do the work, stop everything. The provider has the latencies of `chain`.

    `sounds` keeps the utterances, which are made first if it does not; the work gets them as clips.
    Blocks. Raises ChildError, DatabaseStartError, SpeechError, OSError.
    """
    sounds = sounds.absolute()
    spoken = utterances(sounds)

    async def run(folder: Path, url: str, core: int | None) -> T:
        async with _testbed(folder, sounds, url, core, chain) as bed:
            return await work(bed, clips_of(spoken))

    with _scratch() as folder, _cores_for_the_bench() as core, _database(folder) as url:
        return uvloop.run(run(folder, url, core))


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    """Run an embedded PostgreSQL of the bench's own; it is not the server's child, so that its work
    does not count as the server's. Blocks; enter it before the loop runs."""
    from server.database.embedded import EmbeddedPostgres

    with EmbeddedPostgres(folder / "database") as url:
        yield url


@contextmanager
def _scratch() -> Iterator[Path]:
    """Make a folder that is removed afterwards; others may pass through, as PostgreSQL's user
    must."""
    folder = Path(tempfile.mkdtemp(prefix="viva-bench-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _cores_for_the_bench() -> Iterator[int | None]:
    """Keep this process, and what it starts meanwhile, off one core. Yields that core, for the
    server; None where there is only one."""
    allowed = os.sched_getaffinity(0)
    if len(allowed) < 2:
        yield None
        return
    first = min(allowed)
    os.sched_setaffinity(0, allowed - {first})
    try:
        yield first
    finally:
        os.sched_setaffinity(0, allowed)


@asynccontextmanager
async def _testbed(
    folder: Path, sounds: Path, database_url: str, core: int | None, chain: Chain
) -> AsyncIterator[Testbed]:
    """Start provider and server. `folder` is for their logs and data, `core` is the server's."""
    chain = replace(chain, tokens=first_sentence_tokens())
    async with (
        child("bench.live.provider", str(sounds), chain_json(chain), folder=folder) as (
            _,
            provider,
        ),
        child(
            "bench.live.served",
            folder=folder,
            settings=_settings(folder, database_url, provider["base_url"], streamed=chain.streamed),
            core=core,
        ) as (pid, server),
        httpx.AsyncClient(base_url=server["base_url"], timeout=30) as http,
    ):
        bed = Testbed(server["base_url"], pid, core is not None, chain, http)
        await _until_ready(http)
        await _sign_in(bed, server["email"], server["password"])
        yield bed


def _settings(
    folder: Path, database_url: str, provider_url: str, *, streamed: bool
) -> dict[str, str]:
    """Return the server's settings. One address joins everybody, so its rate limits must allow
    it."""
    unlimited = "1000000/minute"
    return {
        "DATABASE_URL": database_url,
        "OPENAI_BASE_URL": provider_url,
        "VIVA_OPENAI_STT_STREAMING": "vllm" if streamed else "off",
        "VIVA_DATA_DIR": str(folder / "server"),
        "VIVA_PORT": "0",
        "VIVA_LOG_LEVEL": "warning",
        "VIVA_LOG_FORMAT": "json",
        "VIVA_MAX_SESSIONS": "1000",
        "VIVA_RATE_LIMIT_SIGN_IN": unlimited,
        "VIVA_RATE_LIMIT_JOIN": unlimited,
        "VIVA_RATE_LIMIT_API": unlimited,
    }


async def _until_ready(http: httpx.AsyncClient) -> None:
    give_up = time.monotonic() + READY_WITHIN_S
    while True:
        response = await http.get("/readyz")
        if response.status_code == 200:
            return
        if time.monotonic() > give_up:
            raise ChildError(f"The server does not become ready: {response.text}")
        await asyncio.sleep(POLL_S)


async def _sign_in(bed: Testbed, email: str, password: str) -> None:
    token = await bed._post("/api/v1/auth/token", {"email": email, "password": password})
    bed.http.headers["Authorization"] = f"Bearer {token['access_token']}"
    bed.plan_id = (await bed._post("/api/v1/plans", plan()))["id"]


def plan() -> dict[str, Any]:
    """Return a plan of questions that one sentence answers."""
    questions = [
        {
            "id": f"q{number:02}",
            "text": f"Could you tell me in one sentence about part {number} of your work?",
            "competency": "Experience",
            "expects": "short",
        }
        for number in range(1, MAX_QUESTIONS + 1)
    ]
    return {
        "title": TITLE,
        "role": "engineer",
        "time_limit_minutes": 180,
        "opening": "Hello, let us begin.",
        "sections": [{"title": TITLE, "questions": questions}],
    }


async def everybody_leaves(candidates: list[Candidate], within_s: float = JOIN_WITHIN_S) -> None:
    """End all interviews and wait until the server has let go of them."""
    for candidate in candidates:
        if not candidate.over.done():
            candidate.leave()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            await asyncio.gather(*(candidate.over for candidate in candidates))
