"""Reply reader: pieces of a reply in, a Move and speakable text out."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.interviewer.progress import progress_in
from sessions.interviewer.protocol import Conversation, Move, MoveKind, ReplyPart
from sessions.interviewer.reply_reader import MAX_HEADERLESS_CHARS, ReplyReader
from sessions.plan.plan import demo_plan
from sessions.turntaking.causes import Cause

VIEW = Conversation(demo_plan(), "Ada", "en", (), Cause.OPENING, time_left_ms=900_000)


def read(*pieces: str) -> list[ReplyPart]:
    reader = ReplyReader(VIEW, progress_in(VIEW))
    return [part for piece in pieces for part in reader.feed(piece)] + reader.flush()


def test_the_move_waits_for_the_first_words() -> None:
    reader = ReplyReader(VIEW, progress_in(VIEW))
    assert reader.feed("[[ask background]]\n") == []
    assert reader.feed("... ") == []
    assert reader.feed("So") == [Move(MoveKind.ASK, "background"), "... So"]


def test_without_words_there_is_no_move() -> None:
    assert read("[[ask background]]", "\n...") == []


def test_a_long_reply_without_header_is_not_held_back_for_ever() -> None:
    reader = ReplyReader(VIEW, progress_in(VIEW))
    words = "Let me tell you something. "
    held = [part for _ in range(MAX_HEADERLESS_CHARS // 20) for part in reader.feed(words)]
    assert isinstance(held[0], Move)


@settings(deadline=None)
@given(st.text(max_size=200), st.integers(1, 20))
def test_whatever_a_model_writes_a_move_comes_first_and_once(text: str, size: int) -> None:
    parts = read(*(text[at : at + size] for at in range(0, len(text), size)))
    assert [isinstance(part, Move) for part in parts] == [True] * bool(parts) + [False] * (
        len(parts) - 1
    )
