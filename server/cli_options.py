"""The options of `viva call`, and what is made of their texts."""

from pathlib import Path
from typing import Annotated

import typer

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


def pairs(texts: list[str]) -> dict[str, str]:
    """NAME=VALUE, each. Raises typer.BadParameter."""
    found = [text.partition("=") for text in texts]
    if not all(name and equals for name, equals, _ in found):
        raise typer.BadParameter("NAME=VALUE", param_hint="--parameter")
    return {name: value for name, _, value in found}


def numbers(text: str) -> frozenset[int]:
    """Whole numbers by commas. Raises typer.BadParameter."""
    found = [number.strip() for number in text.split(",") if number.strip()]
    if not all(number.isascii() and number.isdigit() for number in found):
        raise typer.BadParameter("numbers, by commas", param_hint="--barge-in")
    return frozenset(map(int, found))
