"""Machine checks of the doctor: settings, database, disk, port, clock."""

import asyncio
import errno
import ipaddress
import shutil
import socket
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

import migrations
from server.doctor.report import DoctorContext, Finding, fail, ok, warn
from server.languages import language_warnings
from server.provider_chains import ChainEntry, EntryKind
from server.settings import Settings, in_address

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

DATABASE_WAIT_S = 5.0
DISK_WARN_BYTES = 2 * 1024**3
DISK_FAIL_BYTES = 200 * 1024**2
CLOCK_TOLERANCE_S = 2.0
"""Difference up to which clocks agree: tokens carry times of one machine that are compared with
another's."""

_PLAN_LANGUAGES = (
    "select distinct coalesce(document->>'language', 'en') as code from plans"
    " order by code limit 20"
)

FIRST_POSSIBLE_YEAR = 2026
"""Year of this version: an earlier clock is wrong."""


async def check_settings(context: DoctorContext) -> Finding:
    """Check the profile and what was chosen by it, misspelt variables, surprising choices."""
    settings = context.settings
    chains = (settings.stt_chain, settings.tts_chain, settings.llm_chain)
    stt, tts, llm = (", then ".join(_shown(entry, settings) for entry in chain) for chain in chains)
    seen = (
        f"profile {settings.profile}; speech to text {stt}; text to speech {tts}; interviewer"
        f" {llm}; data in {settings.data_dir.absolute()}"
    )
    if context.unknown_variables:
        names = ", ".join(context.unknown_variables)
        return warn(f"{seen}; unknown: {names}", "Compare their spelling with .env.example.")
    unused = not {EntryKind.MODEL, EntryKind.ADDRESS} & {e.kind for e in settings.llm_chain}
    if "llm_model" in settings.model_fields_set and unused:
        return warn(
            f"{seen}; VIVA_LLM_MODEL is {settings.llm_model}, but not used",
            "Set VIVA_LLM=model to be interviewed by it.",
        )
    return ok(seen)


def _shown(entry: ChainEntry, settings: Settings) -> str:
    if entry.kind is EntryKind.MODEL:
        return entry.model or settings.llm_model
    return entry.address or entry.kind.value


async def check_database(context: DoctorContext) -> Finding:
    """Check that the embedded PostgreSQL starts, or DATABASE_URL answers; version and tables."""
    from server.database.embedded import DatabaseStartError, EmbeddedPostgres
    from server.database.engine import create_engine

    settings = context.settings
    try:
        if settings.database_url is not None:
            url = settings.database_url.get_secret_value()
            engine = create_engine(url, 1, cautious=True)
            return await _examine_database(engine, context, "DATABASE_URL answers")
        if not (settings.data_dir / "postgres").exists():
            return await asyncio.to_thread(_try_embedded, settings)
        embedded = EmbeddedPostgres(settings.data_dir)
        url = await asyncio.to_thread(embedded.start)
        try:
            running = "runs already" if embedded.shared else "can be started"
            engine = create_engine(url, 1)
            return await _examine_database(engine, context, f"embedded, {running}")
        finally:
            await asyncio.to_thread(embedded.stop)
    except DatabaseStartError as error:
        return fail(str(error))


async def _examine_database(engine: "AsyncEngine", context: DoctorContext, seen: str) -> Finding:
    from server.database.engine import (
        is_pooled,
        require_version,
        server_version,
        table_revision,
        wait_until_reachable,
    )
    from server.database.rights import missing_rights

    try:
        await wait_until_reachable(engine, DATABASE_WAIT_S)
        await require_version(engine)
        version = await server_version(engine)
        async with engine.connect() as connection:
            before = time.time()
            theirs = await connection.exec_driver_sql(
                "select extract(epoch from clock_timestamp())::float8"
            )
            after = time.time()
            context.clock_ahead_s = (before + after) / 2 - float(theirs.scalar_one())
            pooled = await is_pooled(connection)
            revision = await table_revision(connection)
            outdated = revision != migrations.revisions()[-1]
            missing = await missing_rights(connection, to_migrate=outdated)
            if not (outdated or missing):
                languages = await connection.exec_driver_sql(_PLAN_LANGUAGES)
                context.plan_languages = list(languages.scalars())
    finally:
        await engine.dispose()
    seen = f"{seen}{' through a pooler' if pooled else ''}"
    seen = f"{seen}, PostgreSQL {version // 10_000}.{version % 10_000}"
    seen = f"{seen}, {(after - before) * 1000:.0f} ms a query"
    return fail(seen, missing) if missing else _compare_revision(seen, revision)


def _compare_revision(seen: str, revision: str | None) -> Finding:
    known = migrations.revisions()
    if revision == known[-1]:
        return ok(f"{seen}, tables up to date")
    if revision is None:
        return warn(f"{seen}, no tables yet", "They are made at the start, or: viva db upgrade")
    if revision in known:
        return warn(
            f"{seen}, tables of revision {revision}, newest is {known[-1]}",
            "They are brought up to date at the start, or: viva db upgrade",
        )
    return fail(
        f"{seen}, tables of revision {revision}, which this Viva does not know",
        "They were made by a later Viva: use that one, or another database.",
    )


def _try_embedded(settings: Settings) -> Finding:
    """Start a database in a temporary folder, so that nothing is left: none is there yet."""
    from server.database.embedded import EmbeddedPostgres

    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="viva-doctor-") as folder:
        Path(folder).chmod(0o711)  # root's server runs as another user, who has to pass
        with EmbeddedPostgres(Path(folder)):
            took = time.monotonic() - began
    where = settings.data_dir.absolute()
    return ok(f"embedded, not made yet (will be in {where}); a trial one started in {took:.1f} s")


async def check_languages(context: DoctorContext) -> Finding:
    """Check that the parts in use speak and understand the languages of the plans."""
    for language in context.plan_languages:
        warnings = language_warnings(context.settings, language)
        if warnings:
            return warn(f"there are plans in '{language}'", " ".join(warnings))
    others = language_warnings(context.settings, "other languages")
    return ok("English alone" if others else "those of the models in use")


async def check_disk(context: DoctorContext) -> Finding:
    """Check for room where the data is kept."""
    folder = _existing(context.settings.data_dir)
    free = shutil.disk_usage(folder).free
    seen = f"{free / 1024**3:.1f} GiB free at {folder}"
    advice = "Make room, or set VIVA_DATA_DIR to a folder on another disk."
    if free < DISK_FAIL_BYTES:
        return fail(seen, advice)
    return warn(seen, advice) if free < DISK_WARN_BYTES else ok(seen)


async def check_port(context: DoctorContext) -> Finding:
    """Check that the address can be listened on, or that a Viva already does."""
    host, port = context.settings.host, context.settings.port
    where = f"{in_address(host)}:{port}"
    if port == 0:
        return ok(f"{host}, any free port")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except socket.gaierror:
        return fail(f"{host} is no address", "Correct VIVA_HOST: 127.0.0.1, or 0.0.0.0 for all.")
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return await _who_listens(host, port)
        if error.errno == errno.EACCES:
            return fail(f"{where} may not be used", "Ports below 1024 are root's: set VIVA_PORT.")
        return fail(f"{where}: {error.strerror}", "Correct VIVA_HOST: it must be this machine's.")
    return ok(f"{where} is free")


async def _who_listens(host: str, port: int) -> Finding:
    where = f"{in_address(host)}:{port}"
    try:
        async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
            answer = await client.get(f"http://{_reachable(host)}:{port}/healthz")
            if answer.status_code == 200 and answer.json() == {"status": "ok"}:
                return ok(f"{where}, where a Viva is running")
    except (httpx.HTTPError, ValueError):
        pass  # whatever it is, it is no Viva
    return fail(
        f"{where} is in use by another program", "Stop it, or set VIVA_PORT to another port."
    )


async def check_clock(context: DoctorContext) -> Finding:
    """Check the clock: tickets, links and signatures carry times."""
    now = datetime.now(UTC)
    seen = f"{now:%Y-%m-%d %H:%M} UTC"
    advice = "Set the clock; keep it right with NTP."
    if now.year < FIRST_POSSIBLE_YEAR:
        return fail(f"{seen} cannot be: this Viva is newer", advice)
    ahead = context.clock_ahead_s
    if ahead is not None and abs(ahead) > CLOCK_TOLERANCE_S:
        way = "ahead of" if ahead > 0 else "behind"
        return warn(f"{seen}, {abs(ahead):.0f} s {way} the database's clock", advice)
    return ok(seen if ahead is None else f"{seen}, as the database's")


def _reachable(host: str) -> str:
    """Return how this machine reaches a server that listens on `host`.

    One that listens on all networks is reached on loopback.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return host if address.version == 4 else f"[{host}]"


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    folder = folder.absolute()
    return folder if folder.exists() else _existing(folder.parent)
