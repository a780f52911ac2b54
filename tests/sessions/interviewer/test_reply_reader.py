"""Move inference: a model's claims are corrected before they become a move."""

import pytest

from sessions.interviewer.progress import progress_in
from sessions.interviewer.protocol import SENTENCE_OVER, Conversation, Move, MoveKind, UnfitReply
from sessions.interviewer.reply_parser import Header
from sessions.interviewer.reply_reader import MoveInference, ReplyReader
from sessions.plan.plan import demo_plan
from sessions.turntaking.causes import Cause
from sessions.turntaking.turns import Speaker, Turn

PLAN = demo_plan()


def sure(*asked: str, cause: Cause = Cause.ANSWER, level: int = 0) -> MoveInference:
    turns = [
        Turn(n, Speaker.INTERVIEWER, "Text.", "Text.", 0, 0, move={"kind": "ask", "question": name})
        for n, name in enumerate(asked)
    ]
    view = Conversation(PLAN, "Ada", "en", turns, cause, idle_level=level, time_left_ms=15 * 60_000)
    return MoveInference(view, progress_in(view))


LEFT = {"skipped": "background"}
HOLD = Move(MoveKind.HOLD, "background")


@pytest.mark.parametrize(
    ("header", "move"),
    [
        (Header(MoveKind.ASK, "on_call"), Move(MoveKind.ASK, "on_call")),
        (Header(MoveKind.ASK, "background"), Move(MoveKind.REPEAT, "background")),
        (Header(MoveKind.PROBE), Move(MoveKind.PROBE, "background")),
        (
            Header(MoveKind.PROBE, None, {"probe": 1}),
            Move(MoveKind.PROBE, "background", {"probe": 1}),
        ),
        (Header(MoveKind.PROBE, None, {"probe": 9}), Move(MoveKind.PROBE, "background")),
        (Header(MoveKind.HOLD, None, {"probe": 1, **LEFT}), Move(MoveKind.HOLD, "background")),
        (Header(MoveKind.ASK, "on_call", LEFT), Move(MoveKind.ASK, "on_call", LEFT)),
        (Header(MoveKind.ASK, "on_call", {"skipped": "notice"}), Move(MoveKind.ASK, "on_call")),
        (Header(MoveKind.ASK), None),
        (Header(MoveKind.PROBE, "notice"), None),
        (None, None),
    ],
)
def test_a_header_becomes_a_move_that_fits(header: Header | None, move: Move | None) -> None:
    assert sure("background").from_header(header) == move


def test_when_the_time_is_up_every_reply_closes() -> None:
    assert sure("background", cause=Cause.TIME_UP).from_header(None) == Move(MoveKind.CLOSE)
    header = Header(MoveKind.ASK, "on_call")
    assert sure("background", cause=Cause.TIME_UP).from_header(header) == Move(MoveKind.CLOSE)


def test_what_called_for_the_move_is_noted() -> None:
    idle = sure("background", cause=Cause.IDLE, level=2).from_header(Header(MoveKind.REPEAT))
    assert idle == Move(MoveKind.REPEAT, "background", {"idle": 2})
    back = sure("background", cause=Cause.RESUME).from_header(Header(MoveKind.REPEAT))
    assert back == Move(MoveKind.REPEAT, "background", {"resumed": 1})


@pytest.mark.parametrize(
    ("text", "move"),
    [
        ("Thanks. " + PLAN.question("design").text, Move(MoveKind.ASK, "design")),
        ("So, the work you do now: what do you like?", Move(MoveKind.REPEAT, "background")),
        ("And which part was yours?", Move(MoveKind.PROBE, "background")),
        ("Take your time.", Move(MoveKind.HOLD, "background")),
        ("That was the answer I hoped for. By the way, take your time.", HOLD),
    ],
)
def test_without_a_header_the_text_tells(text: str, move: Move) -> None:
    assert sure("background").from_text(text, None) == move


def test_a_new_question_that_cannot_be_told_is_the_next_of_the_plan() -> None:
    made = sure("background").from_text("And something quite different?", Header(MoveKind.ASK))
    assert made == Move(MoveKind.ASK, "on_call")


def test_before_the_first_question_a_greeting_asks_it() -> None:
    assert sure().from_text("Hello there!", None) == Move(MoveKind.ASK, "background")
    assert sure().from_text("Hello there!", Header(MoveKind.HOLD)) == Move(MoveKind.HOLD)


@pytest.mark.parametrize("size", [1, 4, 1_000])
@pytest.mark.parametrize(
    "reasoning",
    ["<think>Weak on SQL.\n[[close]] Goodbye.</think>\n", "Weak on SQL, I think.</think>\n"],
)
def test_the_header_behind_reasoning_counts_and_the_reasoning_does_not(
    reasoning: str, size: int
) -> None:
    turns: list[Turn] = []
    view = Conversation(PLAN, "Ada", "en", turns, Cause.OPENING, time_left_ms=15 * 60_000)
    reader = ReplyReader(view, progress_in(view))
    text = reasoning + "[[ask background]] Hello. What do you do?"
    parts = [part for at in range(0, len(text), size) for part in reader.feed(text[at : at + size])]
    parts += reader.flush()
    assert parts[0] == Move(MoveKind.ASK, "background")
    text = "".join(str(part) for part in parts[1:] if part is not SENTENCE_OVER)
    assert text == "Hello. What do you do?"


def test_reasoning_that_never_ends_is_no_reply() -> None:
    view = Conversation(PLAN, "Ada", "en", [], Cause.OPENING, time_left_ms=15 * 60_000)
    reader = ReplyReader(view, progress_in(view))
    assert [*reader.feed("<think>Weak on SQL. [[ask background]] Hello."), *reader.flush()] == []


MUST_ASK = [question.id for question in PLAN.questions() if question.must_ask]
EVERY = [question.id for question in PLAN.questions()]


def told(
    said: str,
    *asked: str,
    cause: Cause = Cause.ANSWER,
    time_left_ms: int = 15 * 60_000,
    stop_offered: bool = False,
) -> MoveInference:
    """After these questions were put, the candidate has said this."""
    turns = [
        Turn(n, Speaker.INTERVIEWER, "Text.", "Text.", 0, 0, move={"kind": "ask", "question": name})
        for n, name in enumerate(asked)
    ]
    if stop_offered:
        move = {"kind": "hold", "question": asked[-1], "stop": 1}
        turns.append(Turn(len(turns), Speaker.INTERVIEWER, "End it?", "End it?", 0, 0, move=move))
    view = Conversation(PLAN, "Ada", "en", turns, cause, said, time_left_ms=time_left_ms)
    return MoveInference(view, progress_in(view))


def closes(inference: MoveInference) -> bool:
    """Both by its header and by its words; or by neither."""
    outcomes = set()
    for header, text in (
        (Header(MoveKind.CLOSE), "Thank you."),
        (Header(MoveKind.CLOSE, None, {"early": 1}), "Thank you."),
        (None, "Thank you, that was my last question. Goodbye for now."),
        (None, "Goodbye."),
    ):
        try:
            move = inference.from_header(header) or inference.from_text(text, header)
            outcomes.add(move.kind is MoveKind.CLOSE)
        except UnfitReply:
            outcomes.add(False)
    assert len(outcomes) == 1
    return outcomes.pop()


@pytest.mark.parametrize(
    "said",
    [
        "I have worked on billing for three years.",
        "That was in the end a good decision, and we went on.",
        "Could you repeat the question?",
        "No.",
        "",
    ],
)
def test_a_model_does_not_close_while_a_must_ask_question_is_open(said: str) -> None:
    assert not closes(told(said, EVERY[0]))
    assert not closes(told(said, *MUST_ASK[:-1]))


@pytest.mark.parametrize(
    "said",
    [
        "Let's stop the interview.",
        "Goodbye.",
        "I'm sorry, my daughter is ill and I really have to go now.",
        "Could we continue another time?",
        "I don't want to continue, this is not for me.",
        "I would like to end here, please.",
    ],
)
def test_a_candidate_who_asks_for_it_is_let_go(said: str) -> None:
    assert closes(told(said, EVERY[0]))


def test_a_close_is_right_when_nothing_must_be_asked_or_the_time_is_up_or_stopping_was_agreed() -> (
    None
):
    assert closes(told("Yes, it was.", *EVERY))
    assert closes(told("Yes, it was.", *MUST_ASK))
    assert closes(told("Yes, it was.", EVERY[0], time_left_ms=1_000))
    assert closes(told("Yes, please.", EVERY[0], stop_offered=True))
    assert not closes(told("No.", EVERY[0], stop_offered=True))
    assert told("Yes.", EVERY[0], cause=Cause.TIME_UP).from_header(None) == Move(MoveKind.CLOSE)
