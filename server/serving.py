"""Serving: the command `viva serve`, from the start of the database to the last session's end."""

import asyncio
import socket
from collections.abc import Iterator

import uvloop
from rich.console import Console

from server.composition import Viva, database, make_server, make_viva
from server.database.embedded import DatabaseStartError
from server.logs import configure_logging
from server.seed import LINK_FILE, SIGN_IN_FILE, SeedResult, seed
from server.settings import Profile, Settings
from sessions.record.retrying import StoreUnavailable


class PortTaken(DatabaseStartError):
    """Another process listens on the port of the server."""


class StartFailed(DatabaseStartError):
    """The server did not start, or cannot do its work; the text is a sentence for people."""


def run_server(settings: Settings, console: Console) -> None:
    """Serve until told to stop.

    Raises DatabaseStartError, KeyFileError, SpeechError, InterviewerError.
    """
    configure_logging(settings.log_level, settings.log_format)
    with _listen(settings) as listener:
        if settings.port == 0:  # any free one: links name the one that was found
            settings = settings.model_copy(update={"port": listener.getsockname()[1]})
        console.print("Starting the database ...")
        with database(settings) as url:
            console.print("Starting the server ...")
            uvloop.run(_serve(settings, url, listener, console))


def _listen(settings: Settings) -> socket.socket:
    """Bind the port before anything else is started, so that a taken one is reported at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"Cannot listen on {settings.host} port {settings.port}: {error.strerror}. "
            "Stop what uses it, or choose another one with VIVA_PORT."
        ) from error
    return listener


async def _serve(settings: Settings, url: str, listener: socket.socket, console: Console) -> None:
    viva = make_viva(settings, url)
    server = make_server(viva)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await server.settled.wait()
    try:
        if not server.started:
            raise StartFailed("The server did not start; the log says why.")
        _welcome(console, viva, await _seeded(viva))
        await viva.settle()
    except BaseException:
        server.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)
        raise
    await serving


async def _seeded(viva: Viva) -> SeedResult | None:
    """Make the demo's data where it is missing. Raises StartFailed."""
    try:
        return await seed(viva.services.store, viva.services.passwords, viva.settings)
    except StoreUnavailable as error:
        raise StartFailed(f"The demo's data cannot be made: {error}") from error
    except OSError as error:
        raise StartFailed(
            f"The folder {viva.settings.data_dir} cannot be written: {error.strerror}."
        ) from error


def _welcome(console: Console, viva: Viva, found: SeedResult | None) -> None:
    """Print the links, each whole on a line of its own: a terminal may make them clickable."""
    base = viva.settings.base_url
    lines = [("Viva is listening on", base)]
    if found is not None:
        lines += _demo_lines(found, viva.settings, watched=console.is_terminal)
    lines.append(("API docs", f"{base}/docs"))
    console.print()
    for name, value in lines:
        console.print(f"{name:<22}", value, soft_wrap=True, highlight=False, markup=False)
    console.print()


def _demo_lines(
    found: SeedResult, settings: Settings, *, watched: bool
) -> Iterator[tuple[str, str]]:
    """Yield how to get into the demo.

    Its password and link are shown when they are made, and to a person at a terminal again. What
    is printed otherwise stays in a log, and with the profile `prod` nothing secret gets there.
    """
    log_only = settings.profile is Profile.PROD
    folder = settings.data_dir.absolute()
    link = found.candidate_url
    if log_only or not (found.link_made or watched):
        link = f"{settings.base_url}/join/... (the end of it is in {folder / LINK_FILE})"
    if found.password is None:
        sign_in = "with the password you have chosen"
    elif log_only or not (found.password_made or watched):
        sign_in = f"password: in {folder / SIGN_IN_FILE}"
    else:
        sign_in = f"password: {found.password}"
    yield "Candidate", link
    yield "Recruiter", found.recruiter_url
    yield "   sign in as", f"{found.email}, {sign_in}"
