"""The bench of doubled words: which clips it makes, and what it counts."""

from collections import Counter
from collections.abc import AsyncGenerator

import numpy as np
import pytest

from audio.speech import SPEECH_RATE, VOICE_RATE, SpokenFacts
from bench.corpus.generate import Voice
from bench.doubled import Clip, clips_of, figures_of, judged, terms_of
from bench.turns.recordings import Recording

CLAUSE = "one person is responsible in the end"


def clip(said: str) -> Clip:
    return Clip("name", "as it is", (said,), "", np.zeros(0, np.int16))


@pytest.mark.parametrize(
    ("said", "heard", "cut", "doubled", "lost"),
    [
        (CLAUSE, CLAUSE, 7, False, False),
        (CLAUSE, f"{CLAUSE} {CLAUSE}", 0, True, False),
        (CLAUSE, f"{CLAUSE} one person is", 0, True, False),
        (f"{CLAUSE} {CLAUSE}", f"{CLAUSE} {CLAUSE}", 0, False, False),
        (f"{CLAUSE} {CLAUSE}", CLAUSE, 7, False, True),
        (f"{CLAUSE} {CLAUSE}", CLAUSE, 0, False, False),  # not heard, but not cut either
        (CLAUSE, "one person is responsible", 0, False, False),
    ],
)
def test_words_too_many_are_doubled_and_words_cut_that_were_said_are_lost(
    said: str, heard: str, cut: int, doubled: bool, lost: bool
) -> None:
    hearing = judged(clip(said), heard, cut > 0, cut, str)
    assert (hearing.doubled, hearing.lost) == (doubled, lost)


def test_the_prompt_holds_the_long_words_of_the_question_once() -> None:
    assert terms_of("Which services of the services did you search?") == "Which services search"


def test_figures_count_all_clips_and_those_of_each_way() -> None:
    right = judged(clip(CLAUSE), CLAUSE, True, 7, str)
    wrong = judged(clip(CLAUSE), f"{CLAUSE} {CLAUSE}", False, 0, str)
    row = {"clips": 2, "heard again": 1, "repetitions cut": 1, "doubled": 1, "lost": 0}
    assert figures_of([right, wrong]) == {"all": row, "as it is": row}


class Beep:
    """A voice that says everything in half a second."""

    sample_rate = VOICE_RATE
    model = "beep"

    async def warm_up(self) -> None: ...

    async def close(self) -> None: ...

    async def speak(
        self, text: str, *, speed: float = 1.0, facts: SpokenFacts | None = None
    ) -> AsyncGenerator[bytes, None]:
        yield np.full(VOICE_RATE // 2, 8_000, "<i2").tobytes()


def recorded(text: str, number: int, label: str | None = None) -> Recording:
    sound = np.full(SPEECH_RATE, number, np.int16)
    return Recording(f"a-{number}", text, "Which tools?", sound, SPEECH_RATE // 2, 0.0, label)


async def test_a_corpus_is_heard_in_four_ways() -> None:
    answers = [recorded(CLAUSE, number) for number in range(16)]
    clips = await clips_of([*answers, recorded("mhm", 99, "resume")], Voice(Beep()), "held/")
    ways = Counter(clip.way for clip in clips)
    assert ways == {"as it is": 16, "telephone": 4, "said twice": 4, "begun twice": 2}
    assert {clip.prompt for clip in clips} == {"Which tools"}
    said = {clip.way: clip.said for clip in clips}
    assert said["said twice"] == (CLAUSE, CLAUSE)
    assert said["begun twice"] == (CLAUSE, "one person is")
    assert {clip.name.split("/")[0] for clip in clips} == {"held"}
