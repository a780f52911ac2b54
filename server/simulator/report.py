"""Report of `viva demo`: the recording, the transcript, the figures, and a table."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from audio.container import write_wav
from audio.resample import resample
from audio.speech import SPEECH_RATE, VOICE_RATE
from server.simulator.candidate import SimulatedInterview
from sessions.turn_history import PARTS
from sessions.turntaking.turns import Speaker, Turn

STAGES = (
    "transcript_final",
    "first_token",
    "first_sentence",
    "first_audio",
    "endpoint",
    "first_audio_sent",
    "first_audio_played",
)
"""Stages of a reply, in ms after the end of speech."""


def write_report(out: Path, interview: SimulatedInterview, turns: Sequence[Turn]) -> dict[str, Any]:
    """Write interview.wav, transcript.json, transcript.md and metrics.json; return the figures."""
    out.mkdir(parents=True, exist_ok=True)
    write_wav(out / "interview.wav", stereo(interview), VOICE_RATE)
    transcript = {
        "turns": [_turn_record(turn) for turn in turns],
        "candidate_said": [e.said for e in interview.exchanges],
        "exchanges": [asdict(exchange) for exchange in interview.exchanges],
        "ended": interview.ended,
    }
    _write_json(out / "transcript.json", transcript)
    lines = [f"**{turn.speaker.value.capitalize()}:** {turn.heard_text}\n" for turn in turns]
    (out / "transcript.md").write_text("# Interview\n\n" + "\n".join(lines), encoding="utf-8")
    figures = metrics(interview, turns)
    _write_json(out / "metrics.json", figures)
    return figures


def metrics(interview: SimulatedInterview, turns: Sequence[Turn]) -> dict[str, Any]:
    """Return counts, waits as the candidate heard them, and what the server reports of them.

    `breakdown` are the parts of a wait (`sessions.turn_history`), `ms_after_speech_end` when each
    stage was reached.
    """
    waits = [e.v2v_ms for e in interview.exchanges if e.v2v_ms is not None]
    replies = [turn.latency for turn in turns if "voice_to_voice_ms" in turn.latency]
    stages = {
        stage: _percentiles(r[stage] - r["speech_end"] for r in replies if stage in r)
        for stage in STAGES
    }
    explained = [r.get("breakdown", {}) for r in replies]
    parts = {
        part: _percentiles(found[part] for found in explained if part in found) for part in PARTS
    }
    return {
        "turns": len(turns),
        "candidate_turns": sum(turn.speaker is Speaker.CANDIDATE for turn in turns),
        "v2v_ms": _percentiles(waits),
        "v2v_server_ms": _percentiles(r["voice_to_voice_ms"] for r in replies),
        "breakdown": parts,
        "ms_after_speech_end": stages,
        "underrun_ms": round(interview.underrun_ms, 1),
        "longest_gap_ms": round(interview.longest_gap_ms, 1),
        "thrown_away_replies": sum(turn.latency.get("thrown_away", 0) for turn in turns),
        "completed": interview.ended in ("completed", "time_limit"),
        "ended": interview.ended,
    }


def print_table(console: Console, interview: SimulatedInterview, turns: Sequence[Turn]) -> None:
    """Print turn by turn: who, how long, what, and how long the candidate waited."""
    table = Table(title="The interview, turn by turn", show_lines=False)
    for name in ("#", "who", "at s", "length s", "voice to voice ms"):
        table.add_column(name, justify="left" if name == "who" else "right")
    table.add_column("words", overflow="fold")
    for turn in turns:
        wait = turn.latency.get("voice_to_voice_ms")
        table.add_row(
            str(turn.index),
            turn.speaker.value,
            f"{turn.started_ms / 1000:.1f}",
            f"{(turn.ended_ms - turn.started_ms) / 1000:.1f}",
            "" if wait is None else f"{wait:.0f}",
            Text(turn.heard_text),  # what is said is no markup
        )
    console.print(table)


def stereo(interview: SimulatedInterview) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Return candidate left, interviewer right, at VOICE_RATE; both began at the same moment."""
    left = resample(interview.candidate, SPEECH_RATE, VOICE_RATE)
    length = max(len(left), len(interview.interviewer))
    both = np.zeros((length, 2), np.int16)
    both[: len(left), 0] = left
    both[: len(interview.interviewer), 1] = interview.interviewer
    return both


def _percentiles(values: Iterable[float]) -> dict[str, float]:
    found = list(values)
    if not found:
        return {}
    p50, p95 = np.percentile(found, [50, 95])
    return {"p50": round(float(p50), 1), "p95": round(float(p95), 1)}


def _turn_record(turn: Turn) -> dict[str, Any]:
    return {
        "index": turn.index,
        "speaker": turn.speaker.value,
        "text": turn.text,
        "heard_text": turn.heard_text,
        "started_ms": turn.started_ms,
        "ended_ms": turn.ended_ms,
        "confidence": turn.confidence,
        "interrupted": turn.interrupted,
        "move": dict(turn.move),
        "latency": dict(turn.latency),
        "usage": dict(turn.usage),
    }


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
