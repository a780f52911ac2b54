"""The wait, explained: the parts sum up to it, whatever was done ahead or is not known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.turn_history import PARTS, REPLY_STAMPS, STAMPS, breakdown

WHOLE = {
    "speech_end": 1_000.0,
    "words_asked": 1_064.2,
    "transcript_final": 1_210.0,
    "endpoint": 1_600.0,
    "prepare": 1_210.1,
    "first_token": 1_360.0,
    "first_sentence": 1_480.0,
    "first_audio": 1_560.0,
    "released": 1_600.0,
    "first_audio_sent": 1_600.4,
    "first_audio_played": 1_650.0,
}


def test_each_stamp_ends_its_part() -> None:
    assert set(WHOLE) == set(STAMPS)
    assert STAMPS[-len(REPLY_STAMPS) :] == REPLY_STAMPS
    assert REPLY_STAMPS[0] == "prepare"
    assert breakdown(WHOLE) == {
        "notice": 64.2,
        "transcribe": 145.8,
        "begin": 0.1,
        "think": 149.9,
        "write": 120.0,
        "voice": 80.0,
        "hold": 40.0,
        "send": 0.4,
        "play": 49.6,
    }


def test_what_was_done_ahead_takes_no_time() -> None:
    early = WHOLE | {"first_token": 900.0, "first_sentence": 905.0, "first_audio": 906.0}
    parts = breakdown(early)
    assert (parts["think"], parts["write"], parts["voice"]) == (0.0, 0.0, 0.0)
    assert parts["hold"] == 389.9


def test_a_reply_that_was_let_out_before_there_was_sound_is_not_held() -> None:
    parts = breakdown(WHOLE | {"released": 1_300.0})
    assert (parts["voice"], parts["hold"], parts["send"]) == (80.0, 0.0, 40.4)


@pytest.mark.parametrize("missing", ["speech_end", "first_audio_played"])
def test_without_both_ends_there_is_no_wait(missing: str) -> None:
    assert breakdown({name: at for name, at in WHOLE.items() if name != missing}) == {}


def test_a_reply_that_began_too_early_is_no_wait() -> None:
    assert breakdown(WHOLE | {"first_audio_played": 900.0}) == {}


@given(
    st.dictionaries(st.sampled_from(sorted(PARTS.values())), st.integers(-5_000, 50_000)),
    st.integers(0, 20_000),
    st.integers(0, 30_000),
)
def test_the_parts_are_the_whole(stamps: dict[str, int], speech_end: int, wait: int) -> None:
    tenths = stamps | {"speech_end": speech_end, "first_audio_played": speech_end + wait}
    parts = breakdown({name: value / 10 for name, value in tenths.items()})
    assert round(sum(parts.values()), 1) == wait / 10
    assert all(part >= 0 for part in parts.values())
