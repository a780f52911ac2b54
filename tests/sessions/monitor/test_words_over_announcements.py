"""What a candidate says while a pause, a takeover or the end is announced goes on record."""

import pytest

from sessions.listening.listener import UNWANTED_MS
from sessions.record.action_log import ActionKind
from sessions.turntaking.turns import Speaker
from tests.sessions.conftest import Said
from tests.sessions.hall import ANSWERS, GREETING, Candidate, Hall
from tests.sessions.listening.microphone_hall import voice_span_ms
from tests.sessions.monitor.test_session_monitor import make_hall, settled
from tests.sessions.monitor.watching import Watch
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

WORDS = "And I was one of them."
SAMPLES_A_MS = 16


def answers(hall: Hall) -> list[str]:
    """The candidate's turns on record."""
    return [turn.text for turn in hall.log.all_turns() if turn.speaker is Speaker.CANDIDATE]


async def announced(candidate: Candidate, watch: Watch, kind: ActionKind, words: str) -> None:
    """A recruiter asks for this after the greeting; its announcement begins to sound."""
    await settled(candidate, 1)
    await watch.seat.act(kind)
    await candidate.until_it_says(words)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (ActionKind.PAUSE, "we pause"),
        (ActionKind.TAKE_OVER, "would like to speak"),
        (ActionKind.END, "we have to stop"),
    ],
)
def test_words_over_an_announcement_go_on_record(said: Said, kind: ActionKind, words: str) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        watch = Watch(candidate.session)
        await announced(candidate, watch, kind, words)
        await candidate.say(said(WORDS), WORDS)
        spoke_ms = now_ms()
        await settled(candidate, 2)
        if kind is ActionKind.PAUSE:
            assert now_ms() - spoke_ms > UNWANTED_MS, "it is kept for as long as it takes"
        await pass_ms(1_500)
        assert answers(hall) == [WORDS]
        begin, end = voice_span_ms(said(WORDS))
        (heard,) = hall.transcriber.heard
        assert len(heard) / SAMPLES_A_MS >= end - begin

    run_virtual(story())


def test_words_over_the_announcement_of_a_pause_are_answered_after_it(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        watch = Watch(candidate.session)
        await announced(candidate, watch, ActionKind.PAUSE, "we pause")
        await candidate.say(said(WORDS), WORDS)
        await settled(candidate, 2)
        await pass_ms(60_000)
        await watch.seat.act(ActionKind.RESUME)
        await settled(candidate, 3)
        conversation = hall.interviewer.asked[-1]
        assert conversation.cause == "unpause"
        assert [turn.text for turn in conversation.turns][-1] == WORDS

    run_virtual(story())


def test_an_answer_that_a_forced_pause_cuts_short_keeps_its_end(said: Said) -> None:
    """Its rest, said into the announcement, is a turn of its own."""

    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        watch = Watch(candidate.session)
        await settled(candidate, 1)
        await pass_ms(500)
        sound = said(ANSWERS[0])
        candidate.transcriber.says = "We built"
        candidate.microphone.start(sound)
        await pass_ms(1_000)
        cut_ms = now_ms()
        await watch.seat.act(ActionKind.PAUSE, force=True)
        await pass_ms(400)
        candidate.transcriber.says = "a search engine."
        await settled(candidate, 2)
        await pass_ms(1_500)
        assert answers(hall) == ["We built", "a search engine."]
        first, rest = hall.transcriber.heard
        _, end = voice_span_ms(sound)
        spoken_ms = end - (cut_ms - candidate.microphone.spoke_ms[0])
        assert len(rest) / SAMPLES_A_MS >= spoken_ms - 100
        assert len(first) / SAMPLES_A_MS < 1_500

    run_virtual(story())


def test_an_announcement_that_comes_back_from_the_loudspeaker_is_no_answer(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        watch = Watch(candidate.session)
        await announced(candidate, watch, ActionKind.PAUSE, "we pause")
        echo = "we pause the interview here for a moment"
        await candidate.say(said(ANSWERS[1]), echo)
        await settled(candidate, 2)
        await pass_ms(1_500)
        assert len(hall.transcriber.heard) == 1
        assert hall.log.texts()[0] == GREETING
        assert answers(hall) == []

    run_virtual(story())
