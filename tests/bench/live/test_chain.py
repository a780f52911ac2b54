"""A wait is explained to the millisecond: the decision, the provider, and what is our own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.live.chain import REAL, STAGES, Chain, share_of

CHAIN = Chain()
ENDED = 1_000.0


def stamps(**changes: float) -> dict[str, float]:
    """A reply that waited for the provider, with some of our own time in every stage."""
    return {
        "transcribe_ms": 124.0,
        "transcript_final": 1_334.0,  # asked for 210 ms after the end
        "first_sentence": 1_610.0,
        "first_audio": 1_693.0,
        "released": 1_500.0,
    } | changes


def test_the_chain_of_the_contract_takes_470_ms() -> None:
    assert CHAIN.sentence_ms == 270
    assert CHAIN.total_ms == 470


def test_a_reply_that_waited_for_the_provider_owes_us_what_the_provider_did_not_take() -> None:
    share = share_of(stamps(), ENDED, 1_694.5, CHAIN)
    assert share.bound_by == "provider"
    assert share.v2v_ms == 694.5
    assert share.waited_ms == 210
    assert share.provider_ms == 470
    assert share.own_ms == pytest.approx(4 + 6 + 3 + 1.5)
    assert dict(share.stages) == {
        "wait": 210,
        "transcription": 124,
        "first_sentence": 276,
        "voice": 83,
        "hold": 0,
        "send": 1.5,
    }


def test_a_reply_that_was_ready_owes_us_only_its_way_out() -> None:
    share = share_of(stamps(released=1_800.0), ENDED, 1_801.2, CHAIN)
    assert share.bound_by == "patience"
    assert share.waited_ms == 800
    assert share.provider_ms == 0
    assert share.own_ms == pytest.approx(1.2)
    assert share.stages["hold"] == 107


def test_sound_that_was_made_ahead_counts_for_what_it_took() -> None:
    share = share_of(stamps(first_audio=1_612.0), ENDED, 1_613.0, CHAIN)
    assert share.provider_ms == 120 + 270 + 2
    assert share.own_ms == pytest.approx(4 + 6 + 0 + 1)


def test_words_asked_for_before_the_end_shorten_the_wait() -> None:
    early = {name: value - 300 for name, value in stamps().items() if name != "transcribe_ms"}
    share = share_of(early | {"transcribe_ms": 124.0}, ENDED, 1_394.5, CHAIN)
    assert share.v2v_ms == 394.5
    assert share.waited_ms == -90
    assert share.own_ms == pytest.approx(14.5)


def test_a_reply_that_was_written_before_the_words_were_there_has_cost_no_time() -> None:
    early = stamps(transcript_final=1_700.0, transcribe_ms=490.0)
    share = share_of(early, ENDED, 1_701.0, REAL)
    assert dict(share.stages) == {
        "wait": 210,
        "transcription": 490,
        "first_sentence": 0,
        "voice": 0,
        "hold": 0,
        "send": 1,
    }
    assert share.provider_ms == 490
    assert share.own_ms == 1, "what a stage of varying length took is the provider's"


def test_a_missing_stamp_is_an_error() -> None:
    with pytest.raises(KeyError):
        share_of({"transcript_final": 1.0}, ENDED, 2_000.0, CHAIN)


@given(st.lists(st.floats(-1_000, 5_000), min_size=7, max_size=7))
def test_stages_and_shares_always_sum_up_to_the_wait(times: list[float]) -> None:
    transcribe_ms, words, written, voiced, released, ended, heard = times
    found = stamps(
        transcribe_ms=transcribe_ms,
        transcript_final=words,
        first_sentence=written,
        first_audio=voiced,
        released=released,
    )
    share = share_of(found, ended, heard, CHAIN)
    assert share.v2v_ms == heard - ended
    assert tuple(share.stages) == STAGES
    assert sum(share.stages.values()) == pytest.approx(share.v2v_ms, abs=1e-6)
    parts = share.waited_ms + share.provider_ms + share.own_ms
    assert parts == pytest.approx(share.v2v_ms, abs=1e-6)
