"""Move inference: a model's claims are corrected before they become a move."""

import pytest

from sessions.interviewer.progress import progress_in
from sessions.interviewer.protocol import Conversation, Move, MoveKind
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
        (Header(MoveKind.CLOSE), Move(MoveKind.CLOSE)),
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
        ("This is the end of our interview. Goodbye!", Move(MoveKind.CLOSE)),
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
    assert "".join(map(str, parts[1:])) == "Hello. What do you do?"


def test_reasoning_that_never_ends_is_no_reply() -> None:
    view = Conversation(PLAN, "Ada", "en", [], Cause.OPENING, time_left_ms=15 * 60_000)
    reader = ReplyReader(view, progress_in(view))
    assert [*reader.feed("<think>Weak on SQL. [[ask background]] Hello."), *reader.flush()] == []
