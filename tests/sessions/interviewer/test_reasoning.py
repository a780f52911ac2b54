"""Reasoning in a reply: whatever its marks, and wherever the stream is cut, none comes out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.interviewer.reasoning import ReasoningFilter

SECRET = "The candidate was weak on SQL."
SAID = "[[ask q1]] Hello. What is a < b, and List<T>?"
LONG = SECRET + " I wonder." * 200

BLOCKS = [
    f"<think>{SECRET}</think>\n",
    f"<THINK>{SECRET}</Think>",
    f"<thinking>\n{SECRET}\n\n[[close]] Goodbye.\n</thinking>\n\n",
    f'<reasoning effort="low">{SECRET} 1 < 2</reasoning>',
    f"< think >{SECRET}</ think >",
    f"<think>{LONG}</think>",
    f"<think>{SECRET[:20]}<think>nested</think>{SECRET[20:]}</think>",
    "<think>\n\n</think>\n",
    "<think/>",
    f"<thought>{SECRET}</thought><think>{SECRET}</think>",
    f"[THINK]{SECRET}[/THINK]",
    f"◁think▷{SECRET}◁/think▷",
    f"<|START_THINKING|>{SECRET}<|END_THINKING|>",
    f"<|begin_of_thought|>{SECRET}<|end_of_thought|>",
    f"<|channel|>analysis<|message|>{SECRET}<|end|><|start|>assistant<|channel|>final<|message|>",
    f"<|channel|>commentary to=tools.x <|message|>{SECRET}<|call|><|channel|>final<|message|>",
    f"<|channel|>analysis<|message|>{SECRET}<|start|>assistant<|channel|>final<|message|>",
    f"<|channel>thought\n{SECRET}<channel|>",
    f"{SECRET}</think>\n",
    f"{SECRET}[/THINK]",
    "<|im_start|>assistant\n",
    "<|start_header_id|>assistant<|end_header_id|>\n\n",
    "<start_of_turn>model\n",
    "<s>",
]
TOKENS = [
    "<|im_end|>",
    "<|eot_id|>",
    "<｜end▁of▁sentence｜>",
    "</s>",
    "<end_of_turn>",
    "<|return|>",
]


def filtered(pieces: list[str]) -> str:
    """What a reader has in the end."""
    reasoning, own = ReasoningFilter(), ""
    for taken in [*map(reasoning.feed, pieces), reasoning.flush()]:
        for piece in taken:
            own = own + piece if isinstance(piece, str) else ""
    return own


def cut(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 100_000])
@pytest.mark.parametrize("block", BLOCKS)
def test_reasoning_and_marks_go_and_the_reply_stays(block: str, size: int) -> None:
    assert filtered(cut(block + SAID, size)).strip() == SAID


@pytest.mark.parametrize("size", [1, 3, 100_000])
@pytest.mark.parametrize("token", TOKENS)
def test_special_tokens_go_wherever_they_stand(token: str, size: int) -> None:
    assert filtered(cut(token + SAID + token, size)) == SAID


@pytest.mark.parametrize("size", [1, 3, 100_000])
@pytest.mark.parametrize(
    "block", ["<think>", "<|channel|>analysis<|message|>", "[THINK]", "◁think▷"]
)
def test_reasoning_that_never_ends_is_no_reply(block: str, size: int) -> None:
    assert filtered(cut(block + LONG + SAID, size)) == ""


@pytest.mark.parametrize("size", [1, 2, 5, 100_000])
@pytest.mark.parametrize(
    "text",
    [
        "Is a <b or a <= b, and what does x << 3 give?",
        "When would you use Map<String, List<T>> or vector<int>?",
        "What do you think (really) of arr[0] and [1, 2]?",
        "I think so. Thinking of it, what was your reasoning?",
        "Use <thing> or <thinkable>?",
        "a <",
        "[",
    ],
)
def test_what_is_no_mark_stays_whole(text: str, size: int) -> None:
    assert filtered(cut(text, size)) == text


@given(
    st.lists(st.sampled_from([*BLOCKS, *TOKENS, "<", ">", "[", "a < b ", "<think", "|>", SAID])),
    st.lists(st.integers(1, 40), min_size=1),
)
def test_the_cuts_change_nothing(parts: list[str], sizes: list[int]) -> None:
    text = "".join(parts)
    pieces, at, n = [], 0, 0
    while at < len(text):
        size = sizes[n % len(sizes)]
        pieces.append(text[at : at + size])
        at, n = at + size, n + 1
    assert filtered(pieces) == filtered([text])
