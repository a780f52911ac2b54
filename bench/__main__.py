"""`viva bench`, and `python -m bench`: one function a command, each importing what it needs."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Measure Viva.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def turns(
    folder: Annotated[Path, typer.Argument(help="NAME.wav or NAME.flac and NAME.json each.")],
    json: Annotated[Path | None, typer.Option(help="File for the figures.")] = None,
    plot: Annotated[Path | None, typer.Option(help="File for the plot: .png, .svg, .pdf.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A fifth of it, and no sweep.")] = False,
    cache: Annotated[
        Path | None, typer.Option(help="File that keeps transcripts for the next run.")
    ] = None,
) -> None:
    """How often answers are cut off, and how long candidates wait for a reply."""
    from bench.turns import turns_command

    raise typer.Exit(turns_command(folder, json=json, plot=plot, quick=quick, cache=cache))


@app.command()
def corpus(
    folder: Annotated[Path | None, typer.Argument(help="Where to write it.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Compare with corpus.sha256.")] = False,
) -> None:
    """Write the public corpus of `bench turns`, the same every time."""
    from bench.corpus import main

    main(folder, check)


if __name__ == "__main__":
    app()
