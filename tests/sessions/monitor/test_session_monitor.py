"""Watching an interview: what is told, in order and without a gap, and what can be asked for."""

from itertools import pairwise

import numpy as np
import pytest

from sessions.interviewer.protocol import Move, MoveKind
from sessions.leg import (
    AnswerComplete,
    CaptionNote,
    CommittedNote,
    EndedNote,
    TroubleNote,
)
from sessions.monitor.channel import LINGER_S
from sessions.monitor.events import (
    ActionNow,
    ConnectionNow,
    CostNow,
    CoverageNow,
    LatencyNow,
    QualityNow,
    StateNow,
    ViewersNow,
)
from sessions.monitor.listening_notice import LISTENS, LISTENS_NO_MORE
from sessions.monitor.protocol import RequestRefused, Since
from sessions.monitor.rights import Right
from sessions.monitor.subscription import MAX_EVENTS
from sessions.plan.plan import demo_plan
from sessions.record.action_log import Action, ActionKind
from sessions.record.store import CarriedOver
from sessions.turntaking.turns import Speaker
from tests.fakes.fake_interviewer import Line, closing
from tests.fakes.fake_leg import FakeLeg
from tests.sessions.conftest import Said
from tests.sessions.hall import ANSWERS, GOODBYE, GREETING, SECOND, THIRD, Candidate, Hall
from tests.sessions.monitor.watching import Watch, viewer
from tests.support.virtual_time import pass_ms, run_virtual

WHOLE = [GREETING, ANSWERS[0], SECOND, ANSWERS[1], THIRD, ANSWERS[2], GOODBYE]


IDS = [question.id for question in demo_plan().questions()]


def make_hall() -> Hall:
    """One whose interviewer puts questions of the plan."""
    texts = (GREETING, SECOND, THIRD)
    asks = [
        Line(text, Move(MoveKind.ASK, question)) for text, question in zip(texts, IDS, strict=False)
    ]
    return Hall(*asks, closing(GOODBYE))


async def answer(candidate: Candidate, said: Said, number: int) -> None:
    """Hear the question out and answer it."""
    await candidate.listen(number)
    await pass_ms(600)
    await candidate.say(said(ANSWERS[number - 1]), ANSWERS[number - 1])


async def settled(candidate: Candidate, replies: int) -> None:
    """So many replies were heard out, and are on record."""
    await candidate.listen(replies)
    await pass_ms(50)


def test_a_whole_interview_is_told_in_order_and_without_a_gap(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        watch = Watch(candidate.session)
        opening = watch.seat.opening
        assert opening is not None
        assert (opening.turns, opening.connected, opening.seq) == ((), True, 0)
        for number in (1, 2, 3):
            await answer(candidate, said, number)
        await candidate.over()
        await watch.until(lambda: bool(watch.told(EndedNote)))

        assert [event.seq for event in watch.events] == list(range(1, len(watch.events) + 1))
        assert all(a.at_ms <= b.at_ms for a, b in pairwise(watch.events))
        # The fake knows all words at the first pause, so an answer may be closed and taken back.
        committed = {note.turn.index: note.turn.text for note in watch.told(CommittedNote)}
        assert list(committed.values()) == WHOLE
        told = (note.text for note in watch.told(CaptionNote) if note.final)
        finals = dict.fromkeys(filter(None, told))  # a caption that is taken back is empty
        assert list(finals) == WHOLE
        assert watch.told(EndedNote)[0].reason == "closed_early"  # must-asks of the plan are open
        assert {state.candidate.value for state in watch.told(StateNow)} >= {"quiet", "speaking"}
        assert len(watch.told(LatencyNow)) == 3
        assert all(0 < each.voice_to_voice_ms < 3_000 for each in watch.told(LatencyNow))
        assert watch.told(CostNow)[-1].cost_usd == pytest.approx(0.004)
        assert watch.told(CoverageNow)
        assert watch.told(QualityNow)[0].missing_ms < 200
        await hall.empty()

    run_virtual(story())


def test_events_come_at_once(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        watch = Watch(candidate.session)
        born_ms = watch.session.now()
        await answer(candidate, said, 1)
        late = [
            came - (watch.came_ms[0] - watch.events[0].at_ms) - event.at_ms
            for came, event in zip(watch.came_ms, watch.events, strict=True)
        ]
        assert max(late) < 5
        assert born_ms < watch.session.now()

    run_virtual(story())


def test_who_joins_later_gets_a_snapshot_of_everything_so_far(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        await answer(candidate, said, 1)
        await settled(candidate, 2)
        watch = Watch(candidate.session)
        snapshot = watch.seat.opening
        assert snapshot is not None
        assert [turn.text for turn in snapshot.turns] == WHOLE[:3]
        assert snapshot.coverage.questions[0][1] in ("current", "answered")
        assert len(snapshot.latencies) == 1
        assert [person.actor.name for person in snapshot.people] == ["Rita"]
        assert snapshot.limit_ms == hall.rules.time_limit_ms

    run_virtual(story())


def test_who_comes_back_gets_what_was_missed_and_nothing_twice(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        first = Watch(candidate.session)
        await settled(candidate, 1)
        await first.leave()
        last = first.events[-1].seq
        await answer(candidate, said, 1)
        await settled(candidate, 2)
        second = Watch(candidate.session, since=Since(first.seat.stream, last))
        assert second.seat.opening is None
        await pass_ms(10)
        assert second.events[0].seq == last + 1
        assert [a.seq + 1 for a in second.events[:-1]] == [b.seq for b in second.events[1:]]
        assert [n.text for n in second.told(CaptionNote) if n.final] == [*WHOLE[1:3]]

    run_virtual(story())


def test_who_comes_back_too_late_gets_a_snapshot_of_another_stream(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        first = Watch(candidate.session)
        await settled(candidate, 1)
        await first.leave()
        await pass_ms(LINGER_S * 1_000 + 1)
        second = Watch(candidate.session, since=Since(first.seat.stream, 3))
        assert second.seat.opening is not None
        assert second.seat.stream != first.seat.stream
        strange = Watch(candidate.session, since=Since(second.seat.stream, 10_000))
        assert strange.seat.opening is not None

    run_virtual(story())


def test_nothing_is_made_while_nobody_watches(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        await answer(candidate, said, 1)
        channel, mixer = candidate.session.monitor._channel, candidate.session.monitor._mixer
        assert (channel.seq, list(channel._history), mixer.running) == (0, [], False)
        assert mixer._candidate.received == 0

    run_virtual(story())


def test_a_monitor_that_never_reads_is_cut_off_and_nobody_else_is(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        stuck = candidate.session.monitor.join(viewer("Stuck"), None)
        stuck.listen(True)
        watch = Watch(candidate.session)
        await answer(candidate, said, 1)
        queue = stuck.subscription
        assert len(queue._frames) <= 4
        for _ in range(MAX_EVENTS):
            candidate.session.monitor._channel.publish(ConnectionNow(True))
        assert queue.lagged
        assert queue.take() is None
        await pass_ms(10)
        assert not watch.seat.subscription.lagged
        assert all(a.seq + 1 == b.seq for a, b in pairwise(watch.events))

    run_virtual(story())


def test_the_candidate_is_told_when_somebody_listens_and_when_nobody_does_any_more() -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        watch = Watch(candidate.session)
        assert candidate.leg.told(TroubleNote) == []
        watch.seat.listen(True)
        watch.seat.listen(False)
        codes = [note.code for note in candidate.leg.told(TroubleNote)]
        assert codes == ["listened", "listened_no_more"]
        await pass_ms(10)
        assert watch.told(TroubleNote) == [], "this is for the candidate alone"
        listening = [people.people[0].listening for people in watch.told(ViewersNow)]
        assert listening == [False, True, False]
        assert hall.actions.steps("listen") == ["done"]

    run_virtual(story())


def test_a_caller_hears_before_the_next_words_that_somebody_listens_and_later_that_nobody_does(
    said: Said,
) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        candidate.leg.telephone = True
        watch = Watch(candidate.session)
        await candidate.listen(1)
        watch.seat.listen(True)
        await answer(candidate, said, 1)
        await settled(candidate, 2)
        watch.seat.listen(False)
        await answer(candidate, said, 2)
        await settled(candidate, 3)
        await answer(candidate, said, 3)
        await candidate.over()
        turns = [note.turn for note in watch.told(CommittedNote)]
        spoken = [turn.text for turn in turns if turn.speaker is Speaker.INTERVIEWER]
        assert spoken == [GREETING, LISTENS + SECOND, LISTENS_NO_MORE + THIRD, GOODBYE]

    run_virtual(story())


def test_nobody_hears_the_candidate_before_the_consent() -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in(begins=False)
        watch = Watch(candidate.session)
        watch.seat.listen(True)
        tone = (8_000 * np.sin(np.arange(16_000) / 5)).astype(np.int16)
        kept = AnswerComplete(kept=tone)
        candidate.microphone.open()
        await candidate.microphone.say(tone)
        candidate.session.receive(candidate.leg, kept)
        await pass_ms(500)
        assert not watch.sound(0).any()
        assert all(now.candidate == watch.levels[0].candidate for now in watch.levels)

        await candidate.session.begin(candidate.leg)
        await candidate.microphone.say(tone)
        await pass_ms(500)
        assert np.abs(watch.sound(0)).max() > 1_000

        old, candidate.leg = candidate.leg, FakeLeg()  # another tab, which has not begun
        candidate.session.connect(candidate.leg)
        heard = len(watch.sound(0))
        candidate.session.hear(old, tone)
        await candidate.microphone.say(tone)
        candidate.session.receive(candidate.leg, kept)
        await pass_ms(500)
        late = watch.sound(0)[heard + 16_000 // 5 :]  # what was mixed before comes a little later
        assert not late.any()
        candidate.microphone.close()
        await watch.leave()

    run_virtual(story())


def test_rights_are_asked_for_each_thing() -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        await settled(candidate, 1)
        watch = Watch(candidate.session, viewer("Vera", frozenset((Right.WATCH,))))
        with pytest.raises(RequestRefused, match="right to listen"):
            watch.seat.listen(True)
        for kind in (ActionKind.HINT, ActionKind.PAUSE, ActionKind.END, ActionKind.TAKE_OVER):
            with pytest.raises(RequestRefused) as refused:
                await watch.seat.act(kind, text="ask about it")
            assert refused.value.code == "not_allowed"
        assert watch.told(ActionNow) == []
        with pytest.raises(RequestRefused, match="does not allow to watch"):
            candidate.session.monitor.join(viewer("Nobody", frozenset()), None)

    run_virtual(story())


def test_a_hint_reaches_the_interviewer_at_the_next_question_and_only_there(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        watch = Watch(candidate.session)
        await settled(candidate, 1)
        hint = await watch.seat.act(ActionKind.HINT, text="ask about the migration")
        await pass_ms(600)
        assert [conversation.hint for conversation in hall.interviewer.asked] == [""]
        await candidate.say(said(ANSWERS[0]), ANSWERS[0])
        await settled(candidate, 2)
        await pass_ms(50)
        assert hall.interviewer.asked[-1].hint == "ask about the migration"
        assert watch.told(CommittedNote)[-1].turn.move["hint"] == str(hint)
        assert [(n.action.kind, n.step) for n in watch.told(ActionNow)] == [
            ("hint", "asked"),
            ("hint", "done"),
        ]
        assert hall.actions.steps("hint") == ["asked", "done"]
        await candidate.say(said(ANSWERS[1]), ANSWERS[1])
        await settled(candidate, 3)
        assert hall.interviewer.asked[-1].hint == ""
        told = " ".join(str(note) for _, note in candidate.leg.notes)
        assert "migration" not in told

    run_virtual(story())


def test_a_hint_that_was_not_used_is_put_after_a_restart_and_time_that_was_given_stays(
    said: Said,
) -> None:
    async def story() -> None:
        hall = make_hall()
        hint = Action(ActionKind.HINT, viewer().actor, "ask about the migration")
        hall.log.carried_over = CarriedOver((hint,), 300_000)
        candidate = await hall.come_in()
        assert candidate.session.time_left_ms > hall.rules.time_limit_ms + 299_000
        watch = Watch(candidate.session)
        assert watch.seat.opening is not None
        assert watch.seat.opening.hints == (hint,)
        await answer(candidate, said, 1)
        await settled(candidate, 2)
        assert hall.interviewer.asked[-1].hint == "ask about the migration"
        assert hall.actions.steps("hint") == ["done"]

    run_virtual(story())


def test_a_hint_that_cannot_be_put_on_record_is_refused(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        watch = Watch(candidate.session)
        await settled(candidate, 1)
        hall.actions.down = True
        with pytest.raises(RequestRefused) as refused:
            await watch.seat.act(ActionKind.HINT, text="ask about the migration")
        assert refused.value.code == "database_down"
        assert candidate.session.monitor.requests.hints == []

    run_virtual(story())


def test_a_pause_is_announced_stops_the_clock_and_goes_on_with_the_question(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        watch = Watch(candidate.session)
        await settled(candidate, 1)
        await watch.seat.act(ActionKind.PAUSE)
        with pytest.raises(RequestRefused, match="asked for something else"):
            await watch.seat.act(ActionKind.SKIP)
        await settled(candidate, 2)
        assert "we pause the interview" in hall.log.texts()[1]
        left_ms = candidate.session.time_left_ms
        await pass_ms(60_000)
        assert candidate.session.time_left_ms == left_ms
        with pytest.raises(RequestRefused, match="does not hold the floor"):
            await watch.seat.act(ActionKind.PAUSE)
        await watch.seat.act(ActionKind.RESUME)
        await settled(candidate, 3)
        assert hall.interviewer.asked[-1].cause == "unpause"
        assert hall.actions.steps("pause") == ["asked", "done"]
        assert hall.actions.steps("resume") == ["asked", "done"]
        (done,) = [a for a, step in hall.actions.entries if a.kind == "resume" and step == "done"]
        assert 60_000 <= done.detail["ms"] < 61_000
        assert left_ms - 15_000 < candidate.session.time_left_ms < left_ms
        codes = [note.code for note in candidate.leg.told(TroubleNote)]
        assert codes == ["paused", "goes_on"]

    run_virtual(story())


def test_more_time_is_there_at_once_and_told_with_the_next_reply(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        watch = Watch(candidate.session)
        await settled(candidate, 1)
        left_ms = candidate.session.time_left_ms
        await watch.seat.act(ActionKind.EXTEND, minutes=5)
        await pass_ms(1)
        assert candidate.session.time_left_ms > left_ms + 299_000
        await pass_ms(500)
        await candidate.say(said(ANSWERS[0]), ANSWERS[0])
        await settled(candidate, 2)
        assert hall.log.texts()[2] == f"We have 5 minutes more than planned. {SECOND}"
        await candidate.say(said(ANSWERS[1]), ANSWERS[1])
        await settled(candidate, 3)
        assert hall.log.texts()[4] == THIRD

    run_virtual(story())


def test_a_forced_end_says_goodbye_in_the_middle_of_an_answer(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        watch = Watch(candidate.session)
        await settled(candidate, 1)
        candidate.transcriber.says = "We built a"
        candidate.microphone.start(said(ANSWERS[0]))
        await pass_ms(900)
        await watch.seat.act(ActionKind.END, force=True)
        await candidate.over()
        assert hall.log.texts()[1] == "We built a"
        assert hall.log.texts()[2].endswith("Goodbye.")
        assert list(hall.log.ends.values()) == [("recruiter", False)]
        assert hall.actions.steps("end") == ["asked", "done"]
        with pytest.raises(RequestRefused, match="coming to its end"):
            await watch.seat.act(ActionKind.PAUSE)

    run_virtual(story())


def test_a_skip_is_done_when_it_was_heard(said: Said) -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in()
        watch = Watch(candidate.session)
        await settled(candidate, 1)
        await watch.seat.act(ActionKind.SKIP)
        await settled(candidate, 2)
        await pass_ms(10)
        assert hall.interviewer.asked[-1].cause == "skip"
        assert hall.actions.steps("skip") == ["asked", "done"]
        assert [turn.speaker for turn in hall.log.all_turns()] == [Speaker.INTERVIEWER] * 2

    run_virtual(story())


def test_nothing_can_be_asked_for_before_the_interview_has_begun() -> None:
    async def story() -> None:
        hall = make_hall()
        candidate = await hall.come_in(begins=False)
        watch = Watch(candidate.session)
        for kind in (ActionKind.PAUSE, ActionKind.HINT, ActionKind.TAKE_OVER):
            with pytest.raises(RequestRefused, match="has not begun") as refused:
                await watch.seat.act(kind, text="ask about it")
            assert refused.value.code == "not_now"

    run_virtual(story())
