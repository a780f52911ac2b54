"""Reply parser: headers however garbled or cut, and nothing spoken that cannot be."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.interviewer.protocol import MoveKind
from sessions.interviewer.reply_parser import (
    LATE_HEADER,
    Header,
    HeaderReader,
    SpokenText,
    write_header,
)

QUESTIONS = ["q1", "q2", "hard_bug"]


def read(text: str, size: int = 1) -> tuple[Header | None, str]:
    """The header and what is spoken, the text coming in pieces of `size`."""
    reader, spoken = HeaderReader(QUESTIONS), SpokenText()
    said = ""
    done = False
    for start in range(0, len(text), size):
        piece = text[start : start + size]
        if not done:
            rest = reader.feed(piece)
            if rest is None:
                continue
            done = True
            piece = rest
        said += spoken.feed(piece)
    if not done:
        said += spoken.feed(reader.flush())
    said += spoken.flush()
    return reader.header, " ".join(said.split())


@pytest.mark.parametrize(
    ("text", "header", "said"),
    [
        ("[[ask q1]]\nWhat now?", Header(MoveKind.ASK, "q1"), "What now?"),
        ("  [[ASK: Q-1]] What now?", Header(MoveKind.ASK, "q1"), "What now?"),
        ("**[[repeat q2]]**\nAgain.", Header(MoveKind.REPEAT, "q2"), "Again."),
        ("[probe q2 probe=1] More?", Header(MoveKind.PROBE, "q2", {"probe": 1}), "More?"),
        ("[[probe q2 probe = 1]] More?", Header(MoveKind.PROBE, "q2", {"probe": 1}), "More?"),
        (
            "[[ask hardbug skipped=q1]] So?",
            Header(MoveKind.ASK, "hard_bug", {"skipped": "q1"}),
            "So?",
        ),
        ("[[hold]] Take your time.", Header(MoveKind.HOLD), "Take your time."),
        ("[[close q1]] Goodbye.", Header(MoveKind.CLOSE), "Goodbye."),
        ("[[ask q9]] What?", Header(MoveKind.ASK), "What?"),
        ("[[ask question 3]] What?", Header(MoveKind.ASK), "What?"),
        ("[[ask q1] What now?", Header(MoveKind.ASK, "q1"), "What now?"),
        ("[[ask q1\nWhat now?", Header(MoveKind.ASK, "q1"), "What now?"),
        ("[[ask q1 What now?", Header(MoveKind.ASK, "q1"), "What now?"),
        ("[[blah\nWhat now?", None, "What now?"),
        ("[warmly] What now?", None, "What now?"),
        ("[[dance q1]] What now?", None, "What now?"),
        ("What now?", None, "What now?"),
        ("[[ask q1]]", Header(MoveKind.ASK, "q1"), ""),
        ("", None, ""),
    ],
)
def test_a_header_is_read_and_never_spoken(text: str, header: Header | None, said: str) -> None:
    for size in (1, 3, 1000):
        assert read(text, size) == (header, said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Good. [[ask q2]] What now?", "Good. What now?"),
        ("**Well**, *that* is `fine`.", "Well, that is fine."),
        ("*smiles warmly* Hello (pauses) there.", "Hello there."),
        ("I used it (a cache, that is).", "I used it (a cache, that is)."),
        ("# Title\n- one\n* two\n3. three", "Title one two three"),
        ("3.5 years, 10 people.", "3.5 years, 10 people."),
        ("See [the page](https://example.org/a) now.", "See the page now."),
        ("Well done! 🎉👍🏽 ✨ Next.", "Well done! Next."),
        ("C# and a <b>tag</b>.", "C# and a tag."),
        ("5 * 3 is [not closed", "5 * 3 is not closed"),
        ("snake_case", "snake_case"),
        ("_Really_ __good__ **bold _and_ so**", "Really __good__ bold and so"),
        ("(smiling) (pauses for a moment) *nods in agreement* [waits] <laughs> Go on.", "Go on."),
        (
            "See <https://example.org> and <br/><break time='1s'/>go.",
            "See https://example.org and go.",
        ),
        ("`x_y[0]` **is** `fine`.", "x_y[0] is fine."),
        ("क्‍ष 👩‍💻 नमस्ते", "क्‍ष नमस्ते"),
        ("(" + "word " * 60, "(" + ("word " * 60).strip()),
    ],
)
def test_only_what_can_be_spoken_is_spoken(text: str, said: str) -> None:
    for size in (1, 4, 1000):
        assert read("[[ask q1]]\n" + text, size)[1] == said


@pytest.mark.parametrize(
    "text",
    [
        "What does arr[0] return, and what is 3 * 4 * 5?",
        "When would you use List<T> or max_retries?",
        "Map<String, List<Vector<int>>> or Dict[str, list[int]]?",
        "Is a < b and c > d, or a <= b, a<b, x << 3?",
        "On a scale [1-5], [0, 1) or (0, 1], from [] to [1, 2, 3]?",
        "What do f(*args, **kwargs) and a*b*c and SELECT * FROM t mean?",
        "What do __init__ and _private and obj.__class__ and MAX_SIZE mean?",
        "And space (thinking of time and memory), or (pausing the thread), or (waiting time)?",
        "What does it -> or → or a ⇒ b mean?",
        "What is a <section> for, and a[i][j], and f(x)[0]?",
    ],
)
def test_signs_that_are_no_markup_stay(text: str) -> None:
    for size in (1, 4, 1000):
        assert read("[[ask q1]]\n" + text, size)[1] == text


def test_plain_text_is_passed_on_without_delay() -> None:
    spoken = SpokenText()
    assert spoken.feed("Thank you") == "Thank you"
    assert spoken.feed(" so much.") == " so much."


@pytest.mark.parametrize("kind", list(MoveKind))
def test_what_is_written_is_read_again(kind: MoveKind) -> None:
    question = None if kind is MoveKind.CLOSE else "q2"
    header, _ = read(write_header(kind, question, {"probe": 1, "skipped": "q1"}) + " Text")
    assert header == Header(kind, question, {"probe": 1, "skipped": "q1"})


PIECES = st.lists(
    st.sampled_from(
        ["[[ask q1]]", "[[", "]]", "[", "]", "(", ")", "*", "**", "\n", "- ", "1. ", "word ", "q1 ",
         "ask ", "<b>", "`", "](x)", "smiles", "🙂", "_", " ", "12", "probe=1"]
    ),
    max_size=25,
).map("".join)  # fmt: skip


@settings(deadline=None)
@given(PIECES | st.text(max_size=300), st.integers(1, 12))
def test_the_cuts_of_the_stream_change_nothing(text: str, size: int) -> None:
    assert read(text, size) == read(text, max(1, len(text)))


@settings(deadline=None)
@given(PIECES)
def test_no_header_is_ever_spoken(text: str) -> None:
    assert not LATE_HEADER.search(read(text, 3)[1])
