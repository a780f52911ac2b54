"""The corpus: the same every time, labelled to the sample, and hard enough to mean something."""

import io
import json
import re
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from audio.local_voice import LocalVoice
from bench.__main__ import app
from bench.corpus.generate import (
    CONDITIONS,
    MANIFESTS,
    Script,
    Voice,
    answer_scripts,
    differing,
    interjection_scripts,
    make,
    manifest_lines,
    write_corpus,
)
from bench.corpus.held_out_texts import HELD_OUT
from bench.corpus.mix_texts import MIXES
from bench.corpus.sounds import TELEPHONE_RATE
from bench.corpus.texts import TUNED, Texts
from bench.turns.recordings import read_recordings
from sessions.turntaking.endpointing.whole_requests import is_whole_request


def sound_of(wav: bytes) -> tuple[NDArray[np.int16], int]:
    with wave.open(io.BytesIO(wav)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2"), file.getframerate()


def level(samples: NDArray[np.int16]) -> float:
    return float(np.sqrt(np.mean(np.square(samples.astype(np.float64)))))


@pytest.fixture(scope="module")
async def voice(real_models: None) -> AsyncIterator[Voice]:
    synthesizer = LocalVoice()
    yield Voice(synthesizer)
    await synthesizer.close()


@pytest.mark.usefixtures("real_models")
def test_it_is_made_bit_for_bit_the_same_again(tmp_path: Path) -> None:
    first = write_corpus(tmp_path / "first", answers=5, interjections=8)
    again = write_corpus(tmp_path / "again", answers=5, interjections=8)
    assert first == again
    assert len(first) == 2 * 13
    for name in first:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    recordings = read_recordings(tmp_path / "first")
    assert {one.label for one in recordings} == {None, "resume", "stop"}
    assert all(one.question for one in recordings)


async def test_pauses_and_the_end_of_the_turn_are_where_the_labels_say(voice: Voice) -> None:
    rooms = {script.name: condition_of(script) for script in answer_scripts()}
    quiet = [script for script in answer_scripts() if rooms[script.name] in ("clean", "telephone")]
    checked = 0
    for script in quiet[:20]:
        wav, document = await make(script, voice)
        samples, rate = sound_of(wav)
        end, around = document["end_of_turn"], rate // 50
        speech = level(samples[:end])
        assert level(samples[end - 2 * around : end + 1]) > level(samples[end + around :])
        assert level(samples[end + around :]) < speech / 10
        for pause in document["pauses"]:
            begin, length = pause["start"], pause["duration"]
            assert rate * 0.5 - 1 <= length <= rate * 2.5 + 1
            assert level(samples[begin + around : begin + length - around]) < speech / 10
            assert level(samples[begin - 10 * around : begin]) > speech / 10
            checked += 1
    assert checked > 10


def condition_of(script: Script) -> str:
    """The first thing that is drawn for an item."""
    return str(np.random.default_rng(script.seed).choice(CONDITIONS))


async def test_a_telephone_call_has_eight_thousand_samples_a_second(voice: Voice) -> None:
    scripts = [Script("a", "Yes?", "Yes, I do.", (1, number)) for number in range(30)]
    made = [await make(script, voice) for script in scripts]
    calls = [wav for wav, document in made if document["sample_rate"] == TELEPHONE_RATE]
    assert calls
    for wav in calls:
        samples, rate = sound_of(wav)
        assert rate == TELEPHONE_RATE
        assert len(np.unique(samples)) <= 256  # what mu-law can say


def test_every_item_has_a_name_and_words_of_its_kind() -> None:
    scripts = answer_scripts() + interjection_scripts()
    names = [script.name for script in scripts]
    assert len(names) == len(set(names))
    assert sum(script.label is None for script in scripts) > 150
    assert sum(script.label == "resume" for script in scripts) > 50
    assert sum(script.label == "stop" for script in scripts) > 40
    assert all(script.words or script.sound for script in scripts)


def test_a_beginning_of_it_has_all_kinds() -> None:
    kinds = {script.name.split("-")[0] for script in answer_scripts(5)}
    assert kinds == {"yes_no", "short", "number", "explanation", "story"}


@pytest.mark.parametrize("texts", [TUNED, HELD_OUT])
def test_the_manifest_lists_what_is_made(texts: Texts) -> None:
    manifest = MANIFESTS[texts.seed].read_text(encoding="utf-8")
    listed = [line.split()[1] for line in manifest.splitlines()]
    scripts = answer_scripts(texts=texts) + interjection_scripts(texts=texts)
    made = [f"{script.name}.{kind}" for script in scripts for kind in ("json", "wav")]
    assert sorted(listed) == sorted(made)


def test_the_held_out_texts_share_no_answer_with_those_that_rules_were_tuned_on() -> None:
    held_out, tuned = (
        {
            words
            for questions in texts.kinds.values()
            for many in questions.values()
            for words in many
        }
        for texts in (HELD_OUT, TUNED)
    )
    assert len(held_out & tuned) <= 2, "a bare yes or no"
    assert not set(HELD_OUT.kinds["story"]) & set(TUNED.kinds["story"])


def test_what_differs_from_the_manifest_is_named() -> None:
    manifest = manifest_lines({"a.wav": "1", "b.wav": "2", "c.wav": "3"})
    assert differing({"a.wav": "1", "b.wav": "2", "c.wav": "3"}, manifest) == []
    assert differing({"a.wav": "1", "b.wav": "9", "d.wav": "4"}, manifest) == [
        "b.wav", "c.wav", "d.wav",
    ]  # fmt: skip


def test_the_command_needs_a_folder_or_something_to_check() -> None:
    result = CliRunner().invoke(app, ["corpus"])
    assert result.exit_code == 2
    assert "--check" in result.output


@pytest.mark.usefixtures("real_models")
def test_documents_hold_the_fields_of_the_format_and_no_others(tmp_path: Path) -> None:
    write_corpus(tmp_path, answers=1, interjections=1)
    fields = {"text", "sample_rate", "question", "end_of_turn", "pauses"}
    for path in tmp_path.glob("*.json"):
        document = json.loads(path.read_text(encoding="utf-8"))
        label = {"label"} if path.name.startswith("interjection") else set()
        assert set(document) == fields | label


@pytest.mark.parametrize("mix", MIXES)
def test_the_mixes_state_the_kind_of_each_answer_and_the_corpora_none(mix: str) -> None:
    scripts = answer_scripts(texts=MIXES[mix])
    assert {script.kind for script in scripts} == MIXES[mix].kinds.keys()
    assert len({script.name for script in scripts}) == len(scripts)
    assert {"request", "dont_know", "thats_all", "short_whole", "yes_no"} <= MIXES[mix].kinds.keys()
    assert {script.kind for script in answer_scripts()} == {None}


def test_requests_of_the_mixes_are_requests_and_the_other_answers_are_not() -> None:
    requests = {"request", "dont_know", "thats_all"}
    for script in (one for texts in MIXES.values() for one in answer_scripts(texts=texts)):
        text = " ".join(re.sub(r"[|/]", " ", script.words).split())
        assert is_whole_request(text) == (script.kind in requests), script.name


@pytest.mark.parametrize("options", [["--mix", "other"], ["--mix", "demo", "--check"]])
def test_another_mix_and_a_manifest_of_one_are_refused(options: list[str], tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["corpus", str(tmp_path), *options]).exit_code == 2
