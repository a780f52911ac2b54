"""Runs `viva demo`: a real server on a free port, a real socket, one interview, its report."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console

from server.composition import Server, Viva, make_server, make_viva
from server.demo.answers import RecordedAnswers, WrittenAnswers
from server.demo.candidate import Answers, SimulatedCandidate
from server.demo.report import print_table, write_report
from server.demo.script import ANSWERS
from server.records import Account
from server.seed import DEMO_EMAIL, invite_demo_candidate, seed
from server.settings import Settings
from sessions.plan import demo_plan

POLL_S = 0.05


class DemoError(Exception):
    """The demo cannot be held; the text says why."""


async def run_demo(
    settings: Settings, database_url: str, *, answers: Path | None, out: Path, console: Console
) -> bool:
    """Hold one interview and write its report into `out`; whether it completed. Raises DemoError,
    AnswersError."""
    recorded = RecordedAnswers(answers) if answers is not None else None
    viva = make_viva(settings, database_url)
    async with serving(viva) as base_url:
        with console.status("Loading the models ..."):
            await _until_ready(viva)
        speech: Answers = recorded or WrittenAnswers(
            demo_plan(), ANSWERS, viva.providers.synthesizer
        )
        account, token = await _invite(viva)
        console.print("The interview takes a few minutes; it is held in real time.")
        candidate = SimulatedCandidate(speech, lambda line: console.print(line, highlight=False))
        interview = await candidate.hold(base_url, token)
        invitation = await viva.services.directory.find_by_join_token(
            token, reentry_lifetime_s=settings.join_lifetime_s
        )
        if invitation is None:
            raise DemoError("The interview is not in the database any more.")
        records = await viva.services.directory.transcript(
            account.organisation_id, invitation.interview.id
        )
    turns = [record.turn for record in records]
    figures = write_report(out, interview, turns)
    print_table(console, interview, turns)
    wait = figures["v2v_ms"]
    if wait:
        console.print(f"Voice to voice: p50 {wait['p50']:.0f} ms, p95 {wait['p95']:.0f} ms")
    console.print(f"Written to {out}: interview.wav, transcript.json, transcript.md, metrics.json")
    if not figures["completed"]:
        console.print(f"The interview did not complete: {interview.ended or 'connection lost'}.")
    return bool(figures["completed"])


@asynccontextmanager
async def serving(viva: Viva) -> AsyncIterator[str]:
    """A real uvicorn in this process, for as long as the context; its address."""
    server = make_server(viva)
    task = asyncio.create_task(server.serve())
    try:
        await server.settled.wait()
        if not server.started:
            raise DemoError("The server did not start.")
        yield f"http://127.0.0.1:{_port(server)}"
    finally:
        server.should_exit = True
        await task


def _port(server: Server) -> int:
    return int(server.servers[0].sockets[0].getsockname()[1])


async def _until_ready(viva: Viva) -> None:
    while missing := viva.services.readiness.missing():
        broken = [f"{name}: {why}" for name, why in missing.items() if why != "is loading"]
        if broken:
            raise DemoError("; ".join(broken))
        await asyncio.sleep(POLL_S)


async def _invite(viva: Viva) -> tuple[Account, str]:
    """The demo's account and the token of a fresh interview."""
    directory = viva.services.directory
    await seed(directory, viva.services.passwords, viva.settings)
    account = await directory.find_user_by_email(DEMO_EMAIL)
    if account is None:
        raise DemoError(
            "This database belongs to an installation without the demo's recruiter: unset "
            "DATABASE_URL, or use an empty database."
        )
    return account, await invite_demo_candidate(directory, account, viva.settings)
