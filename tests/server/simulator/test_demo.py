"""Whole interviews in real time: a simulated candidate, a real server, speech and record."""

import io
import json
import wave
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from audio.container import write_wav
from audio.pcm import from_bytes
from audio.speech import SPEECH_RATE, VOICE_RATE, Synthesizer
from server.simulator.demo import DemoError, run_demo
from server.store.accounts import AccountStore
from sessions.interviewer.sentences import SentenceSplitter
from sessions.plan.plan import Plan
from sessions.record.tables import TurnRow
from sessions.session_context import Providers
from tests.audio.speaking import word_error_rate
from tests.server.conftest import Speak
from tests.server.edge import SHORT_PLAN
from tests.server.stage import CHEAP_HASH, make_settings

SAID = {
    "morning": "I get up early and walk to the river with my dog.",
    "garden": "There are apples, plums and a lot of green beans.",
    "winter": "We read books by the fire and mend the old tools.",
    "market": "My sister sells our bread and honey every Saturday.",
    "weather": "The wind from the north is the worst for the trees.",
    "summer": "In July we pick the fruit from morning until night.",
}
ASKED = {
    "morning": "What do you do in the morning?",
    "garden": "What grows in your garden?",
    "winter": "How do you spend the winter?",
    "market": "Who goes to the market?",
    "weather": "Which weather is bad?",
    "summer": "What happens in summer?",
}
PLAN = Plan.model_validate(
    {
        "title": "A talk about the farm",
        "role": "gardener",
        "opening": "Hello.",
        "closing": "Thank you. Goodbye.",
        "sections": [
            {
                "title": "All of it",
                "questions": [
                    {"id": name, "text": text, "competency": name, "expects": "short"}
                    | {"must_ask": True}
                    for name, text in ASKED.items()
                ],
            }
        ],
    }
)

MAX_GAP_MS = 60.0
"""Of silence inside a sentence; more only where the figures own up to it."""


@dataclass
class Held:
    """What a demo has left behind."""

    completed: bool
    out: Path
    printed: str

    def read(self, name: str) -> Any:
        return json.loads((self.out / name).read_text(encoding="utf-8"))

    def channels(self) -> NDArray[np.int16]:
        with wave.open(str(self.out / "interview.wav")) as recording:
            assert (recording.getnchannels(), recording.getframerate()) == (2, VOICE_RATE)
            frames = recording.readframes(recording.getnframes())
        return np.frombuffer(frames, np.int16).reshape(-1, 2)


async def hold(database_url: str, folder: Path, **options: Any) -> Held:
    console = Console(file=io.StringIO(), width=100)
    settings = make_settings(folder / "viva", port=0)
    options = {"answers": None, "out": folder / "out"} | options
    completed = await run_demo(settings, database_url, console=console, **options)
    assert isinstance(console.file, io.StringIO)
    return Held(completed, options["out"], console.file.getvalue())


async def test_a_whole_interview_is_heard_understood_recorded_and_reported(
    clean_database: AsyncEngine, database_url: str, local_providers: Providers, tmp_path: Path
) -> None:
    held = await hold(database_url, tmp_path, plan=PLAN, said=SAID)
    assert held.completed, held.printed

    transcript = held.read("transcript.json")
    turns = transcript["turns"]
    heard = [turn["text"] for turn in turns if turn["speaker"] == "candidate"]
    said = transcript["candidate_said"]  # and more, where a busy machine makes it ask again
    assert [answer for answer in said if answer in SAID.values()] == list(SAID.values())
    assert len(heard) >= 6
    assert word_error_rate([" ".join(said)], [" ".join(heard)]) <= 0.05
    asked = " ".join(turn["text"] for turn in turns if turn["speaker"] == "interviewer")
    assert all(question in asked for question in ASKED.values())
    assert not any(turn["interrupted"] for turn in turns)

    async with clean_database.connect() as connection:
        rows = await connection.execute(select(TurnRow.index, TurnRow.text).order_by("index"))
        stored = [(row[0], row[1]) for row in rows]
    assert stored == [(turn["index"], turn["text"]) for turn in turns]

    figures = held.read("metrics.json")
    assert figures["completed"] is True
    assert figures["candidate_turns"] == len(heard)
    assert 0 < figures["v2v_ms"]["p50"] <= figures["v2v_ms"]["p95"]
    assert figures["v2v_server_ms"].keys() == {"p50", "p95"}
    assert all(figures["ms_after_speech_end"].values())
    assert all(figures["breakdown"].values())
    for turn in turns:
        if "voice_to_voice_ms" in (stamps := turn["latency"]):
            explained = round(sum(stamps["breakdown"].values()), 1)
            assert explained == stamps["voice_to_voice_ms"], "to the millisecond"
    assert "Voice to voice: p50" in held.printed

    candidate, interviewer = held.channels().T
    check_channels(candidate, interviewer, transcript["exchanges"])
    most_ms = max(MAX_GAP_MS, figures["longest_gap_ms"])
    await check_gaps(local_providers.synthesizer, interviewer, turns, most_ms)


def check_channels(
    candidate: NDArray[np.int16], interviewer: NDArray[np.int16], exchanges: list[dict[str, Any]]
) -> None:
    """The candidate is heard on the left while answering, the interviewer on the right between
    the answers, and neither on the other's channel."""

    def loudness(channel: NDArray[np.int16], begin_s: float, end_s: float) -> float:
        piece = channel[int(begin_s * VOICE_RATE) : int(end_s * VOICE_RATE)].astype(np.float64)
        return float(np.sqrt(np.mean(piece**2)))

    for exchange in exchanges:
        answering = (exchange["began_s"] + 0.1, exchange["ended_s"] - 0.1)
        assert loudness(candidate, *answering) > 300
        assert loudness(interviewer, *answering) < 1
    for before, after in pairwise(exchanges):
        between = (before["ended_s"] + 0.1, after["began_s"] - 0.1)
        assert loudness(candidate, *between) < 30  # the quiet room
        assert loudness(interviewer, *between) > 300


async def check_gaps(
    synthesizer: Synthesizer,
    recording: NDArray[np.int16],
    turns: list[dict[str, Any]],
    most_ms: float,
) -> None:
    """Every sentence of the interviewer is in the recording as the synthesizer made it, with no
    silence of more than `most_ms` put into it."""
    at = 0
    for turn in turns:
        if turn["speaker"] != "interviewer":
            continue
        for sentence in sentences_of(turn["text"]):
            made = from_bytes(b"".join([piece async for piece in synthesizer.speak(sentence)]))
            gap_ms, at = gap_in(recording, made, at)
            assert gap_ms <= most_ms, f"{gap_ms:.0f} ms in {sentence!r}"


def sentences_of(text: str) -> list[str]:
    """As they were given to the synthesizer: the text came word by word."""
    splitter = SentenceSplitter()
    found = [sentence for word in text.split() for sentence in splitter.feed(f"{word} ")]
    return found + splitter.flush()


def gap_in(recording: NDArray[np.int16], made: NDArray[np.int16], at: int) -> tuple[float, int]:
    """The longest silence put into `made` where the recording has it, in ms, and where it ends."""
    loud = int(np.flatnonzero(made)[0])
    begin = recording[at:].tobytes().find(made[loud : loud + 240].tobytes())
    assert begin >= 0, "the recording does not have this sentence"
    position, done, longest = at + begin // 2, loud, 0
    while done < len(made):
        rest = min(len(made) - done, len(recording) - position)
        assert rest > 0, "the recording ends in this sentence"
        differs = np.flatnonzero(made[done : done + rest] != recording[position : position + rest])
        same = int(differs[0]) if len(differs) else rest
        done, position = done + same, position + same
        if len(differs):
            silence = int(np.flatnonzero(recording[position:])[0])
            assert silence > 0, "the recording has something else"
            position, longest = position + silence, max(longest, silence)
    return longest * 1000 / VOICE_RATE, position


async def test_files_are_played_and_when_there_are_no_more_the_candidate_leaves(
    clean_database: AsyncEngine, database_url: str, speak: Speak, tmp_path: Path
) -> None:
    folder = tmp_path / "answers"
    folder.mkdir()
    write_wav(folder / "01.wav", await speak("I like the old oak."), SPEECH_RATE)
    plan = Plan.model_validate(SHORT_PLAN)
    held = await hold(database_url, tmp_path, plan=plan, answers=folder)
    assert not held.completed
    assert "nothing more to say" in held.printed
    assert "The interview did not complete: ended_by_candidate." in held.printed
    transcript = held.read("transcript.json")
    assert [turn["speaker"] for turn in transcript["turns"]] == [
        "interviewer",
        "candidate",
        "interviewer",
    ]
    assert [exchange["source"] for exchange in transcript["exchanges"]] == ["01.wav"]
    assert held.read("metrics.json")["ended"] == "ended_by_candidate"


@pytest.mark.usefixtures("real_models")
async def test_another_installations_database_is_left_alone(
    clean_database: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    await AccountStore(clean_database).create_organisation(
        "Acme", email="rita@acme.example", password_hash=CHEAP_HASH, user_name="R", role="recruiter"
    )
    with pytest.raises(DemoError, match="without the demo's recruiter"):
        await hold(database_url, tmp_path, plan=PLAN, said=SAID)
