"""The bench of turns: how often answers are cut off, and how long candidates wait for a reply.

Each recording of the folder is said to a session of its own: the same actor, hearing, turn machine,
Whisper and voice as in a live interview, in virtual time (`bench.turns.metered`).
An answer is cut when a reply becomes audible before its `end_of_turn`, and taken back when it is
one turn on record all the same. Delays run from `end_of_turn` to the reply's first audible sample,
over the answers that were not cut.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from json import dumps as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from audio.speech import SpeechError
from bench.turns.kinds import figures_by_kind
from bench.turns.metered import Workshop
from bench.turns.recordings import Recording
from bench.turns.trials import AnswerTrial, TrialError, try_answer, try_interjection
from sessions.listening.vad_ticker import VadTicker
from sessions.turntaking.rules import Rules
from tests.support.virtual_leg import FRAME_S, GRID_FRAMES
from tests.support.virtual_time import run_virtual

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")

AT_ONCE = 16
"""Sessions in the loop at a time: their voice detection is one batch."""

LIMIT_S = 7 * 24 * 3600.0
"""Of virtual time, for a run."""

SILENCES_MS = (400.0, 700.0, 1_000.0, 1_500.0, 2_000.0, 2_500.0)
"""Plain silence rules, for comparison."""

ACCOMMODATIONS = (0.5, 0.7, 1.0, 1.4, 2.0)
"""Factors on every patience of the live rules."""

QUICK_EVERY = 5
"""With --quick, one of so many recordings is used, and no sweep is made."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One point of the sweep."""

    rule: str
    value: float
    rules: Rules


def live_rules() -> Rules:
    """Return the rules of a live session."""
    return Rules()


def rules_before() -> Rules:
    """Return the rules without those on requests and on short whole answers: of an open question
    both were answers that had hardly begun."""
    rules = Rules()
    thin_ms = rules.endpointing.thin_ms
    old = replace(rules.endpointing, whole_requests=False, brief_ms=thin_ms)
    return replace(rules, endpointing=old)


def silence_rules(silence_ms: float) -> Rules:
    """Return a plain rule: so much silence ends the answer, whatever was said."""
    return replace(Rules(), endpoint_silence_ms=silence_ms)


def sweep_settings() -> list[Setting]:
    """Return everything that is tried: plain silences, and the live rules with more or less
    patience."""
    plain = [Setting("silence", ms, silence_rules(ms)) for ms in SILENCES_MS]
    live = [
        Setting("live", factor, replace(live_rules(), accommodation=factor))
        for factor in ACCOMMODATIONS
    ]
    return plain + live


def measure(
    recordings: Sequence[Recording],
    workshop: Workshop,
    *,
    rules: Rules,
    settings: Sequence[Setting] = (),
    before: Rules | None = None,
    progress: Callable[[str, int, int], None] = lambda what, done, of: None,
) -> dict[str, Any]:
    """Run everything, the answers also under the rules `before`.

    Returns the figures as they are written to --json. Raises SpeechError, TrialError.
    """
    answers = [one for one in recordings if one.label is None]
    sounds = [one for one in recordings if one.label is not None]
    on_done = _done_line(progress, "answers", len(answers))
    trials = _answers(answers, workshop, rules, on_done)
    earlier = {}
    if before is not None:
        on_done = _done_line(progress, "answers, rules before", len(answers))
        earlier = {"before": figures_by_kind(_answers(answers, workshop, before, on_done))}
    on_done = _done_line(progress, "interjections", len(sounds))
    heard = _run(
        sounds, lambda one, vad_ticker: try_interjection(one, workshop, vad_ticker, rules), on_done
    )
    sweep: list[dict[str, Any]] = []
    for number, setting in enumerate(settings, 1):
        progress("sweep", number, len(settings))
        figures = answer_figures(_answers(answers, workshop, setting.rules, None))
        sweep.append({"rule": setting.rule, "value": setting.value, **figures})
    return {
        **answer_figures(trials),
        "by_kind": figures_by_kind(trials),
        **earlier,
        "interjections": len(heard),
        "interjections_right": _share(one.right for one in heard),
        "sweep": sweep,
        "details": [asdict(one) for one in trials],
        "interjection_details": [{**asdict(one), "right": one.right} for one in heard],
    }


def _answers(
    answers: Sequence[Recording],
    workshop: Workshop,
    rules: Rules,
    on_done: Callable[[int], None] | None,
) -> list[AnswerTrial]:
    return _run(
        answers, lambda one, vad_ticker: try_answer(one, workshop, vad_ticker, rules), on_done
    )


def answer_figures(trials: Sequence[AnswerTrial]) -> dict[str, Any]:
    """Return rates (0..1) and delays (ms) over a run.

    `taken_back_rate` is the share of the cut answers that became one turn all the same, 1.0 where
    none was cut.
    """
    delays = [t.delay_ms for t in trials if not t.cut and t.delay_ms is not None]
    yes_no = [
        t.delay_ms for t in trials if not t.cut and t.delay_ms is not None and t.shape == "yes_no"
    ]
    cut = [t for t in trials if t.cut]
    return {
        "answers": len(trials),
        "cut_off_rate": _share(t.cut for t in trials) or 0.0,
        "taken_back_rate": _share(t.taken_back for t in cut) if cut else 1.0,
        "unanswered": sum(t.delay_ms is None for t in trials),
        "delay_ms": {"p50": _percentile(delays, 50), "p90": _percentile(delays, 90)},
        "yes_no_delay_ms": {"p50": _percentile(yes_no, 50)},
    }


def _percentile(values: Sequence[float], percent: float) -> float | None:
    return round(float(np.percentile(values, percent)), 1) if values else None


def _share(of: Iterable[bool]) -> float | None:
    values = list(of)
    return round(sum(values) / len(values), 4) if values else None


def _done_line(
    progress: Callable[[str, int, int], None], what: str, of: int
) -> Callable[[int], None]:
    return lambda done: progress(what, done, of)


def _run(
    recordings: Sequence[Recording],
    one: Callable[[Recording, VadTicker], Awaitable[T]],
    on_done: Callable[[int], None] | None,
) -> list[T]:
    """Run all recordings, some at a time, in one virtual loop with one voice detector."""
    return run_virtual(_run_all(recordings, one, on_done), limit_s=LIMIT_S)


async def _run_all(
    recordings: Sequence[Recording],
    one: Callable[[Recording, VadTicker], Awaitable[T]],
    on_done: Callable[[int], None] | None,
) -> list[T]:
    vad_ticker = VadTicker()
    kept = vad_ticker.open(lambda _: None)  # so that it ticks from the beginning to the end
    room = asyncio.Semaphore(AT_ONCE)
    done = 0

    async def tried(recording: Recording) -> T:
        nonlocal done
        async with room:
            await _on_the_grid()
            result = await one(recording, vad_ticker)
        done += 1
        if on_done is not None:
            on_done(done)
        return result

    try:
        return await asyncio.gather(*(tried(recording) for recording in recordings))
    finally:
        vad_ticker.close(kept)


async def _on_the_grid() -> None:
    """Wait for the moment at which frames, windows and ticks meet: what one session hears then does
    not depend on the others."""
    grid_s = GRID_FRAMES * FRAME_S
    now = asyncio.get_running_loop().time()
    await asyncio.sleep((now // grid_s + 1) * grid_s - now)


def turns_command(
    folder: Path,
    *,
    json: Path | None,
    plot: Path | None,
    quick: bool,
    cache: Path | None,
    before: bool = False,
) -> int:
    """Measure, show and write; `before` tries the rules before in place of the sweep. Returns the
    exit code."""
    from rich.console import Console

    from bench.plotting import PlotError, check_plotting
    from bench.turns import report
    from bench.turns.recordings import RecordingsError, read_recordings

    console = Console(highlight=False)
    try:
        if plot is not None:
            check_plotting()
        recordings = read_recordings(folder)[:: QUICK_EVERY if quick else 1]
        settings = [] if quick or before else sweep_settings()
        earlier = rules_before() if before else None
        figures = _measured(recordings, settings, earlier, cache, console)
        report.show(figures, console)
        if json is not None:
            write_json(json, figures)
        if plot is not None:
            report.plot(figures, plot)
    except (RecordingsError, PlotError, TrialError, SpeechError, OSError) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    return 0


def _measured(
    recordings: Sequence[Recording],
    settings: Sequence[Setting],
    before: Rules | None,
    cache: Path | None,
    console: "Console",
) -> dict[str, Any]:
    from rich.progress import Progress

    from audio.local_voice import LocalVoice
    from audio.local_whisper import LocalWhisper
    from server.logs import configure_logging

    configure_logging("error")
    with (
        Progress(console=console, transient=True) as bar,
        Workshop(LocalWhisper(), LocalVoice(), cache) as workshop,
    ):
        task = bar.add_task("")

        def show(what: str, done: int, of: int) -> None:
            bar.update(task, description=what, completed=done, total=of)

        return measure(
            recordings,
            workshop,
            rules=live_rules(),
            settings=settings,
            before=before,
            progress=show,
        )


def write_json(path: Path, figures: dict[str, Any]) -> None:
    """Write the figures. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json_text(figures, indent=1) + "\n", encoding="utf-8")
