"""Scripted chat model: whole interviews through the real chat model and its adapter."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import HumanMessage, SystemMessage

from sessions.interviewer.language_model.langchain import scripted_interviewer
from sessions.interviewer.protocol import Move, MoveKind
from sessions.interviewer.scripted.chat_model import ScriptedChatModel
from sessions.plan.plan import READY_PLANS, Plan, demo_plan, load_plan
from sessions.turntaking.causes import Cause
from tests.sessions.interview import Interview, Reply

INTERVIEWER = scripted_interviewer()
SUPPORT = load_plan(READY_PLANS / "customer_support.yaml")

LONG_STORY = (
    "Last year we had an outage that turned out to be caused by a cache that never let go of "
    "anything. I looked at the metrics with my team, we agreed on a fix, and in the end the result "
    "was that the customer was happy and we learned a lot from it."
)


def interview(plan: Plan | None = None, minutes: float | None = None) -> Interview:
    return Interview(plan or demo_plan(), INTERVIEWER, minutes=minutes)


def asked(replies: list[Reply]) -> list[str | None]:
    return [reply.move.question for reply in replies if reply.move.kind is MoveKind.ASK]


async def hold_whole(held: Interview, answer: str = LONG_STORY, most: int = 60) -> list[Reply]:
    """Answer everything in the same way until the interviewer closes."""
    replies = [await held.open()]
    while replies[-1].move.kind is not MoveKind.CLOSE:
        assert len(replies) < most, "the interview does not come to an end"
        replies.append(await held.answer(answer))
    return replies


@pytest.mark.parametrize("plan", [demo_plan(), SUPPORT], ids=["demo", "support"])
async def test_a_willing_candidate_is_asked_everything_and_seen_off(plan: Plan) -> None:
    held = interview(plan, minutes=60)
    replies = await hold_whole(held)
    assert asked(replies) == [question.id for question in plan.questions()]
    assert sum(turn.speaker == "candidate" for turn in held.turns) >= 6
    assert "Goodbye" in replies[-1].text


async def test_the_demo_plan_is_held_within_its_own_time() -> None:
    held = interview()
    replies = await hold_whole(held)
    must = {question.id for question in demo_plan().questions() if question.must_ask}
    assert must <= set(asked(replies))
    assert held.now_ms < 15 * 60_000


async def test_when_time_is_short_only_what_must_be_asked_is_asked() -> None:
    replies = await hold_whole(interview(minutes=5))
    must = [question.id for question in demo_plan().questions() if question.must_ask]
    assert asked(replies) == must


async def test_the_greeting_says_the_names_and_asks_the_first_question() -> None:
    reply = await interview().open()
    assert reply.move == Move(MoveKind.ASK, "background")
    assert reply.text.startswith("Hello Ada, and thank you for taking the time. I'm Robin")
    assert reply.text.endswith(demo_plan().question("background").text)
    assert reply.usage is not None
    assert reply.usage.model == "scripted"
    assert reply.usage.cost_usd == 0


async def test_a_short_answer_is_probed_twice_at_most() -> None:
    held = interview()
    await held.open()
    for _ in range(2):
        await held.answer(LONG_STORY)
    kinds = [(await held.answer("I fixed it.")).move for _ in range(3)]
    assert [move.kind for move in kinds] == [MoveKind.PROBE, MoveKind.PROBE, MoveKind.ASK]
    assert [move.detail for move in kinds[:2]] == [{"probe": 0}, {"probe": 1}]


async def test_a_probe_waits_for_its_cue() -> None:
    held = interview()
    await held.open()
    for answer in (LONG_STORY, "Yes, I have.", LONG_STORY):
        await held.answer(answer)
    reply = await held.answer("I would measure first, then look at the slow parts and add a cache.")
    assert reply.move == Move(MoveKind.PROBE, "design", {"probe": 1})
    assert "watch out for with that cache" in reply.text


async def test_a_yes_is_enough_for_a_yes_or_no_question() -> None:
    held = interview()
    await held.open()
    await held.answer(LONG_STORY)
    assert (await held.answer("Yes.")).move.kind is MoveKind.ASK


async def test_a_short_no_to_a_story_is_not_pressed() -> None:
    held = interview()
    await held.open()
    await held.answer(LONG_STORY)
    await held.answer("No.")
    assert (await held.answer("No.")).move.question == "design"


async def test_acknowledgements_never_repeat_themselves() -> None:
    held = interview(minutes=60)
    replies = await hold_whole(held)
    starts = [reply.text.split(".")[0] for reply in replies]
    assert all(before != after for before, after in pairwise(starts))


async def test_a_question_is_repeated_and_rephrased_when_asked() -> None:
    held = interview()
    await held.open()
    question = demo_plan().question("background")
    again = await held.answer("Sorry?")
    assert again.move == Move(MoveKind.REPEAT, "background")
    assert question.text in again.text
    other = await held.answer("I don't understand the question.")
    assert question.rephrased[0] in other.text
    another = await held.answer("What do you mean?")
    assert question.rephrased[1] in another.text
    assert question.text in (await held.answer("What do you mean?")).text


async def test_a_probe_is_what_is_repeated_after_a_probe() -> None:
    held = interview()
    await held.open()
    probe = await held.answer("I code.")
    again = await held.answer("Could you repeat that?")
    assert again.text.endswith(probe.text.split(". ")[-1])


async def test_not_knowing_is_accepted_and_noted_as_skipped() -> None:
    held = interview()
    await held.open()
    reply = await held.answer("I don't know.")
    assert reply.move == Move(MoveKind.ASK, "on_call", {"skipped": "background"})


async def test_time_to_think_is_given() -> None:
    held = interview()
    await held.open()
    reply = await held.answer("Give me a moment.")
    assert reply.move == Move(MoveKind.HOLD, "background")
    assert "your time" in reply.text


async def test_a_request_to_stop_ends_the_interview_politely() -> None:
    held = interview()
    await held.open()
    reply = await held.answer("I would like to end the interview.")
    assert reply.move == Move(MoveKind.CLOSE, None, {"early": 1})
    assert "Goodbye" in reply.text


@pytest.mark.parametrize("skips", [False, True])
async def test_silence_is_met_kindly_and_drops_no_question(skips: bool) -> None:
    held = interview()
    await held.open()
    if skips:
        await held.answer("Please skip this question.")
    question = demo_plan().question("on_call" if skips else "background")
    assert question.must_ask is not skips
    first = await held.ask_for(Cause.IDLE, idle_level=1)
    assert first.move == Move(MoveKind.HOLD, question.id, {"idle": 1})
    for level in (2, 3, 4):
        later = await held.ask_for(Cause.IDLE, idle_level=level)
        assert (later.move.kind, later.move.question) == (MoveKind.REPEAT, question.id)
        assert level > 2 or any(wording in later.text for wording in question.rephrased)


async def test_a_microphone_that_is_muted_on_the_page_is_called_so() -> None:
    held = interview()
    await held.open()
    first = await held.ask_for(Cause.MUTED, idle_level=1)
    assert first.move == Move(MoveKind.HOLD, "background", {"sound": 1})
    assert first.text.startswith("Your microphone is muted on this page")
    again = await held.ask_for(Cause.MUTED, idle_level=2)
    assert "still muted on this page" in again.text


async def test_of_other_voices_it_is_spoken_kindly_and_the_question_is_put_again() -> None:
    held = interview()
    first = await held.ask_for(Cause.VOICES)
    assert first.move.kind is MoveKind.ASK, "they may be there before the greeting"
    assert first.text.startswith("I hear other voices")
    again = await held.ask_for(Cause.VOICES)
    assert again.move == Move(MoveKind.REPEAT, "background", {"sound": 1})
    assert demo_plan().question("background").text in again.text


async def test_a_return_brings_back_the_question_and_no_second_greeting() -> None:
    held = interview()
    opening = await held.open()
    reply = await held.ask_for(Cause.RESUME)
    assert reply.move == Move(MoveKind.REPEAT, "background", {"resumed": 1})
    assert reply.text.startswith("Welcome back.")
    assert opening.text[:20] not in reply.text
    again = await held.ask_for(Cause.OPENING)
    assert again.text.startswith("Welcome back."), "a second opening is a return, too"


async def test_a_return_replies_to_what_was_said_last() -> None:
    held = interview()
    await held.open()
    held.say(LONG_STORY)
    reply = await held.ask_for(Cause.RESUME)
    assert reply.text.startswith("Welcome back. ")
    assert reply.move == Move(MoveKind.ASK, "on_call", {"resumed": 1})


async def test_a_greeting_nobody_heard_is_said_again() -> None:
    held = interview()
    await held.open(heard=0.0)
    assert (await held.ask_for(Cause.RESUME)).text.startswith("Hello Ada")


async def test_an_interrupted_question_is_put_again() -> None:
    held = interview()
    await held.open(heard=0.3)
    reply = await held.answer("Yes, hello, I can hear you well.")
    assert reply.move == Move(MoveKind.REPEAT, "background")
    assert demo_plan().question("background").text in reply.text


async def test_an_answer_that_went_on_over_the_next_question_confuses_nothing() -> None:
    held = interview()
    await held.open()
    await held.answer(LONG_STORY, heard=0.2)
    reply = await held.answer("And I also look after the payment service and its database.")
    assert reply.move == Move(MoveKind.REPEAT, "on_call")
    assert reply.text.startswith("Thank you for adding that.")
    assert (await held.answer("Yes.")).move == Move(MoveKind.ASK, "hard_bug")


async def test_a_reply_can_be_prepared_before_the_turn_is_on_record() -> None:
    prepared, recorded = interview(), interview()
    for held, on_record in ((prepared, False), (recorded, True)):
        await held.open()
        await held.answer("I code.", on_record=on_record)
    assert [t.text for t in prepared.turns] == [t.text for t in recorded.turns]


async def test_time_up_closes_whatever_was_going_on() -> None:
    held = interview()
    await held.open()
    reply = await held.ask_for(Cause.TIME_UP)
    assert reply.move == Move(MoveKind.CLOSE)
    assert "time is up" in reply.text


async def test_the_candidates_own_questions_are_passed_on() -> None:
    held = interview(minutes=60)
    await held.open()
    while (reply := await held.answer(LONG_STORY)).move.question != "your_questions":
        pass
    reply = await held.answer("Yes, what is the salary?")
    assert reply.move == Move(MoveKind.ANSWER, "your_questions")
    assert "recruiter will follow up" in reply.text
    reply = await held.answer("How big is the team?")
    assert reply.move.kind is MoveKind.ANSWER
    assert (await held.answer("No, that's all.")).move.kind is MoveKind.CLOSE


async def test_a_question_in_between_is_answered_and_the_interview_goes_on() -> None:
    held = interview()
    await held.open()
    reply = await held.answer("What does the team look like?")
    assert reply.move == Move(MoveKind.ANSWER, "background")
    assert demo_plan().question("background").text in reply.text


async def test_nothing_new_is_asked_after_the_goodbye() -> None:
    held = interview()
    await held.open()
    await held.answer("End the interview.")
    assert (await held.answer("Wait, one more thing!")).move.kind is MoveKind.CLOSE


def test_the_chat_model_works_without_streaming_too_and_needs_a_brief() -> None:
    with pytest.raises(ValueError, match="carries the dialogue state"):
        ScriptedChatModel().invoke([SystemMessage("You are kind."), HumanMessage("Hi.")])


UTTERANCES = st.one_of(
    st.sampled_from(
        [LONG_STORY, "Yes.", "No.", "Sorry?", "What do you mean?", "Um.", "", "Give me a moment.",
         "Hello?", "What is the salary?", "I don't know.", "I fixed it.", "Can I ask something?"]
    ),
    st.text(max_size=40),
)  # fmt: skip
EVENTS = st.tuples(
    st.sampled_from([Cause.ANSWER] * 6 + [Cause.IDLE, Cause.RESUME]),
    UTTERANCES,
    st.integers(1, 5),
    st.sampled_from([1.0, 1.0, 1.0, 0.7, 0.3, 0.0]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(EVENTS, max_size=40))
async def test_no_candidate_can_bring_the_interview_out_of_order(
    events: list[tuple[Cause, str, int, float]],
) -> None:
    held = interview(minutes=1_000)
    await held.open()
    known = {question.id for question in demo_plan().questions()}
    for cause, said, level, heard in events:
        words = said if cause is Cause.ANSWER else ""
        reply = await held.ask_for(cause, words, idle_level=level, heard=heard)
        assert isinstance(reply.parts[0], Move)
        assert all(not isinstance(part, Move) for part in reply.parts[1:])
        assert reply.text
        assert "[" not in reply.text
        if reply.move.kind is MoveKind.CLOSE:
            assert reply.move.question is None
            if heard:
                break
        else:
            assert reply.move.question in known
    heard_asks = Counter(
        turn.move["question"]
        for turn in held.turns
        if turn.heard_text and turn.move.get("kind") == "ask"
    )
    assert all(times == 1 for times in heard_asks.values())


@settings(max_examples=15, deadline=None)
@given(st.lists(UTTERANCES, min_size=1, max_size=6))
async def test_every_interview_comes_to_an_end(cycle: list[str]) -> None:
    held = interview(minutes=1_000)
    await held.open()
    bound = len(demo_plan().questions()) * 20
    for number in range(bound):
        reply = await held.answer(cycle[number % len(cycle)])
        if reply.move.kind is MoveKind.CLOSE:
            return
    raise AssertionError(f"{bound} replies, and no end")
