"""The bench of the telephone: how well a line is heard, on the project's own corpus.

The answers of the corpus (`bench.corpus`) are sent over a line: only 300 to 3,400 Hz, mu-law at
8 kHz, in packets of 20 ms, and decoded as a bridge's sound is (`server.dialects.telephony.codec`).
Told are the word error rate of the local model, and how much of the speech the voice model finds,
against the same answers at full width.
"""

import asyncio
import json
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from audio.g711 import ulaw_encode
from audio.pcm import AudioFormat, Encoding, samples_of, to_float32, to_int16
from audio.resample import resample
from audio.speech import SPEECH_RATE
from audio.vad import TELEPHONE_RULES, WINDOW, SpeechDetector, VadBank, VadRules
from bench.corpus import generate as corpus
from bench.corpus import sounds
from server.dialects.telephony.codec import Receiver

if TYPE_CHECKING:
    from audio.speech import Transcriber

BAND_HZ = (300.0, 3_400.0)
"""What a telephone line passes (ITU-T G.712)."""

LINE = AudioFormat(8_000, Encoding.ULAW)
PACKET = 160
MOST_WER = 0.12

Sound = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Item:
    """One answer at full width, and where in it there is speech; positions at SPEECH_RATE.
    `condition` is the corpus's: clean, noise10, quiet ..."""

    text: str
    condition: str
    sound: Sound
    begin: int
    end: int
    pauses: tuple[tuple[int, int], ...]


def over_the_line(sound: Sound) -> Sound:
    """Return what a session hears of the sound on the telephone."""
    banded = to_int16(sounds.band(to_float32(sound), *BAND_HZ))
    line = ulaw_encode(resample(banded, SPEECH_RATE, LINE.sample_rate))
    receiver = Receiver(LINE)
    pieces = [receiver.decode(line[at : at + PACKET]) for at in range(0, len(line), PACKET)]
    return np.concatenate(pieces)


async def make_items(count: int, voice: corpus.Voice) -> list[Item]:
    """Make the first `count` answers of the corpus, in its rooms and at its levels."""
    return [await _item(script, voice) for script in corpus.answer_scripts(count)]


async def _item(script: corpus.Script, voice: corpus.Voice) -> Item:
    rng = np.random.default_rng(script.seed)
    condition = str(rng.choice(corpus.CONDITIONS))
    factor = float(rng.choice(corpus.SPEED_FACTORS))
    spoken = await corpus.speak(script, voice, factor, rng)
    lead = samples_of(float(rng.uniform(200, 900)), SPEECH_RATE)
    sound = to_int16(corpus.in_a_room(spoken.sound, lead, condition, False, rng))
    pauses = tuple((lead + start, duration) for start, duration in spoken.pauses)
    text = " ".join(re.sub(r"[|/]", " ", script.words).split())
    return Item(text, condition, sound, lead, lead + spoken.sound.size, pauses)


def voice_activity(
    items: list[Item], heard: Callable[[Sound], Sound], rules: VadRules
) -> dict[str, float]:
    """Measure the shares of speech found and of silence taken for speech, the answers in which
    nothing was found, and how late the first word was noticed, in ms."""
    found = speech = wrong = silence = missed = 0
    onsets: list[float] = []
    for item in items:
        truth = np.zeros(item.sound.size, bool)
        truth[item.begin : item.end] = True
        for start, duration in item.pauses:
            truth[start : start + duration] = False
        said, first = _found(heard(item.sound), rules, truth.size)
        found += int((truth & said).sum())
        speech += int(truth.sum())
        wrong += int((~truth & said).sum())
        silence += int((~truth).sum())
        if first is None:
            missed += 1
        else:
            onsets.append((first - item.begin) * 1000 / SPEECH_RATE)
    p50, p95 = np.percentile(onsets, [50, 95])
    return {
        "speech_found": round(found / speech, 4),
        "silence_taken_for_speech": round(wrong / silence, 4),
        "answers_not_noticed": missed,
        "onset_ms_p50": round(float(p50), 1),
        "onset_ms_p95": round(float(p95), 1),
    }


def _found(sound: Sound, rules: VadRules, samples: int) -> tuple[NDArray[np.bool_], int | None]:
    """Return where speech was found, and its first sample."""
    bank = VadBank(max_windows_a_run=sound.size // WINDOW + 1)
    stream = bank.open()
    stream.feed(sound)
    detector = SpeechDetector(rules)
    said = np.zeros(samples, bool)
    first = begin = None
    for probability in bank.run()[0][1]:
        edge = detector.update(float(probability))
        if edge is None:
            continue
        if edge.started:
            begin = edge.sample
            first = begin if first is None else first
        else:
            said[begin : edge.sample] = True
            begin = None
    if begin is not None:
        said[begin:] = True
    return said, first


async def words_heard(
    items: list[Item], heard: Callable[[Sound], Sound], transcriber: "Transcriber"
) -> list[str]:
    """Transcribe each. Raises SpeechError."""
    return [(await transcriber.transcribe(heard(item.sound))).text for item in items]


def word_error_rates(items: list[Item], words: list[str]) -> dict[str, float]:
    """Return the share of words wrong, missing or too many, of all and by condition.

    Spelling does not count.
    """
    import jiwer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an escape in its source
        from whisper_normalizer.english import EnglishTextNormalizer
    plain = EnglishTextNormalizer()
    rates: dict[str, float] = {}
    for condition in ("all", *sorted({item.condition for item in items})):
        chosen = [
            (plain(item.text), plain(text))
            for item, text in zip(items, words, strict=True)
            if condition in ("all", item.condition)
        ]
        said, found = map(list, zip(*chosen, strict=True))
        rates[condition] = round(float(jiwer.wer(said, found)), 4)
    return rates


async def measure(count: int) -> dict[str, Any]:
    """Measure all figures, in one document. Raises SpeechError."""
    from audio.local_voice import LocalVoice
    from audio.local_whisper import LocalWhisper

    synthesizer, transcriber = LocalVoice(), LocalWhisper("tiny.en")
    try:
        items = await make_items(count, corpus.Voice(synthesizer))
        return {
            "answers": len(items),
            "seconds": round(sum(item.sound.size for item in items) / SPEECH_RATE, 1),
            "model": transcriber.model,
            "wer_16_khz": word_error_rates(items, await words_heard(items, _as_it_is, transcriber)),
            "wer_telephone": word_error_rates(
                items, await words_heard(items, over_the_line, transcriber)
            ),
            "vad_16_khz": voice_activity(items, _as_it_is, VadRules()),
            "vad_telephone": voice_activity(items, over_the_line, TELEPHONE_RULES),
        }
    finally:
        await synthesizer.close()
        await transcriber.close()


def _as_it_is(sound: Sound) -> Sound:
    return sound


def telephone_command(count: int, json_file: Path | None) -> int:
    """Run the bench. Returns 1 if more words are wrong than is allowed, 2 if it cannot be run."""
    from rich.console import Console
    from rich.table import Table

    from audio.speech import SpeechError

    console = Console()
    try:
        with console.status("Speaking and hearing the corpus ..."):
            figures = asyncio.run(measure(count))
    except (SpeechError, ImportError) as error:
        console.print(f"The telephone cannot be measured: {error}", style="red")
        return 2
    table = Table(title=f"{figures['answers']} answers, {figures['seconds']:.0f} s")
    for name in ("", "16 kHz", "telephone"):
        table.add_column(name, justify="right" if name else "left")
    for condition in figures["wer_telephone"]:
        rates = [f"{figures[f'wer_{way}'][condition]:.1%}" for way in _WAYS]
        table.add_row(f"word error rate, {condition}", *rates)
    for name in figures["vad_telephone"]:
        row = [figures[f"vad_{way}"][name] for way in _WAYS]
        table.add_row(name.replace("_", " "), *map(str, row))
    console.print(table)
    if json_file is not None:
        json_file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0 if figures["wer_telephone"]["all"] <= MOST_WER else 1


_WAYS = ("16_khz", "telephone")
