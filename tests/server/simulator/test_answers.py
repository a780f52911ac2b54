"""What the simulated candidate answers: by what was asked, or from files."""

from collections.abc import AsyncGenerator
from pathlib import Path

import numpy as np
import pytest

from audio.container import write_wav
from audio.pcm import from_bytes, level_dbfs
from audio.speech import SPEECH_RATE, VOICE_RATE, SpokenFacts
from server.simulator.answer_script import ANSWERS
from server.simulator.answers import (
    FALLBACK,
    MORE,
    NOTHING_ELSE,
    AnswersError,
    RecordedAnswers,
    SpokenAnswer,
    WrittenAnswers,
    trimmed,
)
from sessions.plan.plan import Question, demo_plan

TONE = (8_000 * np.sin(np.arange(VOICE_RATE) * 2 * np.pi * 440 / VOICE_RATE)).astype(np.int16)


class Tones:
    """A synthesizer that is quiet for a tenth of a second, and then not."""

    model = "tones"
    sample_rate = VOICE_RATE

    async def warm_up(self) -> None:
        """Nothing is to be loaded."""

    async def speak(
        self, text: str, *, speed: float = 1.0, facts: SpokenFacts | None = None
    ) -> AsyncGenerator[bytes, None]:
        """The same for every text."""
        yield bytes(2 * VOICE_RATE // 10)
        yield TONE.tobytes()

    async def close(self) -> None:
        """Nothing is to be freed."""


async def said(answer: SpokenAnswer | None) -> str:
    assert answer is not None
    assert answer.text is not None
    return answer.text


class TestWrittenAnswers:
    @pytest.fixture
    def answers(self) -> WrittenAnswers:
        return WrittenAnswers(demo_plan(), ANSWERS, Tones())

    def test_there_is_one_for_every_question_of_the_demo(self) -> None:
        assert {question.id for question in demo_plan().questions()} <= set(ANSWERS)

    @pytest.mark.parametrize("question", demo_plan().questions(), ids=lambda q: q.id)
    async def test_each_question_gets_its_own(
        self, answers: WrittenAnswers, question: Question
    ) -> None:
        text = f"All right, thanks. {question.text}"
        expected = ANSWERS[question.id]
        assert await said(await answers.next(text)) == expected

    async def test_a_question_that_comes_again_gets_more(self, answers: WrittenAnswers) -> None:
        text = demo_plan().questions()[0].text
        first = await said(await answers.next(text))
        more = [await said(await answers.next(text)) for _ in range(len(MORE) + 2)]
        assert first in ANSWERS.values()
        assert more == [*MORE, FALLBACK, FALLBACK]

    async def test_what_is_no_question_gets_more_too(self, answers: WrittenAnswers) -> None:
        assert await said(await answers.next("Could you tell me a little more?")) == MORE[0]
        assert await said(await answers.next("")) == MORE[1]

    async def test_at_the_end_there_is_nothing_else(self, answers: WrittenAnswers) -> None:
        assert await said(await answers.next("Is there anything else?")) == NOTHING_ELSE

    async def test_it_is_spoken_without_the_silence_around_it(
        self, answers: WrittenAnswers
    ) -> None:
        answer = await answers.next("")
        assert answer is not None
        assert answer.sound.dtype == np.int16
        assert abs(len(answer.sound) - SPEECH_RATE) < SPEECH_RATE // 100
        assert answer.source == "tts"


class TestRecordedAnswers:
    async def test_files_are_said_in_the_order_of_their_names(self, tmp_path: Path) -> None:
        for name, gain in (("b.wav", 1), ("a.wav", 2), ("c.wav", 3)):
            write_wav(tmp_path / name, TONE // 4 * gain, VOICE_RATE)
        (tmp_path / "a.txt").write_text("Words of the first.\n", encoding="utf-8")
        (tmp_path / "notes.md").write_text("no sound", encoding="utf-8")
        answers = RecordedAnswers(tmp_path)
        found = [await answers.next("whatever") for _ in range(4)]
        assert found[3] is None
        spoken = [answer for answer in found if answer is not None]
        assert [answer.source for answer in spoken] == ["a.wav", "b.wav", "c.wav"]
        assert [answer.text for answer in spoken] == ["Words of the first.", None, None]
        levels = [level_dbfs(answer.sound) for answer in spoken]
        assert levels[1] < levels[0] < levels[2]

    def test_a_folder_must_be_one(self, tmp_path: Path) -> None:
        with pytest.raises(AnswersError, match="is no folder"):
            RecordedAnswers(tmp_path / "absent")

    def test_a_folder_must_hold_sound(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("no sound", encoding="utf-8")
        with pytest.raises(AnswersError, match=r"holds no sound files \(.wav"):
            RecordedAnswers(tmp_path)

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [(b"", "is empty"), (b"this is no sound at all" * 50, "is not audio that can be read")],
    )
    def test_what_is_not_audio_is_named(
        self, tmp_path: Path, content: bytes, complaint: str
    ) -> None:
        (tmp_path / "01.wav").write_bytes(content)
        with pytest.raises(AnswersError, match=complaint) as caught:
            RecordedAnswers(tmp_path)
        assert "01.wav" in str(caught.value)

    def test_silence_is_no_answer(self, tmp_path: Path) -> None:
        write_wav(tmp_path / "01.wav", np.zeros(VOICE_RATE, np.int16), VOICE_RATE)
        with pytest.raises(AnswersError, match=r"Nothing can be heard in .*01\.wav"):
            RecordedAnswers(tmp_path)

    def test_words_that_are_no_text_are_named(self, tmp_path: Path) -> None:
        write_wav(tmp_path / "01.wav", TONE, VOICE_RATE)
        (tmp_path / "01.txt").write_bytes(b"\xff\xfe\xff")
        with pytest.raises(AnswersError, match=r"01\.txt is no text in UTF-8"):
            RecordedAnswers(tmp_path)


def test_trimming_leaves_speech_and_nothing_around_it() -> None:
    sound = np.concatenate([np.full(100, 50), [0, -300, 0, 400], np.full(100, -50)])
    assert trimmed(sound.astype(np.int16)).tolist() == [-300, 0, 400]
    assert len(trimmed(np.zeros(100, np.int16))) == 0
    assert len(trimmed(np.array([-32_768], np.int16))) == 1
    assert len(from_bytes(b"")) == len(trimmed(from_bytes(b""))) == 0
