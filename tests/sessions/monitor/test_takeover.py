"""A recruiter takes the floor by voice and gives it back: heard, on record, one at a time."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from audio.speech import VOICE_RATE
from sessions.leg import CaptionNote, TroubleNote
from sessions.monitor.events import FloorNow, StateNow
from sessions.monitor.protocol import RequestRefused
from sessions.record.action_log import ActionKind
from sessions.turntaking.rules import Rules
from sessions.turntaking.transitions import FloorHolder
from sessions.turntaking.turns import Speaker
from tests.sessions.conftest import Said
from tests.sessions.hall import ANSWERS, GREETING, Candidate, Hall
from tests.sessions.monitor.test_session_monitor import make_hall, settled
from tests.sessions.monitor.watching import Watch, viewer
from tests.support.virtual_time import pass_ms, run_virtual

HELLO = "Hi, this is Rita from the team."
REPLY = "Hello Rita, nice to meet you."


async def taken(hall: Hall) -> tuple[Candidate, Watch]:
    """The greeting was heard, and a recruiter has the floor."""
    candidate = await hall.come_in()
    watch = Watch(candidate.session)
    await settled(candidate, 1)
    await watch.seat.act(ActionKind.TAKE_OVER)
    watch.microphone.open()
    await settled(candidate, 2)
    return candidate, watch


async def recruiter_says(candidate: Candidate, watch: Watch, said: Said, text: str) -> None:
    """Say it, and let it be understood."""
    candidate.transcriber.says = text
    await watch.microphone.say(said(text))
    await pass_ms(1_500)


def test_the_recruiter_is_heard_answered_and_put_on_record(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate, watch = await taken(hall)
        assert hall.log.texts()[1] == "Rita would like to speak to you in person now. I hand over."
        await recruiter_says(candidate, watch, said, HELLO)
        await candidate.say(said(REPLY), REPLY)
        await pass_ms(3_000)
        turns = hall.log.all_turns()
        assert [(turn.speaker, turn.text) for turn in turns[2:]] == [
            (Speaker.RECRUITER, HELLO),
            (Speaker.CANDIDATE, REPLY),
        ]
        assert 1_000 < turns[2].ended_ms - turns[2].started_ms < 4_000
        assert len(hall.interviewer.asked) == 1, "the interviewer is silent meanwhile"

        asked = len(hall.interviewer.asked)
        await watch.seat.act(ActionKind.HAND_BACK)
        await settled(candidate, 3)
        conversation = hall.interviewer.asked[asked]
        assert conversation.cause == "hand_back"
        assert [turn.text for turn in conversation.turns][-2:] == [HELLO, REPLY]
        states = [(now.holder, now.actor and now.actor.name) for now in watch.told(FloorNow)]
        assert states == [
            (FloorHolder.PASSING, "Rita"),
            (FloorHolder.RECRUITER, "Rita"),
            (FloorHolder.INTERVIEWER, None),
        ]
        assert hall.actions.steps("take_over") == ["asked", "done"]
        assert hall.actions.steps("hand_back") == ["asked", "done"]
        codes = [note.code for note in candidate.leg.told(TroubleNote)]
        assert codes == ["taken_over", "goes_on"]
        assert watch.told(TroubleNote) == candidate.leg.told(TroubleNote)

    run_virtual(story())


def test_the_candidate_hears_the_recruiters_own_voice_a_little_later(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate, watch = await taken(hall)
        begun = len(candidate.leg.sounds)
        spoke_at = asyncio.get_running_loop().time() * 1000
        await recruiter_says(candidate, watch, said, HELLO)
        sounds = candidate.leg.sounds[begun:]
        generation = sounds[0].generation
        assert generation not in {g for g, _ in candidate.leg.runs[:2]}
        heard = np.frombuffer(b"".join(sound.pcm for sound in sounds), "<i2").astype(float)
        loud = np.flatnonzero(np.abs(heard) > 1_500)
        assert loud.size
        onset_ms = sounds[0].begins_s * 1000 + loud[0] * 1000 / VOICE_RATE
        spoken = said(HELLO).astype(float)
        due_ms = spoke_at + np.flatnonzero(np.abs(spoken) > 1_500)[0] / 16
        assert 0 < onset_ms - due_ms < 300
        captions = [n for n in candidate.leg.told(CaptionNote) if n.speaker is Speaker.RECRUITER]
        assert captions[-1].text == HELLO
        assert captions[-1].final
        speaks = [state.recruiter_speaks for state in watch.told(StateNow)]
        assert True in speaks
        assert speaks[-1] is False

    run_virtual(story())


def test_last_words_go_on_record_before_the_floor_is_given_back(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate, watch = await taken(hall)
        candidate.transcriber.says = HELLO
        watch.microphone.start(said(HELLO))
        await pass_ms(1_600)
        await watch.seat.act(ActionKind.HAND_BACK)
        await settled(candidate, 3)
        assert [turn.speaker for turn in hall.log.all_turns()][2:] == [
            Speaker.RECRUITER,
            Speaker.INTERVIEWER,
        ]
        assert hall.interviewer.asked[-1].turns[-1].text == HELLO

    run_virtual(story())


def test_one_at_a_time_holds_the_floor(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate, watch = await taken(hall)
        other = Watch(candidate.session, viewer("Olga"))
        with pytest.raises(RequestRefused, match="Rita holds the floor") as refused:
            await other.seat.act(ActionKind.TAKE_OVER)
        assert refused.value.code == "floor_taken"
        with pytest.raises(RequestRefused, match="nobody hears you"):
            other.seat.hear(said(HELLO))
        with pytest.raises(RequestRefused, match="do not hold the floor"):
            await other.seat.act(ActionKind.HAND_BACK)
        with pytest.raises(RequestRefused, match="does not hold the floor just now"):
            await other.seat.act(ActionKind.PAUSE)
        assert watch.seat.holds_floor

    run_virtual(story())


def test_two_who_ask_at_once_get_one_floor(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        watches = [Watch(candidate.session, viewer(name)) for name in ("Rita", "Olga")]
        await settled(candidate, 1)
        results = await asyncio.gather(
            *(watch.seat.act(ActionKind.TAKE_OVER) for watch in watches), return_exceptions=True
        )
        assert sum(isinstance(result, RequestRefused) for result in results) == 1
        assert sum(watch.seat.holds_floor for watch in watches) == 1

    run_virtual(story())


def test_a_lost_recruiter_who_is_back_in_time_goes_on(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate, watch = await taken(hall)
        await watch.leave()
        await pass_ms(2_000)
        assert candidate.session.monitor.takeover.now().holder is FloorHolder.LOST
        again = Watch(candidate.session, watch.who)
        await pass_ms(10)
        assert again.seat.holds_floor
        again.microphone.open()
        await recruiter_says(candidate, again, said, HELLO)
        assert hall.log.texts()[2] == HELLO

    run_virtual(story())


def test_the_interviewer_takes_the_floor_back_from_a_recruiter_who_stays_lost(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate, watch = await taken(hall)
        await watch.leave()
        await pass_ms(hall.rules.recruiter_grace_ms + 10)
        await settled(candidate, 3)
        assert hall.interviewer.asked[-1].cause == "hand_back"
        again = Watch(candidate.session, watch.who)
        await pass_ms(10)
        assert not again.seat.holds_floor

    run_virtual(story())


def test_the_recruiter_ends_the_interview_while_holding_the_floor() -> None:
    async def story() -> None:
        hall = make_hall()
        candidate, watch = await taken(hall)
        await watch.seat.act(ActionKind.END)
        await candidate.over()
        assert list(hall.log.ends.values()) == [("recruiter", False)]
        watch.microphone.close()
        await hall.empty()

    run_virtual(story())


def test_a_candidate_who_comes_back_during_a_takeover_hears_the_recruiter(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate, _ = await taken(hall)
        candidate.lose()
        await pass_ms(500)
        again = await hall.come_in(candidate.interview_id)
        await pass_ms(1_000)
        assert again.leg.told(TroubleNote)[-1].code == "taken_over"
        assert again.leg.sounds
        assert again.leg.runs[0][0] == candidate.leg.runs[-1][0]
        assert hall.log.texts()[0] == GREETING

    run_virtual(story())


def test_a_forced_takeover_cuts_the_answer_and_the_rest_of_it_is_heard_by_the_recruiter(
    said: Said,
) -> None:
    async def story() -> None:
        hall = Hall(rules=replace(Rules(), time_limit_ms=600_000))
        candidate = await hall.come_in()
        watch = Watch(candidate.session)
        await settled(candidate, 1)
        candidate.transcriber.says = "We built"
        candidate.microphone.start(said(ANSWERS[0]))
        await pass_ms(700)
        await watch.seat.act(ActionKind.TAKE_OVER, force=True)
        await settled(candidate, 2)
        assert hall.log.texts()[1] == "We built"
        assert candidate.session.monitor.takeover.now().holder is FloorHolder.RECRUITER

    run_virtual(story())
