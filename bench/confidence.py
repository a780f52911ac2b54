"""The bench of confidence: how well Viva's own confidence says which share of the words is right.

Short answers of the corpus (`bench.corpus`) are heard as they are and under pink noise. The local
model plays all parts: the provider, with the words of the question as its prompt; the stream's last
partial words, which lack the last half second; and the second hearing, over a telephone's band and
without a prompt. It is one model, so that its mistakes resemble one another more than those of two
would: agreement is worth more with a provider than it is here.
"""

import asyncio
import json
import math
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from audio.pcm import level_dbfs, samples_of, to_float32, to_int16
from audio.speech import SPEECH_RATE
from bench.corpus.sounds import room
from bench.doubled import terms_of
from bench.plotting import COLOURS, FAINT, check_plotting
from bench.telephone import over_the_line
from bench.turns.recordings import Recording, read_recordings
from sessions.listening.own_confidence import (
    SECOND_HEARING_MS,
    Evidence,
    Weights,
    features_of,
    own_confidence,
)

if TYPE_CHECKING:
    from rich.console import Console

    from audio.speech import Transcriber

SNRS_DB: tuple[float | None, ...] = (None, 3.0, -3.0, -8.0)
"""Loudness of the speech above the noise; None: without noise. At -8 dB half the words are lost."""

MISSING_MS = 500.0
"""End of the sound that the last partial words lack."""

STEPS = 300
RIDGE = 0.002
"""Steps of the fit, and its pull towards 0."""

CUT_EVERY = 4
"""One of so many hearings is cut off, too."""

EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0)
"""Of the bins of the plot."""


@dataclass(frozen=True, slots=True)
class Rated:
    """One hearing: what was heard, which share of the words was right, and the evidence."""

    name: str
    snr_db: float | None
    heard: str
    right: float
    evidence: Evidence


def chosen(folder: Path, most: int) -> list[Recording]:
    """Return the answers of a corpus that are short enough to be heard twice, evenly spread."""
    answers = [
        one
        for one in read_recordings(folder)
        if one.label is None
        and one.text
        and one.end_of_turn < samples_of(SECOND_HEARING_MS, SPEECH_RATE)
    ]
    step = max(1, len(answers) // most)
    return answers[::step][:most]


async def hear(
    one: Recording, snr_db: float | None, transcriber: "Transcriber", plain: Callable[[str], str]
) -> Rated:
    """Hear an answer in all three ways. Raises SpeechError."""
    sound = one.sound if snr_db is None else under_noise(one.sound, snr_db)
    heard = (await transcriber.transcribe(sound, prompt=terms_of(one.question))).text
    begun = sound[: max(SPEECH_RATE // 2, one.end_of_turn - samples_of(MISSING_MS, SPEECH_RATE))]
    partial = (await transcriber.transcribe(begun)).text
    second = (await transcriber.transcribe(over_the_line(sound))).text
    speech_ms = one.end_of_turn * 1000 / SPEECH_RATE
    evidence = Evidence(speech_ms, partial, second)
    return Rated(one.name, snr_db, heard, share_right(one.text, heard, plain), evidence)


def under_noise(sound: NDArray[np.int16], snr_db: float) -> NDArray[np.int16]:
    """Return the sound under pink noise, the same every time."""
    loud = level_dbfs(sound)
    hiss = room(sound.size, loud - snr_db, np.random.default_rng(sound.size))
    return to_int16(to_float32(sound) + hiss)


def share_right(said: str, heard: str, plain: Callable[[str], str]) -> float:
    """Return the share of words that were said and heard, in their order, of the more of both."""
    words = _by_digit(plain(heard))
    spoken = _by_digit(plain(said))
    same = SequenceMatcher(None, spoken, words, autojunk=False)
    return sum(block.size for block in same.get_matching_blocks()) / max(len(words), len(spoken), 1)


def _by_digit(text: str) -> list[str]:
    """Return the words, each digit as one: how a number is grouped is no mistake."""
    return re.sub(r"(?<=\d)(?=\d)", " ", text).split()


def views(hearings: Sequence[Rated]) -> list[Rated]:
    """Return each hearing with all its evidence, and with each part of it alone.

    One of CUT_EVERY is cut off after its first third as well, as streams are.
    """
    return [
        replace(one, evidence=evidence)
        for one in (*hearings, *map(_cut_off, hearings[::CUT_EVERY]))
        if one.heard.strip()
        for evidence in (
            one.evidence,
            replace(one.evidence, partial=None),
            replace(one.evidence, second=None),
        )
    ]


def _cut_off(one: Rated) -> Rated:
    words = one.heard.split()
    kept = words[: -(-len(words) // 3)]
    text = " ".join(kept)
    right = one.right * len(kept) / max(1, len(words))
    return replace(one, heard=text, right=right, evidence=replace(one.evidence, partial=text))


def fitted(hearings: Sequence[Rated]) -> Weights:
    """Return the weights that fit best: a logistic regression of the share that is right."""
    given = views(hearings)
    features = np.array([features_of(one.heard, one.evidence) for one in given])
    right = np.array([one.right for one in given])
    weights = np.zeros(features.shape[1])
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-features @ weights))
        slope = features.T @ (right - likely) - RIDGE * len(given) * weights / 10
        bend = (features * (likely * (1 - likely))[:, None]).T @ features
        bend += np.eye(len(weights)) * (RIDGE * len(given) / 10 + 1e-6)
        weights += np.linalg.solve(bend, slope)
    return Weights(*(round(float(weight), 2) for weight in weights))


def table_of(hearings: Sequence[Rated], weights: Weights | None = None) -> list[dict[str, Any]]:
    """Return for each bin of confidence how many hearings it has, and what share was right."""
    pairs = [
        (confidence, one.right)
        for one in views(hearings)
        if (
            confidence := (
                own_confidence(one.heard, one.evidence)
                if weights is None
                else own_confidence(one.heard, one.evidence, weights)
            )
        )
        is not None
    ]
    rows = []
    for low, high in pairwise(EDGES):
        inside = [pair for pair in pairs if low <= pair[0] < high or (high == 1.0 == pair[0])]
        if inside:
            rows.append(
                {
                    "from": low,
                    "to": high,
                    "hearings": len(inside),
                    "confidence": round(float(np.mean([pair[0] for pair in inside])), 3),
                    "right": round(float(np.mean([pair[1] for pair in inside])), 3),
                }
            )
    return rows


def error_of(rows: Sequence[dict[str, Any]]) -> float:
    """Return the expected calibration error: how far confidence is from what was right."""
    total = sum(int(row["hearings"]) for row in rows)
    return (
        math.fsum(row["hearings"] * abs(row["confidence"] - row["right"]) for row in rows) / total
    )


async def measure(folder: Path, most: int, progress: Callable[[int, int], None]) -> list[Rated]:
    """Hear the answers of a corpus. Raises RecordingsError, SpeechError."""
    from audio.local_whisper import LocalWhisper

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an escape in its source
        from whisper_normalizer.english import EnglishTextNormalizer
    plain = EnglishTextNormalizer()
    answers = chosen(folder, most)
    transcriber = LocalWhisper("tiny.en")
    found: list[Rated] = []
    try:
        for one in answers:
            for snr_db in SNRS_DB:
                found.append(await hear(one, snr_db, transcriber, plain))
                progress(len(found), len(answers) * len(SNRS_DB))
    finally:
        await transcriber.close()
    return found


def confidence_command(
    tuned: Path, held: Path, most: int, json_file: Path | None, plot: Path | None
) -> int:
    """Run the bench. Returns 2 if it cannot be run."""
    from rich.console import Console
    from rich.progress import Progress

    from audio.speech import SpeechError
    from bench.plotting import PlotError
    from bench.turns.recordings import RecordingsError

    console = Console(highlight=False)
    hearings: dict[str, list[Rated]] = {}
    try:
        if plot is not None:
            check_plotting()
        with Progress(console=console, transient=True) as bar:
            for name, folder in (("tuned", tuned), ("held out", held)):
                task = bar.add_task(f"Hearing {name}")
                hearings[name] = asyncio.run(
                    measure(
                        folder,
                        most,
                        lambda done, of, task=task: bar.update(task, completed=done, total=of),  # type: ignore[misc]
                    )
                )
    except (RecordingsError, SpeechError, PlotError, ImportError) as error:
        console.print(f"Confidence cannot be measured: {error}", style="red", markup=False)
        return 2
    weights = fitted(hearings["tuned"])
    console.print(f"Fitted on {tuned}: {weights}", markup=False)
    rows = table_of(hearings["held out"])
    _show(rows, console)
    if plot is not None:
        draw(rows, plot)
    if json_file is not None:
        document = {
            "fitted": asdict(weights),
            "in use": rows,
            "fitted here": table_of(hearings["held out"], weights),
            "hearings": {name: [asdict(one) for one in found] for name, found in hearings.items()},
        }
        json_file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 0


def _show(rows: Sequence[dict[str, Any]], console: "Console") -> None:
    from rich.table import Table

    table = Table("Confidence", "Hearings", "Mean", "Words right")
    for row in rows:
        table.add_row(
            f"{row['from']} to {row['to']}",
            str(row["hearings"]),
            f"{row['confidence']:.2f}",
            f"{row['right']:.2f}",
        )
    console.print(table)
    console.print(f"Calibration error on what no weight was found on: {error_of(rows):.3f}")


def draw(rows: Sequence[dict[str, Any]], file: Path) -> None:
    """Draw the reliability plot: what was right over what was expected."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.6, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1, linestyle="--")
    axes.plot(
        [row["confidence"] for row in rows],
        [row["right"] for row in rows],
        color=COLOURS[3],
        marker="o",
    )
    for row in rows:
        axes.annotate(
            str(row["hearings"]),
            (row["confidence"], row["right"]),
            xytext=(4, -11),
            textcoords="offset points",
            fontsize=8,
        )
    axes.set(
        xlim=(0, 1.02), ylim=(0, 1.02), xlabel="own confidence", ylabel="words that were right"
    )
    axes.set_title("Own confidence, on the held-out half of the corpus")
    figure.savefig(file)
