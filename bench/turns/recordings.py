"""Recorded answers of the bench of turns: a folder of NAME.wav or NAME.flac, and NAME.json each."""

import glob
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.container import AudioFileError, read_audio
from audio.speech import SPEECH_RATE
from sessions.plan.plan import AnswerShape, demo_plan

SUFFIXES = (".wav", ".flac")
LABELS = ("resume", "stop")


class RecordingsError(Exception):
    """The folder cannot be used; the text says which file and why."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One answer, or one sound made while the interviewer speaks (`label` "resume" or "stop").

    `sound` is mono PCM16 at SPEECH_RATE, and `end_of_turn` the sample of it with which speech ends.
    `kind` is the kind of answer, where the recording states it.
    """

    name: str
    text: str
    question: str
    sound: NDArray[np.int16]
    end_of_turn: int
    longest_pause_ms: float
    label: str | None = None
    kind: str | None = None


def read_recordings(folder: Path) -> list[Recording]:
    """Read all recordings, in the order of their names. Raises RecordingsError."""
    if not folder.is_dir():
        raise RecordingsError(f"{folder} is no folder.")
    recordings = [
        _read(path, sound)
        for path in sorted(folder.glob("*.json"))
        for sound in [_sound_beside(path)]
        if sound is not None
    ]
    if not recordings:
        raise RecordingsError(
            f"{folder} holds no recordings: pairs of NAME.json and NAME.wav or NAME.flac."
        )
    return recordings


def _sound_beside(path: Path) -> Path | None:
    beside = sorted(path.parent.glob(f"{glob.escape(path.stem)}.*"))
    return next((sound for sound in beside if sound.suffix.lower() in SUFFIXES), None)


def _read(path: Path, sound_path: Path) -> Recording:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        sound = read_audio(sound_path, SPEECH_RATE)
        return _recording(path.stem, document, sound)
    except AudioFileError as error:
        raise RecordingsError(str(error)) from error
    except KeyError as error:
        raise RecordingsError(f"The file {path} has no {error.args[0]}.") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise RecordingsError(f"The file {path} is not as it should be: {error}.") from error


def _recording(name: str, document: Mapping[str, Any], sound: NDArray[np.int16]) -> Recording:
    rate = int(document["sample_rate"])
    if rate <= 0:
        raise ValueError("sample_rate must be positive")
    label = document.get("label")
    if label is not None and label not in LABELS:
        raise ValueError("label is neither resume nor stop")
    last = len(sound) - 1
    end = last if label is not None else round(int(document["end_of_turn"]) * SPEECH_RATE / rate)
    if not 0 <= end <= last + SPEECH_RATE // 100:  # decoders round by a few samples
        raise ValueError("end_of_turn lies outside the sound")
    pauses = [int(pause["duration"]) * 1000 / rate for pause in document.get("pauses") or ()]
    return Recording(
        name=name,
        text=str(document.get("text") or ""),
        question=str(document.get("question") or ""),
        sound=sound,
        end_of_turn=min(end, last),
        longest_pause_ms=max(pauses, default=0.0),
        label=label,
        kind=document.get("kind"),
    )


# --- the question --------------------------------------------------------------------------------

_YES_NO_STARTS = frozenset(
    "are is was were am do does did have has had can could will would should may must shall "
    "isn't aren't don't didn't haven't hasn't won't wouldn't".split()
)
_TELLING = frozenset(
    "tell describe explain walk talk share give say elaborate show name outline summarize "
    "summarise spell repeat list introduce go".split()
)
"""With one of these, "could you" asks for more than a yes."""

_LEAD_IN = re.compile(r"^((so|and|but|well|okay|ok|now|then|finally|thanks|also|first)\b,? )+")
_INVITATION = re.compile(
    r"\b(any questions|anything (else )?(that )?you('d| would) like to (ask|know))"
)

_SHAPES: tuple[tuple[AnswerShape, str], ...] = (
    (AnswerShape.SPELLING, r"\bspell|\b(tele)?phone number|\be-?mail address|reference number"
                           r"|\b(post|zip) ?code|(letter by letter|digit by digit)"),
    (AnswerShape.STORY, r"\ba time (when|you|that)|\ban? (situation|occasion|example of|bug|mistake"
                        r"|project|conflict|challenge)\b|something you('re| are) proud"
                        r"|what happened"),
    (AnswerShape.NUMBER, r"^how (many|much|old)\b|as a number|\b(what|which) (year|number)\b"
                         r"|\bsalary expectation"),
    (AnswerShape.SHORT, r"^(where|when|who|how (long|often|far))\b|\bwhat('s| is) (the|your) name\b"
                        r"|\bnotice period|\b(which|what) (city|town|country|company|language"
                        r"|programming language)\b|^what is your current\b"
                        r"|^which (one )?(do|would) you prefer\b"),
)  # fmt: skip


def shape_of(question: str) -> AnswerShape:
    """Return the kind of answer that the question expects, as the author of a plan would state it:
    looked up in the demo plan, or inferred from its words."""
    plain = _plain(question)
    if plain in _demo_shapes():
        return _demo_shapes()[plain]
    last = _LEAD_IN.sub("", re.split(r"[.?!:] ", plain.rstrip("?!. "))[-1])
    words = re.findall(r"[a-z']+", last)
    if _INVITATION.search(last):
        return AnswerShape.QUESTIONS
    if words and words[0] in _YES_NO_STARTS and not _TELLING.intersection(words):
        return AnswerShape.SHORT if "or" in words[2:] else AnswerShape.YES_NO
    for shape, pattern in _SHAPES:
        if re.search(pattern, last) or re.search(pattern, plain):
            return shape
    return AnswerShape.EXPLANATION


@cache
def _demo_shapes() -> dict[str, AnswerShape]:
    return {
        _plain(text): question.expects
        for question in demo_plan().questions()
        for text in (question.text, *question.rephrased)
    }


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
