"""What is said before an interview, in virtual time: to callers who say nothing, or the wrong."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from server.store.records import Interview
from server.telephony.consent import (
    QUESTION,
    AnswerOverOurVoice,
    MachineAnswered,
    ask_for_consent,
    consent_opening,
    notice_of,
)
from server.telephony.ivr_prompts import ask_for_pin
from sessions.ivr import CallerResponse, Overheard, PhoneDialogue
from sessions.leg import DigitPressed
from tests.fakes.fake_leg import FakeLeg
from tests.sessions.hall import PLAN, Hall
from tests.support.virtual_time import now_ms, run_virtual

INTERVIEW = Interview(
    id=uuid4(),
    organisation_id=uuid4(),
    plan_id=uuid4(),
    plan_title="Gardener, first interview",
    plan_document=PLAN,
    candidate_name="Ada",
    candidate_email=None,
    candidate_phone="+441632960961",
    language="en",
    time_limit_s=900,
    status="invited",
    join_expires_at=datetime.now(UTC),
    consent_at=None,
    created_at=datetime.now(UTC),
    started_at=None,
    ended_at=None,
    end_reason=None,
)


def in_dialogue(story: Callable[[PhoneDialogue, Hall], Coroutine[Any, Any, None]]) -> None:
    """A caller on a line without any sound."""

    async def received() -> None:
        hall, leg = Hall(), FakeLeg(telephone=True)
        async with PhoneDialogue(leg, hall.providers) as dialogue:
            leg.on_event = dialogue.receive
            await story(dialogue, hall)
        leg.lose()
        await hall.empty()

    run_virtual(received())


@pytest.mark.parametrize("outbound", [True, False])
def test_the_opening_says_who_speaks_whom_for_and_what_is_kept(outbound: bool) -> None:
    said = " ".join(consent_opening(INTERVIEW, "Acme Gardens", outbound=outbound))
    for words in (
        "Ada",
        "a computer",
        "Acme Gardens",
        "turned into text",
        "may listen",
        "not kept",
        "hang up",
    ):
        assert words in said
    assert ("I am calling" in said) is outbound


def test_a_caller_who_says_nothing_is_asked_three_times_and_let_go() -> None:
    async def story(dialogue: PhoneDialogue, hall: Hall) -> None:
        began = now_ms()
        assert not await ask_for_consent(dialogue, INTERVIEW, "Acme", outbound=True)
        assert now_ms() - began < 90_000
        said = " ".join(hall.synthesizer.spoken)
        assert said.count("press 1") == 3
        assert said.count("turned into text") == 1
        assert said.endswith("Goodbye.")

    in_dialogue(story)


def test_a_key_at_any_time_decides() -> None:
    async def story(dialogue: PhoneDialogue, hall: Hall) -> None:
        dialogue.receive(DigitPressed("1"))
        assert await ask_for_consent(dialogue, INTERVIEW, "Acme", outbound=True)
        dialogue.receive(DigitPressed("9"))
        dialogue.receive(DigitPressed("2"))
        assert not await ask_for_consent(dialogue, INTERVIEW, "Acme", outbound=True)

    in_dialogue(story)


@pytest.mark.parametrize(
    ("keys", "tried"),
    [
        ("20734416", ["20734416"]),
        ("*20734416", ["20734416"]),
        ("2073#20734416", ["20734416"]),
        ("2073", []),
        ("", []),
        ("00000000" * 3, ["00000000"] * 3),
    ],
)
def test_a_pin_is_whole_before_it_is_tried(keys: str, tried: list[str]) -> None:
    async def story(dialogue: PhoneDialogue, hall: Hall) -> None:
        asked: list[str] = []

        async def check(pin: str) -> Interview | None:
            asked.append(pin)
            return INTERVIEW if pin == "20734416" else None

        for key in keys:
            dialogue.receive(DigitPressed(key))
        found = await ask_for_pin(dialogue, check)
        assert asked == tried
        assert (found is INTERVIEW) is ("20734416" in tried)
        if found is None:
            assert hall.synthesizer.spoken[-1].endswith("Goodbye.")

    in_dialogue(story)


def test_a_plan_without_a_persona_speaks_as_viva() -> None:
    plain = replace(INTERVIEW, plan_document={})
    assert "This is Viva" in " ".join(consent_opening(plain, "Acme", outbound=True))


SCREENED = "Go ahead and say your name and why you're calling."


class Far:
    """What the far end says, one thing after the other, and then silence."""

    def __init__(self, *lines: str) -> None:
        self.lines = list(lines)
        self.said: list[str] = []
        self.waited: list[float] = []

    async def say(self, *sentences: str, overhearing: object = None) -> str:
        self.said.append(" ".join(sentences))
        return ""

    async def listen(self, within_s: float, *_: object, keys: str = "") -> CallerResponse:
        self.waited.append(within_s)
        return CallerResponse(words=self.lines.pop(0) if self.lines else "", keys=keys)

    def notices_before_consent(self) -> int:
        return sum("turned into text" in said for said in self.said)


async def agrees(far: Far, *, outbound: bool = True, machine: bool = False) -> bool:
    return await ask_for_consent(
        far, INTERVIEW, "Acme", outbound=outbound, machine=machine  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("lines", "notices"),
    [
        (["Yes."], 1),
        (["Could you repeat that, please?", "Yes."], 2),
        (["Who is calling?", "Yes."], 2),
        (["Hello?", "Yes."], 2),
        (["Hello?", "Hello?", "Sorry?", "Who's there?", "Yes."], 5),
        (["I like trees.", "Yes."], 1),
        (["", "Hello?", "Yes."], 2),
        (["", "Yes.", "Yes."], 2),
        ([SCREENED, "Thanks, stay on the line.", "Hello?", "Yes."], 2),
        (["Please state your name.", "Yes?", "Yes."], 2),
        (["Please state your name.", "One moment.", "", "Yes."], 2),
        (["One moment, please.", "Yes?", "Yes."], 2),
    ],
)
async def test_a_yes_counts_once_whoever_says_it_has_had_the_notice(
    lines: list[str], notices: int
) -> None:
    far = Far(*lines)
    assert await agrees(far)
    assert far.lines == []
    assert far.notices_before_consent() == notices


async def test_an_assistant_is_told_who_calls_and_why_and_is_waited_for() -> None:
    far = Far("Go ahead and say your name and why you're calling.", "Stay on the line.", "No.")
    assert not await agrees(far)
    assert "a computer that interviews for Acme" in far.said[1]
    assert "about the interview" in far.said[1]
    assert far.waited == [7.0, 30.0, 30.0]


async def test_who_calls_in_and_is_slow_to_answer_is_not_told_it_all_again() -> None:
    far = Far("", "Yes.")
    assert await agrees(far, outbound=False)
    assert far.notices_before_consent() == 1


@pytest.mark.parametrize(
    "lines", [["Hello?"] * 20, ["I like trees."] * 20, ["Please hold."] * 20, [""], ["Yes and no"]]
)
async def test_it_comes_to_an_end_whatever_answers(lines: list[str]) -> None:
    assert not await agrees(Far(*lines))


async def test_a_mailbox_is_left_at_once() -> None:
    with pytest.raises(MachineAnswered):
        await agrees(Far("", "Please leave a message after the tone."))


@pytest.mark.parametrize(
    "lines",
    [
        ["You have reached Ada.", "Please leave a message."],
        ["The weather is nice."],
        [""],
    ],
)
async def test_what_is_perhaps_a_machine_is_heard_out_before_a_word_is_said(
    lines: list[str],
) -> None:
    far = Far(*lines)
    with pytest.raises(MachineAnswered):
        await agrees(far, machine=True)
    assert far.said == []


async def test_a_person_who_was_taken_for_a_machine_is_asked() -> None:
    assert await agrees(Far("Hello, this is Ada.", "Yes."), machine=True)
    screened = Far("Please say your name and why you are calling.", "Hello?", "Yes.")
    assert await agrees(screened, machine=True)
    assert screened.notices_before_consent() == 1


WHOLE = (*consent_opening(INTERVIEW, "Acme", outbound=True), QUESTION)
NAME, WHY, KEPT, MAY_LISTEN, HANG_UP, ASKED = 0, 2, 3, 4, 5, 6
"""Sentences of the notice, by their index."""


def over_the_notice(*heard: tuple[str, int]) -> tuple[str, bool]:
    """The answer to the notice, of words over its sentences; and whether it ended what we say."""
    over = AnswerOverOurVoice(QUESTION, notice_of("Acme")[0])
    over.begin(WHOLE)
    stopped = [over(Overheard(words, sentence, False)) for words, sentence in heard]
    assert not any(stopped[:-1])
    return over.answer, stopped[-1]


@pytest.mark.parametrize(
    ("heard", "answer", "stops"),
    [
        ([("Yes.", ASKED)], "Yes.", True),
        ([("Yeah, sure.", ASKED)], "Yeah, sure.", True),
        ([("I agree.", ASKED)], "I agree.", True),
        ([("Yes.", HANG_UP)], "Yes.", False),
        ([("Yes, I agree.", KEPT)], "Yes, I agree.", False),
        ([("Yes.", HANG_UP), ("Yes.", ASKED)], "Yes.", True),
        ([("Mhm.", KEPT), ("Okay.", MAY_LISTEN), ("Yes.", ASKED)], "Yes.", True),
        ([("Hello?", NAME), ("Yes.", HANG_UP)], "Yes.", False),
        ([("Yes, speaking.", NAME), ("Yes.", ASKED)], "Yes.", True),
        ([("Yes.", HANG_UP), ("Mhm.", ASKED)], "Yes.", False),
        # no answer to the notice
        ([("Yes.", -1)], "", False),
        ([("Yes.", NAME)], "", False),
        ([("Yes?", WHY)], "", False),
        ([("Okay.", MAY_LISTEN)], "", False),
        ([("Yeah.", HANG_UP)], "", False),
        ([("Yes?", ASKED)], "", False),
        ([("Hello?", ASKED)], "", False),
        ([("Yes.", HANG_UP), ("But who will read it?", ASKED)], "", False),
        ([("Yes.", HANG_UP), ("Hello?", ASKED)], "", False),
        # a no
        ([("No.", NAME)], "No.", True),
        ([("No, thank you.", KEPT)], "No, thank you.", True),
        ([("Yes.", KEPT), ("No.", ASKED)], "No.", True),
        ([("computer that interviews for Acme", 1), ("No.", ASKED)], "No.", True),
    ],
)
def test_an_answer_over_the_notice_is_taken_for_what_it_is(
    heard: list[tuple[str, int]], answer: str, stops: bool
) -> None:
    assert over_the_notice(*heard) == (answer, stops)


@pytest.mark.parametrize("yes", [("Yes.", ASKED), ("Yes.", HANG_UP), ("I agree.", ASKED)])
@pytest.mark.parametrize(
    "came_back",
    [
        "This is Viva, a computer.",
        "What you say is turned into text.",
        "Hello, Ada.",
        "turned in the text",
        "and people of Acme",
        "",  # a voice without words: a faint echo, say
        "One moment, please.",  # somebody else, who fetches the candidate
    ],
)
def test_no_yes_over_our_voice_counts_once_something_has_come_back(
    came_back: str, yes: tuple[str, int]
) -> None:
    assert over_the_notice((came_back, KEPT), yes) == ("", False)


@pytest.mark.parametrize("words", [*WHOLE, "That is all right with you.", "say yes or press one"])
def test_our_own_words_are_no_answer(words: str) -> None:
    assert over_the_notice((words, ASKED)) == ("", False)


def test_who_is_asked_again_and_was_told_before_may_agree_at_once() -> None:
    over = AnswerOverOurVoice(QUESTION, notice_of("Acme")[0])
    over.begin(WHOLE)
    over.begin((QUESTION,))
    assert over(Overheard("Yes.", -1, False))
    assert over.answer == "Yes."
    over.begin((QUESTION,))
    assert over.answer == "", "an answer is for one question"


@pytest.mark.parametrize(
    ("before", "words", "sentence", "answer"),
    [
        ("", "Who will read it?", ASKED, "Who will read it?"),
        ("", "Yes?", ASKED, "Yes?"),
        ("", "To decline, press 2.", ASKED, ""),
        ("", "Yes.", NAME, ""),  # understood late
        ("Yes.", "", ASKED, "Yes."),
        ("Yes.", "Mhm.", ASKED, "Yes."),
        ("Yes.", "But who will read it?", ASKED, "But who will read it?"),
    ],
)
def test_words_that_outlast_the_question_are_the_answer_to_it(
    before: str, words: str, sentence: int, answer: str
) -> None:
    over = AnswerOverOurVoice(QUESTION, notice_of("Acme")[0])
    over.begin(WHOLE)
    if before:
        over(Overheard(before, HANG_UP, False))
    assert not over(Overheard(words, sentence, True))
    assert over.answer == answer
