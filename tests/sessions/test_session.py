"""Whole interviews: from the greeting to the last word, on record and acknowledged in order."""

import asyncio
from itertools import pairwise

import pytest

from audio.speech import VOICE_RATE
from sessions.interviewer.protocol import Move, MoveKind
from sessions.leg import CaptionNote, CommittedNote, EndedNote, LegEnd, ReadyNote
from sessions.plan.plan import demo_plan
from sessions.turntaking.causes import Cause, EndReason
from sessions.turntaking.turns import Speaker, Turn
from tests.fakes.fake_interviewer import Line, closing
from tests.sessions.conftest import Said
from tests.sessions.hall import ANSWERS, GOODBYE, GREETING, SECOND, THIRD, Candidate, Hall
from tests.sessions.listening.microphone_hall import voice_span_ms
from tests.support.virtual_time import pass_ms, run_virtual

WHOLE = [GREETING, ANSWERS[0], SECOND, ANSWERS[1], THIRD, ANSWERS[2], GOODBYE]


async def hold_interview(hall: Hall, said: Said) -> Candidate:
    """The whole of it."""
    candidate = await hall.come_in()
    for number, answer in enumerate(ANSWERS, 1):
        await candidate.listen(number)
        await pass_ms(600)
        await candidate.say(said(answer), answer)
    await candidate.over()
    return candidate


def test_a_whole_interview_is_held_and_put_on_record_in_order(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hold_interview(hall, said)
        assert hall.log.texts() == WHOLE
        assert hall.log.order == list(range(7))
        turns = hall.log.all_turns()
        speakers = [turn.speaker for turn in turns]
        assert speakers == [Speaker.INTERVIEWER, Speaker.CANDIDATE] * 3 + [Speaker.INTERVIEWER]
        for turn in turns:
            assert turn.text == turn.heard_text
            assert turn.started_ms < turn.ended_ms
            assert not turn.interrupted
        assert all(a.ended_ms <= b.started_ms for a, b in pairwise(turns))
        assert list(hall.log.ends.values()) == [("completed", True)]
        assert hall.log.consents == [candidate.interview_id]
        assert candidate.session.over
        await hall.empty()

    run_virtual(story())


def test_the_candidate_hears_every_word_and_sees_what_is_said(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hold_interview(hall, said)
        leg = candidate.leg
        words = sum(len(text.split()) for text in (GREETING, SECOND, THIRD, GOODBYE))
        played = sum(end - begin for g in {g for g, _ in leg.runs} for begin, end in leg.heard(g))
        assert played == words * VOICE_RATE * 3 // 10
        assert leg.final_captions() == WHOLE
        (ready,) = leg.told(ReadyNote)
        assert (ready.candidate_name, ready.resumed, ready.turns) == ("Ada", False, ())
        assert ready.time_left_ms == hall.rules.time_limit_ms
        assert isinstance(leg.notes[-1][1], EndedNote)
        assert leg.notes[-1][1].reason == "completed"
        assert leg.ends == [LegEnd.OVER]

    run_virtual(story())


def test_states_tell_who_is_doing_what(said: Said) -> None:
    async def story() -> None:
        candidate = await hold_interview(Hall(), said)
        states = candidate.leg.states
        assert states[:3] == ["quiet/thinking", "quiet/speaking", "quiet/idle"]
        assert states[3:5] == ["speaking/idle", "pausing/idle"]
        assert states[5:7] == ["quiet/speaking", "quiet/idle"]
        assert all(a != b for a, b in pairwise(states))

    run_virtual(story())


def test_a_turn_is_acknowledged_only_after_the_log_has_taken_it(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        hall.log.latency_ms = 40
        candidate = await hold_interview(hall, said)
        told = [(at, n.turn) for at, n in candidate.leg.notes if isinstance(n, CommittedNote)]
        assert [turn.index for _, turn in told] == list(range(7))
        for at_ms, turn in told:
            assert at_ms >= hall.log.committed_ms[turn.index]

    run_virtual(story())


def test_captions_come_while_somebody_speaks_and_are_settled_under_the_same_name(
    said: Said,
) -> None:
    async def story() -> None:
        candidate = await hold_interview(Hall(), said)
        notes = candidate.leg.told(CaptionNote)
        settled = [note for note in notes if note.final]
        assert len({note.caption_id for note in settled}) == len(WHOLE)
        for note in settled:
            before = [n for n in notes if n.caption_id == note.caption_id and not n.final]
            assert before
            assert before[-1].text == note.text
            assert before[-1].speaker == note.speaker

    run_virtual(story())


def test_every_reply_carries_its_latency_stage_by_stage(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in()
        await candidate.listen()
        await pass_ms(600)
        began_ms = candidate.session.now()
        sound = said(ANSWERS[0])
        await candidate.say(sound, ANSWERS[0])
        await candidate.listen(2)
        await pass_ms(50)
        _, answer, reply = hall.log.all_turns()
        stopped = began_ms + voice_span_ms(sound)[1]
        stamps = reply.latency
        assert stamps["speech_end"] == pytest.approx(stopped, abs=100)
        stages = ["speech_end", "transcript_final", "endpoint", "released", "first_audio_sent"]
        stages.append("first_audio_played")
        assert [stamps[stage] for stage in stages] == sorted(stamps[stage] for stage in stages)
        ahead = ["transcript_final", "first_token", "first_sentence", "first_audio"]
        assert [stamps[stage] for stage in ahead] == sorted(stamps[stage] for stage in ahead)
        assert stamps["first_audio"] < stamps["endpoint"], "the reply was not prepared ahead"
        waited = stamps["first_audio_played"] - stamps["speech_end"]
        assert stamps["voice_to_voice_ms"] == pytest.approx(waited, abs=0.2)
        assert 400 < waited < 2_000
        assert stamps["first_audio_played"] == pytest.approx(reply.started_ms, abs=1)
        assert answer.latency["speech_end"] == stamps["speech_end"]
        assert answer.latency["transcribe_ms"] == 150
        assert answer.confidence == pytest.approx(0.9)
        assert answer.usage == {"stt": "fake-stt", "confidence_from": "provider"}
        assert reply.usage["llm"] == "fake-llm"
        assert reply.usage["tts"] == "fake-tts"
        assert reply.usage["voiced_chars"] == len(SECOND)
        assert reply.move["kind"] == "ask"
        assert (stamps["underrun_ms"], stamps["thrown_away"]) == (0, 0)
        candidate.session.end(EndReason.ENDED_BY_CANDIDATE)
        await candidate.over()

    run_virtual(story())


def test_a_greeting_answers_nothing_and_has_no_voice_to_voice_time(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        await hold_interview(hall, said)
        greeting = hall.log.all_turns()[0]
        assert "voice_to_voice_ms" not in greeting.latency
        assert "speech_end" not in greeting.latency
        assert greeting.latency["first_audio_played"] >= greeting.latency["prepare"]

    run_virtual(story())


def test_the_time_before_the_beginning_does_not_count() -> None:
    async def story() -> None:
        hall = Hall()
        candidate = await hall.come_in(begins=False)
        await pass_ms(60_000)
        await candidate.begin()
        await candidate.listen()
        await pass_ms(50)
        assert hall.log.all_turns()[0].started_ms < 2_000
        candidate.session.end(EndReason.ENDED_BY_CANDIDATE)
        await candidate.over()

    run_virtual(story())


def memory(turns: tuple[Turn, ...]) -> list[str]:
    """What an interviewer knows to have been heard."""
    return [turn.heard_text for turn in turns]


def test_the_interviewer_is_asked_with_what_was_said_so_far(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        await hold_interview(hall, said)
        causes = [conversation.cause for conversation in hall.interviewer.asked]
        assert causes[0] is Cause.OPENING
        assert set(causes[1:]) == {Cause.ANSWER}
        assert len(causes) <= 6, "a reply is prepared anew only when the answer goes on"
        last = hall.interviewer.asked[-1]
        assert memory(tuple(last.turns)) == WHOLE[:5]
        assert last.said == ANSWERS[2]
        assert (last.candidate_name, last.language, last.plan.title) == (
            "Ada",
            "en",
            hall.log.plan_document["title"],
        )
        assert 0 < last.time_left_ms < hall.rules.time_limit_ms

    run_virtual(story())


def test_two_interviews_at_once_know_nothing_of_each_other(said: Said) -> None:
    async def story() -> None:
        hall = Hall()
        hall.transcriber.says = ANSWERS[0]
        first, second = await hall.come_in(), await hall.come_in()
        await asyncio.gather(first.listen(), second.listen())
        await pass_ms(600)
        await first.say(said(ANSWERS[0]), ANSWERS[0])
        await first.listen(2)
        await pass_ms(50)
        turns = hall.log.turns
        assert len(turns[first.session.context.session_id]) == 3
        assert len(turns[second.session.context.session_id]) == 1
        assert all(state.startswith("quiet") for state in second.leg.states)
        for candidate in (first, second):
            candidate.session.end(EndReason.ENDED_BY_CANDIDATE)
            await candidate.over()
        await hall.empty()

    run_virtual(story())


def test_what_was_asked_and_answered_goes_on_record_with_the_end(said: Said) -> None:
    first, second, *others = demo_plan().questions()

    async def story() -> None:
        hall = Hall(
            Line(GREETING, Move(MoveKind.ASK, first.id)),
            Line(SECOND, Move(MoveKind.ASK, second.id)),
            closing(GOODBYE),
        )
        candidate = await hall.come_in()
        await candidate.listen()
        await candidate.say(said(ANSWERS[0]), ANSWERS[0])
        await candidate.listen(2)
        await candidate.say(said(ANSWERS[1]), "I would like to stop here, please.")
        await candidate.over()
        assert list(hall.log.ends.values()) == [("ended_by_candidate", False)]
        (coverage,) = hall.log.coverage.values()
        assert coverage == {
            first.id: "answered",
            second.id: "unanswered",
            **{question.id: "not_asked" for question in others},
        }
        await hall.empty()

    run_virtual(story())


def test_the_candidate_is_told_the_reason_that_is_on_record(said: Said) -> None:
    first = demo_plan().questions()[0]

    async def story() -> None:
        hall = Hall(Line(GREETING, Move(MoveKind.ASK, first.id)), closing(GOODBYE))
        candidate = await hall.come_in()
        await candidate.listen()
        await candidate.say(said(ANSWERS[0]), "I wanted to leave the company.")
        await candidate.over()
        (ended,) = candidate.leg.told(EndedNote)
        assert list(hall.log.ends.values()) == [(ended.reason, False)]
        assert ended.reason == "closed_early"
        assert "saved" in ended.message
        await hall.empty()

    run_virtual(story())
