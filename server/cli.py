"""Command `viva`. Each subcommand imports what it needs when called, so that --help is quick."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer
from rich.console import Console

if TYPE_CHECKING:
    from server.settings import Settings
    from server.store.store import Store


ROLES = "viewer, observer, recruiter or admin."

AccountEmail = Annotated[str, typer.Argument(help="The address that the member signs in with.")]
AccountRole = Annotated[str, typer.Option(help=ROLES)]
CallUrl = Annotated[
    str, typer.Argument(help="The bridge's socket (ws://), or the vendor's webhook (http://).")
]
CallDialect = Annotated[
    str, typer.Option(help="twilio, asterisk, vonage, telnyx, l16 or realtime.")
]
CallAnswers = Annotated[
    Path | None,
    typer.Option(help="Folder of sound files to answer with; the demo's answers otherwise."),
]
CallOut = Annotated[Path | None, typer.Option(help="Folder for the recording.")]
TrialCall = Annotated[
    bool,
    typer.Option("--call", help="Speak, hear and ask once through the providers; costs a little."),
]
CallNumber = Annotated[str, typer.Option(help="The caller's number, as +441632960961.")]
CallSecret = Annotated[
    str | None,
    typer.Option(
        envvar="VIVA_CALL_SECRET",
        help="What the bridge shares with the server: its token, or what it signs with.",
    ),
]
CallJoin = Annotated[
    str, typer.Option(help="A join token: its interview is entered, with a ticket.")
]
CallKeys = Annotated[
    str, typer.Option(help="Keys in place of the first answers, by commas. 1: I agree.")
]
CallParameters = Annotated[
    list[str] | None, typer.Option(help="NAME=VALUE for the bridge to pass on.")
]
CallBargeIn = Annotated[
    str, typer.Option(help="Which of the interviewer's turns are talked over, by commas.")
]


def parse_pairs(texts: list[str]) -> dict[str, str]:
    """Parse texts of the form NAME=VALUE. Raises typer.BadParameter."""
    found = [text.partition("=") for text in texts]
    if not all(name and equals for name, equals, _ in found):
        raise typer.BadParameter("NAME=VALUE", param_hint="--parameter")
    return {name: value for name, _, value in found}


def parse_numbers(text: str) -> frozenset[int]:
    """Parse whole numbers separated by commas. Raises typer.BadParameter."""
    found = [number.strip() for number in text.split(",") if number.strip()]
    if not all(number.isascii() and number.isdigit() for number in found):
        raise typer.BadParameter("numbers, by commas", param_hint="--barge-in")
    return frozenset(map(int, found))


T = TypeVar("T")

app = typer.Typer(
    help="Viva: job interviews by voice.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
database_commands = typer.Typer(help="The database.", no_args_is_help=True)
plan_commands = typer.Typer(help="Interview plans.", no_args_is_help=True)
erase_commands = typer.Typer(help="What is on record of candidates.", no_args_is_help=True)
app.add_typer(database_commands, name="db")
account_commands = typer.Typer(help="Who may sign in.", no_args_is_help=True)
app.add_typer(erase_commands, name="erase")
app.add_typer(account_commands, name="account")
app.add_typer(plan_commands, name="plan")

console = Console()
error_console = Console(stderr=True)


def main() -> None:
    """Run the `viva` command.

    Ends with 143 for a SIGTERM that arrives before the server listens; from then on, the server
    ends in good order.
    """
    # The first process of a container is not ended by a signal that it does not handle.
    signal.signal(signal.SIGTERM, _stop)
    app()


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Start the server: database, migrations, demo data, then the links to open."""
    given = {"host": host, "port": port}
    settings = _settings(**{name: value for name, value in given.items() if value is not None})
    from server.serving import run_server  # much is imported for it: a wrong setting is told first

    _run(lambda: run_server(settings, console))


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the recording and the figures.")] = Path(
        "out"
    ),
    answers: Annotated[
        Path | None, typer.Option(help="Folder of sound files to answer with, in name order.")
    ] = None,
) -> None:
    """Hold a whole interview with a simulated candidate, over a real socket, in real time."""
    settings = _settings(port=0, host="127.0.0.1", public_url="")
    from server.composition import database
    from server.logs import configure_logging
    from server.simulator.answers import AnswersError
    from server.simulator.demo import DemoError, run_demo

    configure_logging("warning", settings.log_format)

    def hold() -> bool:
        try:
            with database(settings) as url:
                return asyncio.run(
                    run_demo(settings, url, answers=answers, out=out, console=console)
                )
        except (DemoError, AnswersError) as error:
            _exit_with_error(str(error))

    if not _run(hold):
        raise typer.Exit(1)


@app.command()
def call(
    url: CallUrl,
    dialect: CallDialect = "l16",
    answers: CallAnswers = None,
    out: CallOut = None,
    number: CallNumber = "",
    secret: CallSecret = None,
    join: CallJoin = "",
    keys: CallKeys = "1",
    parameter: CallParameters = None,
    barge_in: CallBargeIn = "",
) -> None:
    """Play a caller over a bridge's wire, in real time, against any server that speaks it."""
    from server.simulator.answers import AnswersError
    from server.simulator.call import WIRES, CallError, CallPlan, run_call

    if dialect not in WIRES:
        raise typer.BadParameter(f"one of {', '.join(WIRES)}", param_hint="--dialect")
    plan = CallPlan(
        dialect,
        url,
        answers=answers,
        out=out,
        number=number,
        secret=secret or "",
        join=join,
        keys=[pressed for pressed in keys.split(",") if pressed],
        parameters=parse_pairs(parameter or []),
        barge_in=parse_numbers(barge_in),
    )

    def hold() -> bool:
        try:
            return asyncio.run(run_call(plan, console))
        except (CallError, AnswersError) as error:
            _exit_with_error(str(error))

    if not _run(hold):
        raise typer.Exit(1)


@app.command()
def bridges(
    name: Annotated[
        str | None, typer.Argument(help="twilio, asterisk, vonage, telnyx, l16 or realtime.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="This server's address from outside; VIVA_PUBLIC_URL.")
    ] = None,
) -> None:
    """Print ready configuration for each vendor, with this server's addresses."""
    from server.telephony.configuration import configurations

    found = configurations(url or _settings().base_url)
    if name is not None and name not in found:
        raise typer.BadParameter(f"one of {', '.join(found)}", param_hint="NAME")
    for bridge, text in found.items():
        if name in (None, bridge):
            console.rule(bridge)
            console.print(text, markup=False, highlight=False, soft_wrap=True)


@app.command()
def doctor(call: TrialCall = False) -> None:
    """Say what is configured, reachable and missing, and what to do about it."""
    from server.doctor.run import examine

    raise typer.Exit(examine(call=call))


@app.command()
def costs(
    by: Annotated[str, typer.Option(help="month, organisation, plan or interview.")] = "month",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what interviews used at providers, and what it came to."""
    from server.administration.costs import list_costs

    _administer(lambda store: list_costs(store, by, as_json=as_json))


@database_commands.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables of the configured (or the embedded) database to their newest form."""
    settings = _settings()
    from server.composition import database
    from server.logs import configure_logging

    configure_logging(settings.log_level, settings.log_format)

    def bring_up() -> None:
        with database(settings):
            console.print("The tables are up to date.")

    _run(bring_up)


@account_commands.command("list")
def account_list() -> None:
    """Show every account with its role and organisation."""
    from server.administration import accounts

    _administer(accounts.list_accounts)


@account_commands.command("add")
def account_add(
    email: AccountEmail,
    role: AccountRole = "recruiter",
    name: Annotated[str, typer.Option(help="The person's name.")] = "",
    organisation: Annotated[
        str | None, typer.Option(help="Its name; the only one there is, if absent.")
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Make this organisation.")] = False,
) -> None:
    """Add a member and print the first password, which is shown only here."""
    from server.administration import accounts

    _administer(
        lambda store: accounts.add_account(
            store, email, role=role, name=name, organisation=organisation, founding=new
        )
    )


@account_commands.command("role")
def account_role(email: AccountEmail, role: Annotated[str, typer.Argument(help=ROLES)]) -> None:
    """Give a member another role; it holds at once."""
    from server.administration import accounts

    _administer(lambda store: accounts.change_role(store, email, role))


@account_commands.command("password")
def account_password(email: AccountEmail) -> None:
    """Give a member a new password and print it; all sign-ins of before end."""
    from server.administration import accounts

    _administer(lambda store: accounts.reset_password(store, email))


@account_commands.command("remove")
def account_remove(email: AccountEmail) -> None:
    """Remove a member, whose sign-ins end. What the member made and did stays."""
    from server.administration import accounts

    _administer(lambda store: accounts.remove_account(store, email))


@erase_commands.command("interview")
def interview_erase(interview: Annotated[str, typer.Argument(help="Its id.")]) -> None:
    """Erase an interview with its transcript, calls, actions and links. It cannot be had back."""
    from server.administration import erasure

    _administer(lambda store: erasure.erase_by_id(store, interview))


@erase_commands.command("candidate")
def candidate_erase(
    email: Annotated[str | None, typer.Option(help="Address of the invitations.")] = None,
    phone: Annotated[str | None, typer.Option(help="Number of the invitations, in E.164.")] = None,
) -> None:
    """Erase all interviews of a candidate. They cannot be had back."""
    from server.administration import erasure

    _administer(lambda store: erasure.erase_by_contact(store, email=email, phone=phone))


@plan_commands.command("check")
def plan_check(file: Annotated[Path, typer.Argument(help="A plan, YAML or JSON.")]) -> None:
    """Check an interview plan and show what is in it."""
    from sessions.plan.plan import PlanError, describe, load_plan
    from sessions.plan.sensitive import sensitive_questions

    try:
        plan = load_plan(file)
    except PlanError as error:
        _exit_with_error(str(error))
    console.print(describe(plan), highlight=False, markup=False)
    for sentence in sensitive_questions(plan):
        console.print(sentence, highlight=False, markup=False)


def _administer(work: "Callable[[Store], Awaitable[str]]") -> None:
    """Do the work on the database and print its sentence, or exit with one on why not."""
    settings = _settings()
    from server.administration.database import CommandRefused, with_store

    try:
        done = _run(lambda: with_store(settings, work))
    except CommandRefused as error:
        _exit_with_error(str(error))
    console.print(done, highlight=False, markup=False, soft_wrap=True)


def _settings(**values: object) -> "Settings":
    """Return the settings, or exit with one clear sentence."""
    from server.settings_errors import SettingsError, load_settings

    try:
        return load_settings(**values)
    except SettingsError as error:
        _exit_with_error(str(error))


def _run(work: Callable[[], T]) -> T:
    """Do the work, or exit with a sentence on what keeps a server from starting."""
    from audio.speech import SpeechError
    from server.auth.signing_keys import KeyFileError
    from server.database.embedded import DatabaseStartError
    from sessions.interviewer.protocol import InterviewerError

    try:
        return work()
    except (DatabaseStartError, KeyFileError, SpeechError, InterviewerError) as error:
        _exit_with_error(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _exit_with_error(sentence: str) -> NoReturn:
    error_console.print(sentence, style="red", highlight=False, markup=False)
    sys.exit(1)
