"""Command `viva demo`: a real server on a free port, a real socket, one interview, its report."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from rich.console import Console
from websockets.exceptions import WebSocketException

from audio.speech import SpeechError
from server.composition import Server, Viva, make_server, make_viva
from server.seed import DEMO_EMAIL, invite_demo_candidate, seed
from server.settings import Settings
from server.simulator.answer_script import ANSWERS
from server.simulator.answers import RecordedAnswers, WrittenAnswers
from server.simulator.candidate import Answers, SimulatedCandidate
from server.simulator.report import print_table, write_report
from server.store.records import Account
from sessions.plan.plan import Plan, demo_plan
from sessions.record.retrying import StoreUnavailable
from sessions.turntaking.turns import Turn

POLL_S = 0.05


class DemoError(Exception):
    """Demo that cannot be held; the text says why."""


async def run_demo(
    settings: Settings,
    database_url: str,
    *,
    answers: Path | None,
    out: Path,
    console: Console,
    plan: Plan | None = None,
    said: Mapping[str, str] = ANSWERS,
) -> bool:
    """Hold one interview and write its report into `out`; return whether it completed.

    The candidate plays the sound files in the folder `answers`, or speaks `said` (by question of
    `plan`, which is the demo's own unless given). Raises DemoError, AnswersError.
    """
    recorded = RecordedAnswers(answers) if answers is not None else None
    _make_folder(out)
    plan = plan or demo_plan()
    viva = make_viva(settings, database_url)
    try:
        async with serving(viva) as base_url:
            with console.status("Loading the models ..."):
                await _until_ready(viva)
            speech: Answers = recorded or WrittenAnswers(plan, said, viva.providers.synthesizer)
            account, token = await _invite(viva, plan)
            console.print("The interview takes a few minutes; it is held in real time.")
            candidate = SimulatedCandidate(
                speech, lambda line: console.print(line, highlight=False, markup=False)
            )
            interview = await candidate.hold(base_url, token)
            turns = await _turns(viva, account, token)
    except (httpx.HTTPError, WebSocketException, OSError) as error:
        raise DemoError(f"The candidate cannot reach the server: {error}") from error
    except (StoreUnavailable, SpeechError) as error:
        raise DemoError(str(error)) from error
    figures = write_report(out, interview, turns)
    print_table(console, interview, turns)
    wait = figures["v2v_ms"]
    if wait:
        console.print(f"Voice to voice: p50 {wait['p50']:.0f} ms, p95 {wait['p95']:.0f} ms")
    written = f"Written to {out}: interview.wav, transcript.json, transcript.md, metrics.json"
    console.print(written, markup=False, soft_wrap=True)
    if not figures["completed"]:
        console.print(f"The interview did not complete: {interview.ended or 'connection lost'}.")
    return bool(figures["completed"])


def _make_folder(out: Path) -> None:
    """Make the folder now, and not after an interview that was held for nothing."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DemoError(f"The folder {out} cannot be made: {error.strerror}.") from error


@asynccontextmanager
async def serving(viva: Viva) -> AsyncIterator[str]:
    """Run a real uvicorn in this process, for as long as the context; yield its address."""
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


async def _invite(viva: Viva, plan: Plan) -> tuple[Account, str]:
    """Return the demo's account and the token of a fresh interview."""
    store = viva.services.store
    await seed(store, viva.services.passwords, viva.settings)
    account = await store.accounts.find_user_by_email(DEMO_EMAIL)
    if account is None:
        raise DemoError(
            "This database belongs to an installation without the demo's recruiter: unset "
            "DATABASE_URL, or use an empty database."
        )
    return account, await invite_demo_candidate(store, account, viva.settings, plan)


async def _turns(viva: Viva, account: Account, token: str) -> list[Turn]:
    """Return what the database holds of the interview."""
    store = viva.services.store
    invitation = await store.tickets.find_invitation(
        token, reentry_lifetime_s=viva.settings.join_lifetime_s
    )
    if invitation is None:
        raise DemoError("The interview is not in the database any more.")
    records = await store.interviews.transcript(account.organisation_id, invitation.interview.id)
    return [record.turn for record in records]
