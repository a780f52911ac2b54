"""Reply reader: pieces of a reply in, a Move and speakable text out."""

from collections.abc import Sequence
from itertools import cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.interviewer.progress import progress_in
from sessions.interviewer.protocol import (
    SENTENCE_OVER,
    Conversation,
    Move,
    MoveKind,
    ReplyPart,
    UnfitReply,
)
from sessions.interviewer.reply_reader import ReplyReader
from sessions.interviewer.sentences import SentenceSplitter
from sessions.plan.plan import demo_plan
from sessions.turntaking.causes import Cause
from sessions.turntaking.turns import Speaker, Turn

VIEW = Conversation(demo_plan(), "Ada", "en", (), Cause.OPENING, time_left_ms=900_000)


def read(*pieces: str) -> list[ReplyPart]:
    reader = ReplyReader(VIEW, progress_in(VIEW))
    return [part for piece in pieces for part in reader.feed(piece)] + reader.flush()


def test_the_move_waits_for_the_first_words() -> None:
    reader = ReplyReader(VIEW, progress_in(VIEW))
    assert reader.feed("[[ask background]]\n") == []
    assert reader.feed("... ") == []
    assert reader.feed("So, ") == []
    assert reader.feed("Ada. ") == [Move(MoveKind.ASK, "background"), "... So, Ada. "]


def test_without_words_there_is_no_move() -> None:
    assert read("[[ask background]]", "\n...") == []


def said(parts: list[ReplyPart]) -> str:
    return "".join(part for part in parts if isinstance(part, str))


def result(
    text: str, sizes: Sequence[int], view: Conversation = VIEW
) -> tuple[ReplyPart | None, str]:
    """The move and what is spoken in all, where the stream is cut so; or why there is no reply."""
    reader = ReplyReader(view, progress_in(view))
    parts: list[ReplyPart] = []
    at = 0
    try:
        for size in cycle(sizes):
            if at >= len(text) or reader.full:
                break
            parts += reader.feed(text[at : at + size])
            at += size
        parts += reader.flush()
    except UnfitReply as unfit:
        return None, str(unfit)
    return (parts[0] if parts else None), said(parts)


ASKED = Turn(
    0, Speaker.INTERVIEWER, "Hello.", "Hello.", 0, 0, move={"kind": "ask", "question": "background"}
)
LATER = Conversation(
    demo_plan(), "Ada", "en", (ASKED,), Cause.ANSWER, "I code.", time_left_ms=900_000
)
THOUGHTS = "The candidate was weak on SQL, so I will go on. "
SPEECH = "[[ask background]] Hello Ada. What do you do?"
EVERY_CUT = [[1], [2, 3], [7], [50], [100_000]]


@pytest.mark.parametrize(
    "reasoning",
    [
        f"{THOUGHTS}</think>\n",
        f"{THOUGHTS * 40}</think>\n",
        f"[Note] {THOUGHTS * 40}</reasoning_content>\n",
        f"{THOUGHTS * 3}\n\n",
        f"[[ask q77]] {THOUGHTS}[/THINK]",
        f"<thinking_process>{THOUGHTS * 10}</thinking_process>",
        f"<model:inner-thoughts>{THOUGHTS}</model:inner-thoughts>",
        f"<innerThought>{THOUGHTS}</innerThought>",
        f"<plan>{THOUGHTS}</plan>",
        f"<internal>{THOUGHTS}</internal>\n<deliberation>{THOUGHTS}</deliberation>",
        f"{THOUGHTS}</plan>",
        f'<zebra kind="x">{THOUGHTS}</zebra>',
        f"<step_1>{THOUGHTS}</step_1><response>",
        "<answer>",
    ],
)
def test_what_a_model_thinks_is_not_spoken_however_it_marks_it(reasoning: str) -> None:
    for sizes in EVERY_CUT:
        move, text = result(reasoning + SPEECH, sizes)
        assert move == Move(MoveKind.ASK, "background")
        assert text == "Hello Ada. What do you do?"


def test_thoughts_behind_the_header_go_too() -> None:
    text = f"[[ask background]]\n<plan>{THOUGHTS}</plan>Hello.<scratch_pad>{THOUGHTS}</scratch_pad>"
    for sizes in EVERY_CUT:
        assert result(text, sizes) == (Move(MoveKind.ASK, "background"), "Hello.")


@pytest.mark.parametrize(
    "text",
    [
        "<b>Hello</b> Ada.",
        "<answer>Hello Ada.</answer>",
        "<final_response><p>Hello Ada.</p></final_response>",
    ],
)
def test_tags_around_what_is_said_go_and_the_words_stay(text: str) -> None:
    for header in ("", "[[ask background]] "):
        for sizes in EVERY_CUT:
            assert result(header + text, sizes)[1].split() == ["Hello", "Ada."]


def test_a_long_reply_without_header_is_nobodys() -> None:
    assert result("Let me tell you something new, number 1. " * 5, [9])[1] != ""
    for sizes in EVERY_CUT:
        text = "".join(f"Let me tell you something new, number {n}. " for n in range(50))
        assert result(text, sizes) == (None, "")


@pytest.mark.parametrize(
    "farewell",
    [
        "Thank you, goodbye.",
        "Thanks for everything, and bye for now!",
        "Goodbye Ada. It was a pleasure.",
        "This is the end of our interview.",
        "The interview is now over.",
        "That concludes the interview, have a great day.",
        "Vielen Dank, auf Wiedersehen.",
    ],
)
def test_no_goodbye_is_spoken_under_another_header_while_questions_are_open(farewell: str) -> None:
    for header in ("[[hold]]", "[[ask background]]", "[[answer]]"):
        for sizes in EVERY_CUT:
            assert "must-ask questions open" in result(f"{header} {farewell}", sizes, LATER)[1]
            _, text = result(f"{header} I see what you mean. {farewell} And more.", sizes, LATER)
            assert text.strip() == "I see what you mean."


@pytest.mark.parametrize(
    "text",
    [
        "By the way, take your time.",
        "How did you say goodbye to that customer?",
        "Tell me how you said goodbye to that team.",
        "At the end of the interview, you may ask me anything.",
        "Shall we stop the interview here?",
        "Take care of the details, and tell me more.",
    ],
)
def test_a_word_of_farewell_is_no_goodbye(text: str) -> None:
    for sizes in EVERY_CUT:
        assert result(f"[[ask background]] {text}", sizes) == (
            Move(MoveKind.ASK, "background"),
            text,
        )


@pytest.mark.parametrize(
    "unit",
    [
        "I see what you mean. ",
        "and so on ",
        "Tell me more, please. What did you do then? How did it end? ",
        "well, ",
        "so then ",
        "哈哈。",
    ],
)
def test_what_is_said_over_and_over_is_cut(unit: str) -> None:
    for sizes in EVERY_CUT:
        move, text = result(f"[[ask background]] Thank you. {unit * 40}", sizes)
        assert move == Move(MoveKind.ASK, "background")
        assert 1 <= text.count(unit.strip(" ,")) <= 4
        assert text.startswith("Thank you. " + unit.strip(" ,"))


@pytest.mark.parametrize(
    "text",
    [
        "No, no, no, that is very, very good.",
        "Take your time. Take your time.",
        "Is it 0 0 0 0 0 0 0, or 1 1 1 1 1?",
    ],
)
def test_what_people_repeat_stays(text: str) -> None:
    assert result(f"[[ask background]] {text}", [3]) == (Move(MoveKind.ASK, "background"), text)


PIECES = st.sampled_from(
    [
        "<think>", "</think>", "<plan>", "</plan>", "<foo>", "</foo>", "<answer>", "</answer>",
        "<b>", "[[ask background]]", "[[hold]]", "[[ask q77]] ", "[[", "]]", "<", ">", "[", "(",
        "*", "</", "\n", " ", "Hello. ", "weak on SQL ", "Goodbye. ", "What do you do? ",
        "and so on ", "a < b ", "1. ", "3.5, ", "word ",
        "<|channel|>final<|message|>", "x" * 70 + ", ",
        "So we go on with it, and that is all. " * 20,
    ]
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.lists(PIECES, max_size=12).map("".join), st.lists(st.integers(1, 40), min_size=1))
def test_the_cuts_of_the_stream_change_nothing(text: str, sizes: list[int]) -> None:
    assert result(text, sizes) == result(text, [max(1, len(text))])


@settings(deadline=None)
@given(st.text(max_size=200), st.integers(1, 20))
def test_whatever_a_model_writes_a_move_comes_first_and_once(text: str, size: int) -> None:
    try:
        parts = read(*(text[at : at + size] for at in range(0, len(text), size)))
    except UnfitReply:
        return
    assert [isinstance(part, Move) for part in parts] == [True] * bool(parts) + [False] * (
        len(parts) - 1
    )


@pytest.mark.parametrize(
    "thoughts",
    [
        THOUGHTS,
        "I should ask about their background next. ",
        "Okay, so they gave no example. Need to probe. ",
        "Let me think. The user wants a break, weak answer. ",
        "Hmm, q2 comes next. ",
        "reasoning: short answer, so probe. ",
    ],
)
def test_unmarked_thoughts_behind_a_header_are_not_spoken(thoughts: str) -> None:
    for sizes in EVERY_CUT:
        _, text = result(f"[[ask background]] {thoughts}</think>Hello Ada. What do you do?", sizes)
        assert text == "Hello Ada. What do you do?"
        _, text = result(f"[[ask background]] Hello. {thoughts}</think> What do you do?", sizes)
        assert text.split() in ("Hello. What do you do?".split(), "What do you do?".split())


def test_what_is_certainly_a_thought_is_not_spoken_even_where_nothing_marks_it() -> None:
    for sizes in EVERY_CUT:
        assert result(f"[[ask background]] {THOUGHTS}", sizes)[0] is None
        _, text = result(f"[[ask background]] {THOUGHTS}Hello Ada. What do you do?", sizes)
        assert text.strip() == "Hello Ada. What do you do?"


@pytest.mark.parametrize(
    "text",
    [
        "I will ask you a few questions. What do you do?",
        "Let me check that I got it right: you code?",
        "They sound busy. How do you plan with them?",
        "What makes the candidate for such a role stand out to you?",
    ],
)
def test_speech_that_looks_like_a_thought_is_spoken(text: str) -> None:
    for sizes in EVERY_CUT:
        assert result(f"[[ask background]] {text}", sizes)[1] == text


@pytest.mark.parametrize("times", [3, 4, 9])
def test_a_sentence_that_a_model_says_over_and_over_is_heard_once(times: int) -> None:
    for sizes in EVERY_CUT:
        _, text = result("[[ask background]] Hello Ada. " + "What do you do now? " * times, sizes)
        assert text.strip() == "Hello Ada. What do you do now?"
        _, text = result("[[ask background]] " + "I see, thanks. And what then? " * times, sizes)
        assert text.strip() == "I see, thanks. And what then?"


def test_a_sentence_that_is_said_twice_is_speech() -> None:
    twice = "What do you do now? What do you do now? Tell me."
    for sizes in EVERY_CUT:
        assert result(f"[[ask background]] {twice}", sizes)[1] == twice


def voiced(parts: list[ReplyPart], *, whole: bool = True) -> list[str]:
    """What goes to the voice, one after the other; so far, or with the end of the reply."""
    splitter = SentenceSplitter()
    pieces: list[str] = []
    for part in parts:
        if part is SENTENCE_OVER:
            pieces += splitter.end_sentence()
        elif isinstance(part, str):
            pieces += splitter.feed(part)
    return pieces + (splitter.flush() if whole else [])


def so_far(text: str, view: Conversation = VIEW) -> list[str]:
    """What goes to the voice while the reply goes on, written letter by letter."""
    reader = ReplyReader(view, progress_in(view))
    parts = [part for character in text for part in reader.feed(character)]
    return voiced(parts, whole=False)


@pytest.mark.parametrize(
    "text",
    [
        "Hello Dr. Smith. How are you? I read e.g. your plan. No. 5 is good. No. Tell me.",
        'Really?! Yes! Good. She said "Stop." Then it was over... or was it? It was.',
        "You lived in the U.S. What about now? 1. First thing. 2. Another. Ask J. Smith.",
        "Thank you for that. What do you do now? I see, thank you, and what came next then?",
        "Thanks for telling me, and how did you find the cause? Please tell me about it briefly.",
    ],
)
def test_sentences_are_the_same_whether_the_reader_tells_of_their_end_or_not(text: str) -> None:
    for sizes in EVERY_CUT:
        reader = ReplyReader(VIEW, progress_in(VIEW))
        left, parts = f"[[ask background]] {text}", list[ReplyPart]()
        for size in cycle(sizes):
            parts += reader.feed(left[:size])
            left = left[size:]
            if not left:
                break
        alone = SentenceSplitter()
        assert voiced(parts + reader.flush()) == alone.feed(text) + alone.flush()


def test_a_sentence_is_voiced_as_soon_as_the_next_shows_that_it_is_over() -> None:
    question = "So how did you find the cause?"
    assert so_far(f"[[ask background]] {question} P") == [question]
    assert so_far("[[ask background]] So you asked Dr. S") == []


@pytest.mark.parametrize("reply", ["[[ask background]] ", "[[probe background]] "])
def test_an_opening_is_voiced_as_soon_as_it_is_written(reply: str) -> None:
    view = LATER if "probe" in reply else VIEW
    assert so_far(f"{reply}Thank you for that, a", view) == ["Thank you for that,"]


def test_a_goodbye_behind_an_opening_is_not_spoken_while_questions_must_be_asked() -> None:
    for sizes in EVERY_CUT:
        _, text = result(
            "[[probe background]] Thank you for that, and goodbye. Take care.", sizes, LATER
        )
        assert text.strip() == "Thank you for that,"
