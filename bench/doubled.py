"""The bench of doubled words: how many answers are written with words twice, how many lose some.

Every answer of a corpus (`bench.corpus`) is heard by the local model with the words of its question
as the prompt, which is what makes Whisper repeat itself, and every fourth also over a telephone
line. Short answers are heard said twice in a row, and begun a second time and broken off, too: what
was meant twice must stay.
"""

import asyncio
import json
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from structlog.testing import capture_logs

from audio.doubled_words import MIN_GROUP, find_runs
from audio.local_whisper import SETTLED
from audio.pcm import samples_of, to_int16
from audio.speech import SPEECH_RATE
from bench.corpus import generate as corpus
from bench.telephone import over_the_line
from bench.turns.recordings import Recording, read_recordings

if TYPE_CHECKING:
    from rich.console import Console

    from audio.speech import Transcriber

TELEPHONE_EVERY = 4
"""One of so many answers is heard over a telephone line, too."""

TWICE_EVERY = 4
"""One of so many short answers is said twice."""

BROKEN_OFF_EVERY = 8
"""One of so many answers is begun a second time."""

SHORT_S, SHORT_WORDS = 6.0, 4
"""Longest sound, and fewest words, of an answer that is said twice."""

BETWEEN_MS = 350.0
"""Pause between an answer and the same once more."""

TERM_CHARS = 5
"""Letters from which on a word of the question stands in the prompt, as a plan's terms would."""

Sound = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Clip:
    """A sound, what was said in it one after the other, and the prompt. `way` says how it was
    made."""

    name: str
    way: str
    said: tuple[str, ...]
    prompt: str
    sound: Sound


@dataclass(frozen=True, slots=True)
class Hearing:
    """What was heard of a clip; `settled`: it was heard again, and `cut` words were cut."""

    name: str
    way: str
    said: str
    heard: str
    settled: bool
    cut: int
    doubled: bool
    lost: bool


def terms_of(question: str) -> str:
    """Return the long words of a question, each once, as a prompt has them."""
    words = re.findall(rf"[A-Za-z]{{{TERM_CHARS},}}", question)
    return " ".join(dict.fromkeys(words))


async def clips_of(
    recordings: Sequence[Recording], voice: corpus.Voice, prefix: str = ""
) -> list[Clip]:
    """Return the answers as they are, over the telephone, said twice and begun twice."""
    answers = [one for one in recordings if one.label is None]
    clips = [_clip(one, prefix, "as it is", (one.text,), one.sound) for one in answers]
    clips += [
        _clip(one, prefix, "telephone", (one.text,), over_the_line(one.sound))
        for one in answers[::TELEPHONE_EVERY]
    ]
    short = [
        one
        for one in answers
        if one.sound.size <= SHORT_S * SPEECH_RATE and len(one.text.split()) >= SHORT_WORDS
    ]
    for one in short[::TWICE_EVERY]:
        pause = np.zeros(samples_of(BETWEEN_MS, SPEECH_RATE), np.int16)
        said = one.sound[: one.end_of_turn + 1]
        sound = np.concatenate([said, pause, one.sound])
        clips.append(_clip(one, prefix, "said twice", (one.text, one.text), sound))
    for one in answers[::BROKEN_OFF_EVERY]:
        words = one.text.split()
        if len(words) > 2 * MIN_GROUP:
            begun = " ".join(words[: max(MIN_GROUP, len(words) // 3)])
            text = f"{one.text} {begun}"
            rng = np.random.default_rng(len(clips))
            room = corpus.in_a_room(await voice.say(text), 4_000, "clean", False, rng)
            clips.append(_clip(one, prefix, "begun twice", (one.text, begun), to_int16(room)))
    return clips


def _clip(one: Recording, prefix: str, way: str, said: tuple[str, ...], sound: Sound) -> Clip:
    return Clip(f"{prefix}{one.name}", way, said, terms_of(one.question), sound)


async def hear(clip: Clip, transcriber: "Transcriber", plain: Callable[[str], str]) -> Hearing:
    """Transcribe a clip and judge it. `plain` takes spelling out of a text. Raises SpeechError."""
    with capture_logs() as logged:
        heard = (await transcriber.transcribe(clip.sound, prompt=clip.prompt)).text
    settled = [entry for entry in logged if entry["event"] == SETTLED]
    cut = sum(entry["cut"] for entry in settled)
    return judged(clip, heard, bool(settled), cut, plain)


def judged(clip: Clip, heard: str, settled: bool, cut: int, plain: Callable[[str], str]) -> Hearing:
    """Judge what was heard: doubled, where MIN_GROUP more words come twice than were said twice;
    lost, where words were cut and MIN_GROUP or more are missing."""
    said = [word for part in clip.said for word in plain(part).split()]
    found = plain(heard).split()
    doubled = _repeated(found) - _repeated(said) >= MIN_GROUP and len(found) > len(said)
    lost = cut > 0 and len(said) - len(found) >= MIN_GROUP
    return Hearing(clip.name, clip.way, " ".join(clip.said), heard, settled, cut, doubled, lost)


def _repeated(words: Sequence[str]) -> int:
    return sum(run.end - run.begin - run.group for run in find_runs(words))


def figures_of(hearings: Sequence[Hearing]) -> dict[str, Any]:
    """Return for all clips and for each way how many there are and what became of them."""
    ways = dict.fromkeys(hearing.way for hearing in hearings)
    return {
        way: {
            "clips": len(chosen),
            "heard again": sum(one.settled for one in chosen),
            "repetitions cut": sum(one.cut > 0 for one in chosen),
            "doubled": sum(one.doubled for one in chosen),
            "lost": sum(one.lost for one in chosen),
        }
        for way in ("all", *ways)
        for chosen in [[one for one in hearings if way in ("all", one.way)]]
    }


async def measure(folders: Sequence[Path], progress: Callable[[int, int], None]) -> list[Hearing]:
    """Hear every clip of these corpora. Raises RecordingsError, SpeechError."""
    from audio.local_voice import LocalVoice
    from audio.local_whisper import LocalWhisper

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an escape in its source
        from whisper_normalizer.english import EnglishTextNormalizer
    plain = EnglishTextNormalizer()
    synthesizer, transcriber = LocalVoice(), LocalWhisper("tiny.en")
    voice = corpus.Voice(synthesizer)
    hearings: list[Hearing] = []
    try:
        clips: list[Clip] = []
        for folder in folders:
            clips += await clips_of(read_recordings(folder), voice, f"{folder.name}/")
        for clip in clips:
            hearings.append(await hear(clip, transcriber, plain))
            progress(len(hearings), len(clips))
    finally:
        await synthesizer.close()
        await transcriber.close()
    return hearings


def doubled_command(folders: Sequence[Path], json_file: Path | None) -> int:
    """Run the bench. Returns 1 if a clip is doubled or has lost words, 2 if it cannot be run."""
    from rich.console import Console
    from rich.progress import Progress

    from audio.speech import SpeechError
    from bench.turns.recordings import RecordingsError

    console = Console(highlight=False)
    try:
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task("Hearing the clips")
            hearings = asyncio.run(
                measure(folders, lambda done, of: bar.update(task, completed=done, total=of))
            )
    except (RecordingsError, SpeechError, ImportError) as error:
        console.print(f"Doubled words cannot be measured: {error}", style="red", markup=False)
        return 2
    figures = figures_of(hearings)
    _show(figures, hearings, console)
    if json_file is not None:
        document = {"figures": figures, "clips": [asdict(one) for one in hearings]}
        json_file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 1 if figures["all"]["doubled"] or figures["all"]["lost"] else 0


def _show(figures: dict[str, Any], hearings: Sequence[Hearing], console: "Console") -> None:
    from rich.table import Table

    table = Table("Clips", *(name.capitalize() for name in figures["all"]))
    for way, row in figures.items():
        table.add_row(way, *map(str, row.values()))
    console.print(table)
    for one in hearings:
        if one.doubled or one.lost:
            what = "doubled" if one.doubled else "lost"
            console.print(f"{what}: {one.name}, {one.way}: {one.heard}", markup=False)
