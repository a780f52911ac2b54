"""Items: whatever order a server tells things in, a piece gets its own words or none."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from audio.providers.live_transcription.items import Items
from audio.providers.live_transcription.pieces import SoundPiece
from audio.providers.live_transcription.sayings import (
    Committed,
    FinalWords,
    MoreWords,
    NoWords,
    Saying,
)

Told = Committed | MoreWords | FinalWords


def told_of(number: int) -> list[Told]:
    """What a server says of its n-th item, in its own order."""
    item, before = f"item_{number}", f"item_{number - 1}" if number else None
    return [
        MoreWords(item, f"{number} "),
        Committed(item, before),
        MoreWords(item, f"words of {number}"),
        FinalWords(item, f"all {number}", None),
    ]


@st.composite
def orders(draw: st.DrawFn) -> tuple[int, list[Told]]:
    """Some pieces, and what is told of them: mixed, each item's words in their order, and with
    words of items that nobody asked for."""
    count = draw(st.integers(1, 4))
    waiting: list[list[Told]] = []
    for number in range(count):
        first, committed, *rest = told_of(number)
        waiting += [[first, *rest], [committed]]
    waiting.append([FinalWords("foreign", "Words of nobody", None)] * draw(st.integers(0, 2)))
    waiting.append([MoreWords("foreign", "Words of nobody")] * draw(st.integers(0, 2)))
    mixed: list[Told] = []
    while any(waiting):
        mixed.append(draw(st.sampled_from([row for row in waiting if row])).pop(0))
    return count, mixed


def take(items: Items, said: Saying) -> dict[SoundPiece, str]:
    """Have something taken in; return which pieces end with which words."""
    learnt = None
    if isinstance(said, Committed):
        learnt = items.committed(said)
    elif isinstance(said, MoreWords | FinalWords | NoWords):
        learnt = items.words(said)
    return {
        news.piece: news.final.text for news in learnt or () if isinstance(news.final, FinalWords)
    }


@given(orders())
def test_each_piece_gets_its_own_words_in_whatever_order_they_come(
    case: tuple[int, list[Told]],
) -> None:
    count, mixed = case

    async def run() -> None:
        items = Items()
        pieces = [SoundPiece(number, 24_000) for number in range(count)]
        for piece in pieces:
            items.begin(piece)
            piece.committed = True
            items.commit(piece)
        ends: dict[SoundPiece, str] = {}
        for said in mixed:
            ends |= take(items, said)
        assert [ends[piece] for piece in pieces] == [f"all {n}" for n in range(count)]
        assert [piece.text for piece in pieces] == [f"{n} words of {n}" for n in range(count)]

    asyncio.run(run())


@given(st.lists(st.sampled_from(["begin", "delta", "clear", "commit", "final", "foreign"])))
def test_no_piece_ends_with_words_of_what_was_cleared_or_is_foreign(steps: list[str]) -> None:
    async def run() -> None:
        items = Items()
        number, before, open_piece = 0, None, None
        committed: list[tuple[SoundPiece, str]] = []
        for step in steps:
            item = f"item_{number}"
            match step:
                case "begin" if open_piece is None:
                    open_piece = SoundPiece(number, 24_000)
                    items.begin(open_piece)
                case "delta":
                    items.words(MoreWords(item, "word "))
                case "clear" if open_piece is not None:
                    items.clear()
                    assert items.words(MoreWords(item, "late ")) in (None, [])
                    open_piece, number = None, number + 1
                case "commit" if open_piece is not None:
                    open_piece.committed = True
                    items.commit(open_piece)
                    items.committed(Committed(item, before))
                    committed.append((open_piece, item))
                    before, open_piece, number = item, None, number + 1
                case "final" if committed:
                    piece, name = committed.pop()
                    assert take(items, FinalWords(name, name, None)) == {piece: name}
                    assert take(items, FinalWords(name, "twice", None)) == {}
                case "foreign":
                    assert take(items, FinalWords("foreign", "foreign", None)) == {}

    asyncio.run(run())
