"""Whole sessions in virtual time with somebody else's voice in the room, as a television's."""

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.speech import SPEECH_RATE
from sessions.leg import TroubleNote
from sessions.turntaking.causes import Cause, EndReason
from sessions.turntaking.turns import Speaker
from tests.sessions.conftest import Said
from tests.sessions.hall import ANSWERS, GREETING, SECOND, Candidate, Hall
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

NEWS = (
    "And now to the weather in the north of the country.",
    "The council has decided to build a new bridge over the river.",
    "They say that it will be open to everybody in the spring.",
)


def television(said: Said, seconds: float, below_db: float) -> NDArray[np.int16]:
    """Somebody who reads the news, and takes a breath between two sentences."""
    pause = np.zeros(SPEECH_RATE // 4, np.int16)
    news = np.concatenate([part for text in NEWS for part in (said(text), pause)])
    whole = np.resize(news, int(seconds * SPEECH_RATE)).astype(float)
    quiet: NDArray[np.int16] = (whole * 10 ** (-below_db / 20)).astype(np.int16)
    return quiet


def mixed(room: NDArray[np.int16], voice: NDArray[np.int16], at_s: float) -> NDArray[np.int16]:
    both = room.astype(np.int32)
    begin = int(at_s * SPEECH_RATE)
    both[begin : begin + len(voice)] += voice
    return np.clip(both, -32_768, 32_767).astype(np.int16)


def told(candidate: Candidate) -> list[str]:
    return [note.code for note in candidate.leg.told(TroubleNote)]


def longest_silence_ms(candidate: Candidate, hall: Hall, until_ms: float) -> float:
    """Longest time in which the interviewer says nothing."""
    ends = [0.0]
    for turn in hall.log.all_turns():
        if turn.speaker is Speaker.INTERVIEWER:
            ends += [turn.started_ms, turn.ended_ms]
    ends.append(until_ms)
    return max(ends[n + 1] - ends[n] for n in range(0, len(ends) - 1, 2))


@pytest.mark.parametrize("below_db", [0.0, 10.0, 20.0])
def test_a_television_is_told_of_and_leaves_nobody_for_a_minute_without_a_word(
    said: Said, below_db: float
) -> None:
    async def story() -> None:
        hall = Hall(GREETING, *[SECOND] * 20)
        hall.transcriber.says = " ".join(NEWS)
        candidate = await hall.come_in()
        room = mixed(television(said, 130, below_db), said(ANSWERS[0]), 40)
        candidate.microphone.start(room)
        began = now_ms()
        await candidate.leg.until(lambda: "voices" in told(candidate))
        assert now_ms() - began < 25_000
        await pass_ms(100_000)
        assert longest_silence_ms(candidate, hall, now_ms() - began) < 60_000
        candidate.session.end(EndReason.ENDED_BY_CANDIDATE)
        await candidate.over()
        await hall.empty()

    run_virtual(story(), limit_s=2_000)


def test_who_answers_for_more_than_a_minute_is_heard_out(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.listen()
        await pass_ms(600)
        hall.transcriber.says = " ".join(ANSWERS)
        await candidate.microphone.say(television(said, 75, 0.0))
        await candidate.listen(2)
        causes = [asked.cause for asked in hall.interviewer.asked]
        assert Cause.VOICES not in causes
        answers = [t for t in hall.log.all_turns() if t.speaker is Speaker.CANDIDATE]
        assert answers[0].ended_ms - answers[0].started_ms > 70_000
        candidate.session.end(EndReason.ENDED_BY_CANDIDATE)
        await candidate.over()
        await hall.empty()

    run_virtual(story(), limit_s=2_000)
