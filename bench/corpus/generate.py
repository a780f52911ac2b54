"""Generates the public corpus of the bench of turns: spoken answers with thinking pauses.

Bit for bit the same every time: the voice's noise, every pause, level and room are drawn from fixed
seeds. The corpus is not part of the project; the SHA-256 of each of its files is (tuned.sha256,
held_out.sha256). `python -m bench corpus DIR` writes it, `python -m bench corpus --check` generates
it anew and compares. `--held-out` selects the other corpus, on whose texts nothing was tuned.

Each item is NAME.wav and NAME.json: `text`, `sample_rate`, `question` (the words of the question
asked, or what the interviewer is saying meanwhile), `end_of_turn` (last sample of speech), `pauses`
([{`start`, `duration`}], samples), for sounds made while the interviewer speaks `label` ("resume"
or "stop"), and in the mixes (`--mix`) the `kind` of answer.
"""

import asyncio
import hashlib
import itertools
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from audio.container import wav_bytes
from audio.pcm import from_bytes, samples_of, to_float32, to_int16
from audio.resample import resample
from audio.speech import SPEECH_RATE, VOICE_RATE, Synthesizer
from bench.corpus import sounds
from bench.corpus.held_out_texts import HELD_OUT
from bench.corpus.mix_texts import MIXES
from bench.corpus.texts import INTERVIEWER_SPEECHES, TUNED, Texts

ALL = 1_000
"""More than any of the corpora has."""

MANIFESTS = {
    TUNED.seed: Path(__file__).with_name("tuned.sha256"),
    HELD_OUT.seed: Path(__file__).with_name("held_out.sha256"),
}

SHARE_WITHOUT_PAUSES = 0.1
"""Of the answers that have a place for a pause."""

PAUSE_MS = (500.0, 2_500.0)
"""Pauses in the middle of a thought are drawn evenly from this range, one to four of all kinds in
an answer. A plain rule of 1.0 s of silence then cuts off more than half of the answers."""

COMPLETE_PAUSE_MS = (500.0, 1_250.0)
"""Pauses after what could be all. Whoever stays silent for longer there has, as far as anybody can
hear, finished: the words alone cannot tell these pauses from the end."""

COUNTING_PAUSE_MS = (500.0, 2_000.0)
"""Pauses between groups of digits or letters."""

SPEECH_DBFS, QUIET_DBFS, LOUD_DBFS = -24.0, -40.0, -10.0
ROOM_DBFS = -68.0
"""A quiet room: no microphone yields pure zeros."""

SPEED_FACTORS = (0.9, 0.95, 1.0, 1.06, 1.12)
"""Playing the one voice slower and faster makes lower and higher ones of it."""

EDGE = 200 / 32_768
"""Amplitude below which an edge is silence: -44 dBFS, under the softest consonant of the voice."""

CONDITIONS = (
    *("clean",) * 10,
    *("noise20", "noise15", "noise10") * 2,
    *("telephone",) * 3,
    "quiet",
    "loud",
)
"""Drawn from evenly; noiseN is room noise N dB below the speech."""

TAIL_MS = {"clean": 300.0, "quiet": 300.0, "loud": 300.0}
NOISY_TAIL_MS = 3_000.0
"""A noisy room stays noisy after the answer."""

ECHO_FROM_MS = 1_500.0
ECHO_DBFS = -42.0


@dataclass(frozen=True, slots=True)
class Script:
    """The description of one item.

    `words` has `|` and `/` where pauses may be (see `bench.corpus.texts`); `label` is set for
    sounds made over the interviewer; `sound` names one that is not words; `counting` says that the
    answer is digits or letters; `kind` is written down where it is set.
    """

    name: str
    question: str
    words: str
    seed: tuple[int, ...]
    label: str | None = None
    sound: str | None = None
    counting: bool = False
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """Speech on a silent ground: float32 at SPEECH_RATE, positions in its samples."""

    sound: sounds.Sound
    pauses: tuple[tuple[int, int], ...]


class Voice:
    """The local voice at SPEECH_RATE, with the silence at both ends taken off."""

    def __init__(self, synthesizer: Synthesizer) -> None:
        self._synthesizer = synthesizer
        self._said: dict[str, NDArray[np.int16]] = {}

    async def say(self, text: str, factor: float = 1.0) -> sounds.Sound:
        """Speak the text, as fast and high as `factor` says."""
        if text not in self._said:
            pieces = [piece async for piece in self._synthesizer.speak(text)]
            self._said[text] = from_bytes(b"".join(pieces))
        sound = to_float32(resample(self._said[text], round(VOICE_RATE * factor), SPEECH_RATE))
        loud = np.flatnonzero(np.abs(sound) > EDGE)
        return sound[loud[0] : loud[-1] + 1]


def answer_scripts(count: int = ALL, texts: Texts = TUNED) -> list[Script]:
    """List the answers, all kinds in turn; the longer ones twice, with other pauses."""
    once = [_told(texts, kind, 0) for kind in texts.kinds]
    again = [_told(texts, kind, 1) for kind in texts.again]
    return list(itertools.islice(_in_turn(once + again), count))


def _told(texts: Texts, kind: str, version: int) -> list[Script]:
    pairs = [(question, words) for question, many in texts.kinds[kind].items() for words in many]
    number = list(texts.kinds).index(kind)
    return [
        Script(
            name=f"{kind}-{place + 1 + version * len(pairs):03d}",
            question=question,
            words=words,
            seed=(texts.seed, 0, number, version, place),
            counting=kind == "number",
            kind=kind if texts in MIXES.values() else None,
        )
        for place, (question, words) in enumerate(pairs)
    ]


def interjection_scripts(count: int = ALL, texts: Texts = TUNED) -> list[Script]:
    """List the sounds over the interviewer, each twice: words and noises that mean nothing, and
    words that take the floor."""
    resumes: list[tuple[str, str | None]] = [*((words, None) for words in texts.resumes)] * 2
    resumes += [("", sound) for sound in ("cough", "knock", "keyboard", "echo")] * 4
    stops: list[tuple[str, str | None]] = [*((words, None) for words in texts.stops)] * 2
    seed = texts.seed
    resumed = [_interjection(seed, "resume", *one, place) for place, one in enumerate(resumes)]
    stopped = [_interjection(seed, "stop", *one, place) for place, one in enumerate(stops)]
    return list(itertools.islice(_in_turn([resumed, stopped]), count))


def _interjection(seed: int, label: str, words: str, sound: str | None, place: int) -> Script:
    return Script(
        name=f"interjection-{label}-{place + 1:03d}",
        question=INTERVIEWER_SPEECHES[place % len(INTERVIEWER_SPEECHES)],
        words=words,
        seed=(seed, 1, label == "stop", place),
        label=label,
        sound=sound,
    )


def _in_turn(lists: Sequence[Sequence[Script]]) -> Iterator[Script]:
    """Take one of each list after the other, so that any beginning has all kinds."""
    for row in itertools.zip_longest(*lists):
        yield from (script for script in row if script is not None)


# --- making one item -----------------------------------------------------------------------------


async def make(script: Script, voice: Voice) -> tuple[bytes, dict[str, Any]]:
    """Make one item. Returns its WAV file and its JSON document."""
    rng = np.random.default_rng(script.seed)
    condition = str(rng.choice(CONDITIONS))
    factor = float(rng.choice(SPEED_FACTORS))
    if script.sound is not None:
        spoken = Spoken(await _noise(script, voice, rng), ())
        condition = "clean"
    else:
        spoken = await speak(script, voice, factor, rng)
    lead = 0 if script.sound == "echo" else samples_of(float(rng.uniform(200, 900)), SPEECH_RATE)
    sound = in_a_room(spoken.sound, lead, condition, script.sound == "echo", rng)
    rate = SPEECH_RATE
    samples = to_int16(sound)
    if condition == "telephone":
        samples, rate = sounds.telephone(sound), sounds.TELEPHONE_RATE
    scale = rate / SPEECH_RATE
    document: dict[str, Any] = {
        "text": " ".join(re.sub(r"[|/]", " ", script.words).split()),
        "sample_rate": rate,
        "question": script.question,
        "end_of_turn": int((lead + spoken.sound.size - 1) * scale),
        "pauses": [
            {"start": round((lead + start) * scale), "duration": round(duration * scale)}
            for start, duration in spoken.pauses
        ],
    }
    if script.label is not None:
        document["label"] = script.label
    if script.kind is not None:
        document["kind"] = script.kind
    return wav_bytes(samples, rate), document


async def speak(script: Script, voice: Voice, factor: float, rng: np.random.Generator) -> Spoken:
    """Speak the words, with pauses drawn where there may be some."""
    pieces = _with_pauses(script, rng)
    sound: list[sounds.Sound] = []
    pauses: list[tuple[int, int]] = []
    at = 0
    for text, pause_ms in pieces:
        said = await voice.say(text, factor)
        silence = samples_of(pause_ms, SPEECH_RATE)
        at += said.size
        if silence:
            pauses.append((at, silence))
        at += silence
        sound += [said, np.zeros(silence, np.float32)]
    return Spoken(np.concatenate(sound), tuple(pauses))


def _with_pauses(script: Script, rng: np.random.Generator) -> list[tuple[str, float]]:
    """Draw the pauses. Returns the pieces said in one breath, each with the length of the pause
    after it (ms)."""
    parts = [part.strip() for part in re.split(r"([|/])", script.words)]
    places = len(parts) // 2
    wanted = 0 if rng.random() < SHARE_WITHOUT_PAUSES else int(rng.integers(1, 5))
    chosen = set(rng.permutation(places)[:wanted].tolist())
    pieces: list[tuple[str, float]] = []
    breath = [parts[0]]
    for place in range(places):
        if place in chosen:
            pieces.append((" ".join(breath), _pause_ms(script, parts[2 * place + 1], rng)))
            breath = []
        breath.append(parts[2 * place + 2])
    return [*pieces, (" ".join(breath), 0.0)]


def _pause_ms(script: Script, place: str, rng: np.random.Generator) -> float:
    if place == "/":
        return float(rng.uniform(*COMPLETE_PAUSE_MS))
    return float(rng.uniform(*(COUNTING_PAUSE_MS if script.counting else PAUSE_MS)))


async def _noise(script: Script, voice: Voice, rng: np.random.Generator) -> sounds.Sound:
    match script.sound:
        case "cough":
            return sounds.cough(rng)
        case "knock":
            return sounds.door_knock(rng)
        case "keyboard":
            return sounds.keyboard(rng)
        case _:
            said = await voice.say(script.question)
            begin = samples_of(ECHO_FROM_MS, SPEECH_RATE)
            return sounds.echo_of(said[begin : begin + 3 * SPEECH_RATE])


def in_a_room(
    speech: sounds.Sound, lead: int, condition: str, echo: bool, rng: np.random.Generator
) -> sounds.Sound:
    """Put the speech at its level into a room: before, around and after it."""
    level = {"quiet": QUIET_DBFS, "loud": LOUD_DBFS}.get(condition, SPEECH_DBFS)
    level = ECHO_DBFS if echo else level
    tail = samples_of(TAIL_MS.get(condition, NOISY_TAIL_MS), SPEECH_RATE)
    noise = level - int(condition[5:]) if condition.startswith("noise") else ROOM_DBFS
    whole = sounds.room(lead + speech.size + tail, noise, rng)
    whole[lead : lead + speech.size] += sounds.at_level(speech, level)
    return np.clip(whole, -1, 32_767 / 32_768)


# --- the whole -----------------------------------------------------------------------------------


def write_corpus(
    folder: Path,
    *,
    answers: int = ALL,
    interjections: int = ALL,
    texts: Texts = TUNED,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> dict[str, str]:
    """Write the corpus, or a part that has all kinds. Returns the SHA-256 of each file by its name.

    `progress` is called with how many items of how many are done. Raises OSError, SpeechError.
    """
    scripts = answer_scripts(answers, texts) + interjection_scripts(interjections, texts)
    folder.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_write(folder, scripts, progress))


async def _write(
    folder: Path, scripts: Sequence[Script], progress: Callable[[int, int], None]
) -> dict[str, str]:
    from audio.local_voice import LocalVoice

    synthesizer = LocalVoice()
    voice = Voice(synthesizer)
    hashes: dict[str, str] = {}
    try:
        for done, script in enumerate(scripts, 1):
            wav, document = await make(script, voice)
            text = json.dumps(document, indent=1) + "\n"
            for name, data in ((f"{script.name}.wav", wav), (f"{script.name}.json", text.encode())):
                (folder / name).write_bytes(data)
                hashes[name] = hashlib.sha256(data).hexdigest()
            progress(done, len(scripts))
    finally:
        await synthesizer.close()
    return hashes


def manifest_lines(hashes: dict[str, str]) -> str:
    """Format the hashes as sha256sum does, so that `sha256sum -c` understands them too."""
    return "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes))


def differing(hashes: dict[str, str], manifest: str) -> list[str]:
    """Return the names of files that are not as the manifest says, or are missing on one side."""
    listed = {name: digest for digest, name in (line.split() for line in manifest.splitlines())}
    return sorted(
        name for name in listed.keys() | hashes.keys() if listed.get(name) != hashes.get(name)
    )


def corpus_command(folder: Path | None, *, check: bool, texts: Texts = TUNED) -> bool:
    """Write the corpus to `folder`, or (`check`) to a temporary folder, and compare it with the
    manifest. Returns whether all is well."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console()
    with Progress(console=console, transient=True) as bar, tempfile.TemporaryDirectory() as passing:
        task = bar.add_task("Speaking the corpus")

        def show(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        hashes = write_corpus(folder or Path(passing), texts=texts, progress=show)
    if folder is not None:
        console.print(f"{len(hashes) // 2} items are in {folder}.", highlight=False)
    if not check:
        return True
    manifest = MANIFESTS[texts.seed]
    wrong = differing(hashes, manifest.read_text(encoding="utf-8"))
    if wrong:
        console.print(
            f"{len(wrong)} of {len(hashes)} files are not as {manifest.name} lists them, the first"
            f" is {wrong[0]}. Another processor may round the voice differently; on one machine"
            " the corpus is the same every time.",
            style="red",
            highlight=False,
        )
    else:
        console.print(f"All {len(hashes)} files are as {manifest.name} lists them.")
    return not wrong


def main(
    folder: Annotated[Path | None, typer.Argument(help="Where to write it.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Compare with its manifest.")] = False,
    held_out: Annotated[
        bool, typer.Option("--held-out", help="The texts that no rule was tuned on.")
    ] = False,
    mix: Annotated[str | None, typer.Option(help="demo or untidy: answers of all kinds.")] = None,
) -> None:
    """Write the public corpus of the bench of turns."""
    if folder is None and not check:
        raise typer.BadParameter("Name a folder to write to, or --check.")
    if mix is not None and (mix not in MIXES or check or held_out):
        raise typer.BadParameter("A mix is demo or untidy, and has no manifest.")
    texts = HELD_OUT if held_out else MIXES[mix] if mix else TUNED
    raise typer.Exit(0 if corpus_command(folder, check=check, texts=texts) else 1)


if __name__ == "__main__":
    typer.run(main)
