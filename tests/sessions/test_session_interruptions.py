"""Interruptions: silence within 200 ms, only heard words on record, and "mhm" disturbs nobody."""

import pytest

from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause, EndReason
from sessions.turntaking.turns import Speaker
from tests.fakes.fake_interviewer import closing
from tests.sessions.conftest import Said
from tests.sessions.hall import ANSWERS, GOODBYE, GREETING, Candidate, Hall
from tests.sessions.listening.microphone_hall import voice_span_ms
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

LONG = (
    "Welcome, Ada, it is good to have you here today. In the next half hour I would like to talk "
    "with you about your work of the last years. Let us begin with the search engine that you "
    "mention, and with your own part in it."
)
INTERRUPTION = "Sorry, may I ask you something about the company first?"


async def interrupted_while_it_speaks(
    hall: Hall, said: Said, after_ms: float, words: str = INTERRUPTION
) -> Candidate:
    """A candidate who begins to talk that long after the greeting began to sound."""
    candidate = await hall.come_in()
    await candidate.leg.until(lambda: bool(candidate.leg.sounds))
    await pass_ms(candidate.leg.sounds[0].begins_s * 1000 - now_ms() + after_ms)
    hall.transcriber.says = words
    candidate.microphone.start(said(words))
    return candidate


@pytest.mark.parametrize("after_ms", [1_500, 4_003, 7_111])
@pytest.mark.parametrize(
    "words", ["Wait a moment, please.", "So, what about it?", "Actually, that was not me."]
)
def test_interrupted_the_interviewer_is_silent_within_200_ms(
    said: Said, words: str, after_ms: float
) -> None:
    async def story() -> None:
        hall = Hall(LONG, closing(GOODBYE))
        candidate = await interrupted_while_it_speaks(hall, said, after_ms, words)
        onset = now_ms() + voice_span_ms(said(words))[0]
        await pass_ms(1_500)
        assert candidate.leg.silent_from_ms - onset <= 200
        candidate.session.end(EndReason.ENDED_BY_CANDIDATE)
        await candidate.over()

    run_virtual(story())


def test_only_the_words_that_were_heard_are_on_record_and_in_memory(said: Said) -> None:
    async def story() -> None:
        hall = Hall(LONG, closing(GOODBYE))
        candidate = await interrupted_while_it_speaks(hall, said, 6_000)
        await candidate.over()
        greeting, question, goodbye = hall.log.all_turns()
        assert greeting.speaker is Speaker.INTERVIEWER
        assert greeting.interrupted
        assert greeting.text.startswith(greeting.heard_text)
        assert len(greeting.heard_text) < len(greeting.text)
        ((_, played),) = candidate.leg.heard(1)
        words_played = played / 7_200  # 300 ms a word
        assert len(greeting.heard_text.split()) == pytest.approx(words_played, abs=3)
        assert question.text == INTERRUPTION
        assert goodbye.text == GOODBYE
        known = hall.interviewer.asked[-1]
        assert [turn.heard_text for turn in known.turns][:1] == [greeting.heard_text]
        assert known.said or known.turns[-1].text == INTERRUPTION
        assert candidate.leg.final_captions()[0] == greeting.heard_text
        await hall.empty()

    run_virtual(story())


def test_an_okay_in_between_only_holds_the_voice_for_a_moment(said: Said) -> None:
    async def story() -> None:
        hall = Hall(LONG)
        candidate = await hall.come_in()
        await candidate.until_it_says("half hour")
        await candidate.say(said("Okay."), "Okay.")
        await candidate.listen()
        assert "quiet/speaking" in candidate.leg.states
        assert any(state.endswith("/held") for state in candidate.leg.states)
        await pass_ms(50)
        (greeting,) = hall.log.all_turns()
        assert greeting.heard_text == greeting.text
        assert not greeting.interrupted
        spans = candidate.leg.heard(1)
        assert len(spans) == 2
        assert 0 <= spans[0][1] - spans[1][0] < 24_000, "a word again, and none left out"
        assert [conversation.cause for conversation in hall.interviewer.asked] == [Cause.OPENING]
        candidate.session.end(EndReason.ENDED_BY_CANDIDATE)
        await candidate.over()
        await hall.empty()

    run_virtual(story())


def test_who_goes_on_while_the_reply_is_thought_over_is_heard_out(said: Said) -> None:
    async def story() -> None:
        hall = Hall(GREETING, closing(GOODBYE))
        hall.interviewer.lines[1].first_ms = 1_400
        candidate = await hall.come_in()
        await candidate.listen()
        await pass_ms(600)
        await candidate.say(said(ANSWERS[0]), ANSWERS[0])
        await candidate.leg.until(lambda: candidate.leg.states[-1] == "quiet/thinking")
        both = f"{ANSWERS[0]} {ANSWERS[2]}"
        await candidate.say(said(ANSWERS[2]), both)
        await candidate.over()
        assert hall.log.texts() == [GREETING, both, GOODBYE]
        assert hall.log.all_turns()[2].latency["thrown_away"] >= 1
        await hall.empty()

    run_virtual(story())


def test_who_goes_on_just_as_the_reply_begins_takes_it_back_and_is_one_turn(said: Said) -> None:
    async def story() -> None:
        hall = Hall(GREETING, closing(GOODBYE))
        candidate = await hall.come_in()
        await candidate.listen()
        await pass_ms(600)
        await candidate.say(said(ANSWERS[0]), ANSWERS[0])
        await candidate.leg.until(lambda: candidate.leg.runs[-1][0] > 1)
        await pass_ms(300)
        both = f"{ANSWERS[0]} {ANSWERS[2]}"
        await candidate.say(said(ANSWERS[2]), both)
        await candidate.over()
        assert hall.log.texts() == [GREETING, both, GOODBYE]
        answer = hall.log.all_turns()[1]
        assert answer.revision == 1
        assert candidate.leg.committed == [0, 1, 1, 2]
        await hall.empty()

    run_virtual(story())


def test_a_voice_that_comes_in_the_moment_a_reply_begins_to_sound_silences_it() -> None:
    async def story() -> None:
        hall = Hall(LONG)
        candidate = await hall.come_in(begins=False)
        session = candidate.session
        # Known before the first sound of the reply is, in the same round of the loop.
        hall.synthesizer.on_first = lambda: session.post(ev.SpeechStarted(session.now()))
        await candidate.begin()
        await candidate.leg.until(lambda: "speaking/idle" in candidate.leg.states)
        hall.synthesizer.on_first = lambda: None
        await pass_ms(1_000)
        assert candidate.leg.asked == ["begin 1 at 0", "flush 1"]
        assert candidate.leg.heard(1) == []
        session.post(ev.SpeechStopped(session.now()))
        await candidate.listen()  # it was nothing, and the greeting is still owed
        await pass_ms(50)
        (greeting,) = hall.log.all_turns()
        assert greeting.heard_text == LONG
        session.end(EndReason.ENDED_BY_CANDIDATE)
        await candidate.over()
        await hall.empty()

    run_virtual(story())


def test_nothing_is_left_of_replies_that_were_thrown_away_or_interrupted(said: Said) -> None:
    async def story() -> None:
        hall = Hall(LONG, LONG, LONG)
        candidate = await hall.come_in()
        for _ in range(8):
            await pass_ms(4_000)
            await candidate.say(said(INTERRUPTION), INTERRUPTION)
        session = candidate.session
        assert len(session._replies) <= 1
        assert session._replies.composing <= 1
        assert len(session._tasks) <= 2
        session.end(EndReason.ENDED_BY_CANDIDATE)
        await candidate.over()
        turns = hall.log.all_turns()
        assert [turn.index for turn in turns] == list(range(len(turns)))
        assert all(turn.interrupted for turn in turns if turn.speaker is Speaker.INTERVIEWER)
        await hall.empty()
        assert len(session._replies) == 0

    run_virtual(story())
