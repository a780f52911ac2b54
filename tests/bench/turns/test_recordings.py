"""Folders of recordings: whatever the rate and the container, positions mean the same moment."""

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from audio.container import write_wav
from audio.speech import SPEECH_RATE
from bench.turns.recordings import RecordingsError, read_recordings, shape_of
from sessions.plan.plan import AnswerShape


def tone(seconds: float, rate: int) -> NDArray[np.int16]:
    wave: NDArray[np.float64] = 8_000 * np.sin(
        2 * np.pi * 440 / rate * np.arange(int(seconds * rate))
    )
    return wave.astype(np.int16)


def describe(path: Path, rate: int, **fields: Any) -> None:
    """An answer whose speech ends after a second."""
    document = {"text": "Yes.", "sample_rate": rate, "question": "Is it?", "end_of_turn": rate}
    document |= {"pauses": [{"start": rate // 4, "duration": rate // 2}], **fields}
    kept = {name: value for name, value in document.items() if value is not ...}
    path.write_text(json.dumps(kept), encoding="utf-8")


def write_flac(path: Path, samples: NDArray[np.int16], rate: int) -> None:
    with av.open(str(path), "w", format="flac") as container:
        stream = container.add_stream("flac", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
def test_positions_are_the_same_moments_at_any_rate(tmp_path: Path, rate: int) -> None:
    write_wav(tmp_path / "a.wav", tone(1.5, rate), rate)
    write_flac(tmp_path / "b.flac", tone(1.5, rate), rate)
    write_wav(tmp_path / "C.WAV", tone(1.5, rate), rate)
    for name in ("a", "b", "C"):
        describe(tmp_path / f"{name}.json", rate)
    recordings = read_recordings(tmp_path)
    assert [one.name for one in recordings] == ["C", "a", "b"]
    for one in recordings:
        assert one.end_of_turn == SPEECH_RATE
        assert abs(len(one.sound) - 1.5 * SPEECH_RATE) < 50
        assert one.longest_pause_ms == 500
        assert (one.text, one.question, one.label) == ("Yes.", "Is it?", None)


def test_sounds_over_the_interviewer_need_no_end_and_no_words(tmp_path: Path) -> None:
    write_wav(tmp_path / "cough.wav", tone(0.3, 16_000), 16_000)
    describe(
        tmp_path / "cough.json", 16_000,
        label="resume", text=None, question=None, end_of_turn=..., pauses=...,
    )  # fmt: skip
    (recording,) = read_recordings(tmp_path)
    assert recording.label == "resume"
    assert recording.end_of_turn == len(recording.sound) - 1
    assert recording.text == ""
    assert recording.question == ""


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"sample_rate": ...}, "has no sample_rate"),
        ({"end_of_turn": ...}, "has no end_of_turn"),
        ({"sample_rate": 0}, "must be positive"),
        ({"end_of_turn": 99_999}, "outside the sound"),
        ({"end_of_turn": -1}, "outside the sound"),
        ({"end_of_turn": "late"}, "not as it should be"),
        ({"label": "maybe"}, "neither resume nor stop"),
        ({"pauses": [3]}, "not as it should be"),
    ],
)
def test_what_is_wrong_is_told_with_the_file(
    tmp_path: Path, fields: dict[str, Any], complaint: str
) -> None:
    write_wav(tmp_path / "a.wav", tone(1.5, 16_000), 16_000)
    describe(tmp_path / "a.json", 16_000, **fields)
    with pytest.raises(RecordingsError, match=rf"a\.json .*{complaint}"):
        read_recordings(tmp_path)


def test_files_that_are_no_recordings_are_refused_or_passed_over(tmp_path: Path) -> None:
    with pytest.raises(RecordingsError, match="is no folder"):
        read_recordings(tmp_path / "nowhere")
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(RecordingsError, match="holds no recordings"):
        read_recordings(tmp_path)
    (tmp_path / "a.json").write_text("not JSON")
    (tmp_path / "a.wav").write_bytes(b"not sound")
    with pytest.raises(RecordingsError, match=r"a\.json is not as it should be"):
        read_recordings(tmp_path)
    (tmp_path / "a.json").write_text("[]")
    with pytest.raises(RecordingsError, match=r"a\.wav is not audio"):
        read_recordings(tmp_path)


@pytest.mark.parametrize(
    ("question", "shape"),
    [
        ("Have you been on call for a system in production?", AnswerShape.YES_NO),
        ("Thank you. Do you speak French?", AnswerShape.YES_NO),
        ("Have you ever led a project?", AnswerShape.YES_NO),
        ("Could you describe your team?", AnswerShape.EXPLANATION),
        ("Can you give me an example of a conflict?", AnswerShape.STORY),
        ("Tell me about a time when you failed.", AnswerShape.STORY),
        ("Could you spell your name?", AnswerShape.SPELLING),
        ("How many people did you lead?", AnswerShape.NUMBER),
        ("Where do you live?", AnswerShape.SHORT),
        ("How do you decide when to stop?", AnswerShape.EXPLANATION),
        ("So, is Python your main language?", AnswerShape.YES_NO),
        ("Do you prefer working alone or in a team?", AnswerShape.SHORT),
        ("What are your salary expectations?", AnswerShape.NUMBER),
        ("Finally, do you have any questions for us?", AnswerShape.QUESTIONS),
        ("", AnswerShape.EXPLANATION),
    ],
)
def test_a_question_tells_the_shape_of_its_answer(question: str, shape: AnswerShape) -> None:
    assert shape_of(question) is shape


def test_a_question_of_the_demo_plan_has_the_shape_the_plan_gives_it() -> None:
    asked = "Please tell me about a bug or an outage that was hard to find. "
    asked += "How did you get to the bottom of it?"
    assert shape_of(asked) is AnswerShape.STORY
