"""The stand-in provider: what it replies, and in how many tokens."""

import pytest

from bench.live.chain import Chain
from bench.live.provider import FIRST_SENTENCES, ToneVoice, first_sentence_tokens, reply_to
from sessions.interviewer.sentences import SentenceSplitter
from tests.support.virtual_time import now_ms, run_virtual


def test_its_chain_is_that_of_the_contract() -> None:
    assert Chain(tokens=first_sentence_tokens()).total_ms == 470


def test_it_asks_the_question_that_the_prompt_names() -> None:
    prompt = [
        {"role": "system", "content": "ask q09, ask q10"},
        {"role": "user", "content": "<now>Reply to what was said; otherwise ask q07.</now>"},
    ]
    assert reply_to(prompt).startswith("[[ask q07]] ")


def test_the_last_counted_token_is_the_one_by_which_the_sentence_is_over() -> None:
    for number in range(len(FIRST_SENTENCES)):
        reply = reply_to([{"role": "user", "content": f"ask q{number:02}"}])
        tokens = [f" {word}" for word in reply.split()][2:]  # without the header
        splitter = SentenceSplitter()
        counted = first_sentence_tokens() - 2
        assert not any(splitter.feed(token) for token in tokens[: counted - 1])
        assert splitter.feed(tokens[counted - 1]) == [FIRST_SENTENCES[number]]


def test_its_voice_is_audible_at_once_and_comes_faster_than_it_is_spoken() -> None:
    async def story() -> list[tuple[float, int]]:
        began = now_ms()
        return [(now_ms() - began, len(piece)) async for piece in ToneVoice().speak("ten chars.")]

    pieces = run_virtual(story())
    length_s = sum(size for _, size in pieces) / 48_000
    assert length_s == 0.6
    assert pieces[0][0] == 0
    assert pieces[-1][0] == pytest.approx(100, abs=1), "the last of six, at five times the speed"
