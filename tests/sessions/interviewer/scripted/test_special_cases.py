"""Special cases of the script: tables of what is said or happens, and the move that follows."""

import pytest

from sessions.interviewer.language_model.langchain import scripted_interviewer
from sessions.interviewer.protocol import Move, MoveKind
from sessions.interviewer.scripted.special_cases import STOP_THERE
from sessions.interviewer.speaking_rate import speaking_rate_after
from sessions.plan.plan import Plan, demo_plan, parse_plan
from sessions.turntaking.causes import Cause
from tests.sessions.interview import Interview

INTERVIEWER = scripted_interviewer()
BACKGROUND = demo_plan().question("background")


async def begun(plan: Plan | None = None, minutes: float | None = None) -> Interview:
    held = Interview(plan or demo_plan(), INTERVIEWER, minutes=minutes)
    await held.open()
    return held


def hold(**detail: int) -> Move:
    return Move(MoveKind.HOLD, "background", detail)


def repeat(**detail: int) -> Move:
    return Move(MoveKind.REPEAT, "background", detail)


def ask(**detail: int | str) -> Move:
    return Move(MoveKind.ASK, "on_call", detail)


CLOSES = Move(MoveKind.CLOSE, None, {"early": 1})

REQUESTS: list[tuple[str, Move, str]] = [
    ("Could you repeat that?", repeat(), BACKGROUND.text),
    ("Sorry, what was the question?", repeat(), BACKGROUND.text),
    ("What do you mean by background?", repeat(wording=0), BACKGROUND.rephrased[0]),
    ("Slower, please.", repeat(pace=84), "more slowly"),
    ("Could you speak a bit more slowly?", repeat(pace=84), BACKGROUND.text),
    ("Skip.", ask(skipped="background"), ""),
    ("Can we skip this one?", ask(skipped="background"), ""),
    ("Can we come back to that later?", ask(skipped="background"), ""),
    ("Let me think.", hold(), "time"),
    ("Can we take a short break?", hold(), ""),
    ("Can we stop?", hold(stop=1), "Shall we stop?"),
    ("Bye.", hold(stop=1), "Shall we stop?"),
    ("I would like to end the interview.", CLOSES, "Goodbye"),
]


@pytest.mark.parametrize(("said", "move", "words"), REQUESTS)
async def test_a_request_is_met(said: str, move: Move, words: str) -> None:
    reply = await (await begun()).answer(said)
    assert reply.move == move
    assert words in reply.text


@pytest.mark.parametrize(
    "said",
    [
        "We had to stop the project, and I said goodbye to the team.",
        "I want to stop doing front end work and to go on with databases instead.",
        "They asked me, can we stop here? And I told them that we had to end the call.",
        "The release went too fast for me, so I told them to slow down and then we skipped it.",
    ],
)
async def test_an_answer_that_only_holds_such_words_ends_nothing(said: str) -> None:
    reply = await (await begun()).answer(said)
    assert reply.move.kind in (MoveKind.ASK, MoveKind.PROBE)
    assert "pace" not in reply.move.detail
    assert "skipped" not in reply.move.detail


AFTER_THE_OFFER: list[tuple[str, Move]] = [
    ("Yes.", CLOSES),
    ("Yes, please.", CLOSES),
    ("Stop.", CLOSES),
    ("Please end the interview.", CLOSES),
    ("No.", repeat()),
    ("No, thank you.", repeat()),
]


@pytest.mark.parametrize(("said", "move"), AFTER_THE_OFFER)
async def test_the_interview_is_ended_only_when_that_is_certain(said: str, move: Move) -> None:
    held = await begun()
    await held.answer("Can we stop here?")
    assert (await held.answer(said)).move == move


async def test_a_yes_to_another_question_does_not_end_the_interview() -> None:
    held = await begun()
    await held.answer("Can we stop here?")
    await held.answer("No.")
    assert (await held.answer("Yes.")).move.kind is not MoveKind.CLOSE


async def test_the_pace_goes_down_and_up_by_steps_and_stays() -> None:
    held = await begun()
    assert speaking_rate_after(held.turns) == 100
    for said, pace in (
        ("Slower, please.", 84),
        ("Could you slow down?", 70),
        ("Slower, please.", 70),
        ("I have worked with data for many years.", 70),
        ("A bit faster please.", 84),
        ("You can talk normally again.", 100),
        ("Faster please.", 100),
    ):
        await held.answer(said)
        assert speaking_rate_after(held.turns) == pace, said


async def test_a_pace_that_was_not_heard_was_not_agreed() -> None:
    held = await begun()
    await held.answer("Slower, please.", heard=0.0)
    assert speaking_rate_after(held.turns) == 100


TROUBLES: list[tuple[Cause, int, str]] = [
    (Cause.NO_SOUND, 1, "can't hear anything from your microphone"),
    (Cause.NO_SOUND, 2, "still hear nothing"),
    (Cause.NO_SOUND, 5, "still hear nothing"),
    (Cause.NOISE, 1, "a lot of noise"),
    (Cause.UNHEARD, 0, "didn't catch that"),
]


@pytest.mark.parametrize(("cause", "level", "words"), TROUBLES)
async def test_trouble_with_the_sound_leaves_the_question_open(
    cause: Cause, level: int, words: str
) -> None:
    held = await begun()
    reply = await held.ask_for(cause, idle_level=level)
    assert reply.move.kind is MoveKind.HOLD
    assert reply.move.question == "background"
    assert words in reply.text


async def test_trouble_with_the_sound_is_no_request_of_the_candidates() -> None:
    held = await begun()
    for level in range(1, 7):
        await held.ask_for(Cause.NO_SOUND, idle_level=level)
    assert (await held.answer("Yes.")).move.kind is MoveKind.PROBE, "no offer to skip was made"


async def test_noise_is_complained_about_in_other_words_the_second_time() -> None:
    held = await begun()
    first, second = [await held.ask_for(Cause.NOISE, idle_level=level) for level in (1, 2)]
    assert first.text != second.text


async def test_who_talks_too_long_is_thanked_and_led_on() -> None:
    reply = await (await begun()).ask_for(Cause.TOO_LONG, "And so on and so on. " * 40)
    assert reply.move == ask()
    assert reply.text.startswith(STOP_THERE)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("we built an engine for four boats", MoveKind.HOLD),
        ("Could you please repeat the question once more?", MoveKind.REPEAT),
    ],
)
async def test_doubtful_words_are_asked_for_again_unless_they_are_a_request(
    said: str, kind: MoveKind
) -> None:
    reply = await (await begun()).ask_for(Cause.UNCLEAR, said)
    assert reply.move.kind is kind


# --- the last minutes ----------------------------------------------------------------------------


def short_plan(**theirs: object) -> Plan:
    def question(name: str, **more: object) -> dict[str, object]:
        return {"id": name, "text": f"What about {name}?", "competency": "Any", **more}

    questions = [
        question("opener", minutes=1),
        question("nice", minutes=2),
        question("theirs", expects="questions", minutes=1, **theirs),
        question("must", must_ask=True, minutes=2),
    ]
    section = {"title": "All", "questions": questions}
    return parse_plan({"title": "P", "role": "R", "sections": [section]})


LAST_MINUTES: list[tuple[float, list[str | None], int]] = [
    (6.5, ["opener", "nice", "theirs", "must"], 0),
    (4.5, ["opener", "theirs", "must"], 1),  # no time for what is only nice
    (2.6, ["must"], 0),  # what must be asked comes first
]


@pytest.mark.parametrize(("minutes", "order", "hurries"), LAST_MINUTES)
async def test_when_time_is_short_must_ask_comes_first_and_the_candidate_gets_to_ask(
    minutes: float, order: list[str | None], hurries: int
) -> None:
    held = Interview(short_plan(), INTERVIEWER, minutes=minutes)
    replies = [await held.open()]
    while replies[-1].move.kind is not MoveKind.CLOSE:
        replies.append(await held.answer("We talk about it until it works, as a rule. " * 2))
    asked = [reply.move.question for reply in replies if reply.move.kind is MoveKind.ASK]
    assert asked == order
    assert sum("few minutes left" in reply.text for reply in replies) == hurries


async def test_the_candidates_own_questions_last_as_long_as_time_does() -> None:
    held = Interview(short_plan(must_ask=True), INTERVIEWER, minutes=6)
    await held.open()
    while held.turns[-1].move["question"] != "theirs":
        await held.answer("We talk about it until it works, as a rule. " * 2)
    for number in range(6):
        reply = await held.answer(f"How big is team {number}?")
        assert reply.move == Move(MoveKind.ANSWER, "theirs")
    held.now_ms = 6 * 60_000 - 15_000
    last = await held.answer("How big is the company?")
    assert last.move.kind is MoveKind.CLOSE
    assert "pass that on" in last.text
