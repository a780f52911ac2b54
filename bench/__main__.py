"""The benches' command line, `python -m bench`: each command imports what it needs when called."""

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Measure Viva.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def list_benches(context: typer.Context) -> None:
    """Measure Viva. Without a command: list the benches, one line each."""
    if context.invoked_subcommand is None:
        group = typer.main.get_group(app)
        for name, command in group.commands.items():
            sys.stdout.write(f"  {name:<10} {command.help}\n")
        sys.stdout.write("Options of each: python -m bench NAME --help\n")


@app.command()
def latency(
    sessions: Annotated[int, typer.Option(min=1, max=200, help="Interviews side by side.")] = 1,
    turns: Annotated[int, typer.Option(min=1, max=500, help="Answers in each.")] = 20,
    chain: Annotated[str, typer.Option(help="Provider: fast, real or fast,real.")] = "fast",
    streamed: Annotated[
        bool, typer.Option("--streamed", help="Words are heard while they are spoken.")
    ] = False,
    json: Annotated[Path | None, typer.Option(help="File for the figures.")] = None,
    plot: Annotated[Path | None, typer.Option(help="File for the plot: .png, .svg, .pdf.")] = None,
) -> None:
    """How long a finished answer waits for its reply, and Viva's own share of it."""
    from bench.live.chain import CHAINS
    from bench.live.run import latency_command

    chains = chain.split(",")
    if not set(chains) <= set(CHAINS):
        raise typer.BadParameter(f"There are {' and '.join(CHAINS)}.", param_hint="--chain")
    raise typer.Exit(
        latency_command(
            session_count=sessions,
            turns=turns,
            json_file=json,
            plot=plot,
            chains=chains,
            streamed=streamed,
        )
    )


@app.command()
def sessions(
    sessions: Annotated[str, typer.Option(help="Sizes of the crowd, by commas.")] = "1,10,20,40",
    seconds: Annotated[float, typer.Option(min=5, max=3600, help="For each size.")] = 60.0,
    json: Annotated[Path | None, typer.Option(help="File for the figures.")] = None,
    plot: Annotated[Path | None, typer.Option(help="File for the plot: .png, .svg, .pdf.")] = None,
) -> None:
    """How many interviews one server process holds on one core, in real time."""
    from bench.live.run import crowds_of, sessions_command

    try:
        crowds = crowds_of(sessions)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--sessions") from error
    raise typer.Exit(sessions_command(crowds=crowds, seconds=seconds, json_file=json, plot=plot))


@app.command()
def turns(
    folder: Annotated[Path, typer.Argument(help="NAME.wav or NAME.flac and NAME.json each.")],
    json: Annotated[Path | None, typer.Option(help="File for the figures.")] = None,
    plot: Annotated[Path | None, typer.Option(help="File for the plot: .png, .svg, .pdf.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A fifth of it, and no sweep.")] = False,
    cache: Annotated[
        Path | None, typer.Option(help="File that keeps transcripts for the next run.")
    ] = None,
    before: Annotated[
        bool, typer.Option("--before", help="By kind, with and without the rules on requests.")
    ] = False,
) -> None:
    """How often answers are cut off, and how long candidates wait for a reply."""
    from bench.turns.run import turns_command

    raise typer.Exit(
        turns_command(folder, json=json, plot=plot, quick=quick, cache=cache, before=before)
    )


@app.command()
def bargein(
    json: Annotated[Path | None, typer.Option(help="File for the figures.")] = None,
) -> None:
    """How long the interviewer speaks on when interrupted, in a real Chromium."""
    from bench.bargein.run import bargein_command

    raise typer.Exit(bargein_command(json))


@app.command()
def telephone(
    answers: Annotated[int, typer.Option(min=1, max=120, help="Answers of the corpus.")] = 120,
    json: Annotated[Path | None, typer.Option(help="File for the figures.")] = None,
) -> None:
    """How well answers are heard over a telephone line, against full width."""
    from bench.telephone import telephone_command

    raise typer.Exit(telephone_command(answers, json))


@app.command()
def doubled(
    folders: Annotated[list[Path], typer.Argument(help="Corpora, as `corpus` writes them.")],
    json: Annotated[Path | None, typer.Option(help="File for the figures.")] = None,
) -> None:
    """How many answers are written with words twice, and how many lose what was meant."""
    from bench.doubled import doubled_command

    raise typer.Exit(doubled_command(folders, json))


@app.command()
def confidence(
    tuned: Annotated[Path, typer.Argument(help="Corpus on which weights are found.")],
    held_out: Annotated[Path, typer.Argument(help="Corpus on which they are judged.")],
    answers: Annotated[int, typer.Option(min=4, max=200, help="Answers of each.")] = 36,
    json: Annotated[Path | None, typer.Option(help="File for the figures.")] = None,
    plot: Annotated[Path | None, typer.Option(help="File for the plot: .png, .svg, .pdf.")] = None,
) -> None:
    """How well the confidence of Viva's own says which share of the words is right."""
    from bench.confidence import confidence_command

    raise typer.Exit(confidence_command(tuned, held_out, answers, json, plot))


@app.command()
def corpus(
    folder: Annotated[Path | None, typer.Argument(help="Where to write it.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Compare with its manifest.")] = False,
    held_out: Annotated[
        bool, typer.Option("--held-out", help="The texts that no rule was tuned on.")
    ] = False,
    mix: Annotated[str | None, typer.Option(help="demo or untidy: answers of all kinds.")] = None,
) -> None:
    """Write the public corpus for `turns`, the same every time."""
    from bench.corpus.generate import main

    main(folder, check, held_out, mix)


if __name__ == "__main__":
    app()
