"""The stand-in provider: what it replies, and in how many tokens."""

import statistics

import pytest

from bench.live.chain import FAST, REAL, Chain, Latencies
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
        before = [piece for token in tokens[: counted - 1] for piece in splitter.feed(token)]
        assert len(before) == (number != 3), "all but the last begin with words voiced ahead"
        last = splitter.feed(tokens[counted - 1])
        assert " ".join(before + last) == FIRST_SENTENCES[number]


def test_its_voice_is_audible_at_once_and_comes_faster_than_it_is_spoken() -> None:
    async def story() -> list[tuple[float, int]]:
        began = now_ms()
        return [(now_ms() - began, len(piece)) async for piece in ToneVoice().speak("ten chars.")]

    pieces = run_virtual(story())
    length_s = sum(size for _, size in pieces) / 48_000
    assert length_s == 0.6
    assert pieces[0][0] == 0
    assert pieces[-1][0] == pytest.approx(100, abs=1), "the last of six, at five times the speed"


def test_the_latencies_of_a_chain_are_the_same_in_every_run_and_vary_as_it_says() -> None:
    first, second = Latencies(REAL), Latencies(REAL)
    drawn = [first.first_token_ms() for _ in range(1_000)]
    assert [second.first_token_ms() for _ in range(1_000)] == drawn
    assert statistics.median(drawn) == pytest.approx(REAL.first_token_ms, rel=0.05)
    assert statistics.quantiles(drawn, n=10)[-1] == pytest.approx(1_140, rel=0.1)
    assert {Latencies(FAST).first_token_ms() for _ in range(3)} == {FAST.first_token_ms}
    assert REAL.transcription_ms + REAL.first_token_ms + REAL.tts_first_byte_ms == 1_650
