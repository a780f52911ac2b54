"""The loudspeaker: what is heard when, what came too late, and what is reported to the server."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.speech import VOICE_RATE
from server.simulator.loudspeaker import Loudspeaker, PlayedSound, as_heard

TICK = VOICE_RATE // 50  # 20 ms


def tone(samples: int, level: int = 1_000) -> bytes:
    return np.full(samples, level, "<i2").tobytes()


def sound(ms: float, *, quiet_ms: float = 0.0, level: int = 3_000) -> bytes:
    samples = np.full(round(ms * VOICE_RATE / 1000), level, "<i2")
    samples[: round(quiet_ms * VOICE_RATE / 1000)] = 5
    return samples.tobytes()


def playing(ms: float = 300.0) -> Loudspeaker:
    """A loudspeaker that began to play this much at 10 s."""
    speaker = Loudspeaker()
    speaker.begin(1, 0)
    speaker.audio(sound(ms), 10.0)
    return speaker


@pytest.fixture
def speaker() -> Loudspeaker:
    return Loudspeaker()


def test_nothing_is_silence(speaker: Loudspeaker) -> None:
    assert as_heard([], 0.0, 0.02) == bytes(2 * TICK)
    assert speaker.messages(0.02) == []
    assert (speaker.gaps_ms, speaker.busy(0.02)) == ([], False)


def test_sound_is_played_in_order_across_frames_and_ticks(speaker: Loudspeaker) -> None:
    speaker.begin(1, 0)
    first, second = tone(TICK // 2, 100), tone(TICK, 200)
    sounds = [speaker.audio(first, 0.0), speaker.audio(second, 0.0)]
    assert speaker.busy(0.02)
    assert not speaker.busy(0.04)
    assert as_heard(sounds, 0.0, 0.04) == first + second + bytes(TICK)


def test_what_was_heard_can_be_asked_of_any_time(speaker: Loudspeaker) -> None:
    speaker.begin(1, 0)
    sounds = [speaker.audio(tone(TICK, 100), 0.0), speaker.audio(tone(TICK, 200), 0.05)]
    half = TICK // 2
    assert as_heard(sounds, 0.01, 0.06) == tone(half, 100) + bytes(3 * TICK) + tone(half, 200)


def test_a_mark_is_answered_once_all_before_it_was_played(speaker: Loudspeaker) -> None:
    speaker.begin(3, 0)
    speaker.audio(tone(TICK + 1), 0.0)
    speaker.mark(3, 7)
    assert [message["type"] for message in speaker.messages(0.02)] == ["audio.played"]
    assert speaker.messages(0.04) == [{"type": "audio.marked", "generation": 3, "id": 7}]


def test_a_mark_at_the_very_end_does_not_wait_for_the_next_tick(speaker: Loudspeaker) -> None:
    speaker.begin(3, 0)
    speaker.audio(tone(TICK), 0.0)
    speaker.mark(3, 1)
    assert {"type": "audio.marked", "generation": 3, "id": 1} in speaker.messages(0.02)


def test_a_mark_is_answered_only_once_however_often_one_asks() -> None:
    speaker = playing(50)
    speaker.mark(1, 7)
    assert all(message["type"] == "audio.played" for message in speaker.messages(10.04))
    answers = [m for m in speaker.messages(10.05) if m["type"] == "audio.marked"]
    assert answers == [{"type": "audio.marked", "generation": 1, "id": 7}]
    assert speaker.messages(11.0) == []


def test_a_flush_silences_at_once_and_tells_how_far_it_came(speaker: Loudspeaker) -> None:
    speaker.begin(4, 0)
    played = speaker.audio(tone(10 * TICK), 0.0)
    speaker.mark(4, 1)
    speaker.messages(0.02)
    assert speaker.flush(4, 0.02) == TICK
    assert not speaker.busy(0.02)
    assert as_heard([played], 0.02, 0.04) == bytes(2 * TICK)
    assert speaker.messages(0.5) == []
    assert speaker.gaps_ms == []


def test_a_flush_drops_what_waits_and_what_comes_after_it_has_no_gap() -> None:
    speaker = playing(300)
    assert speaker.flush(1, 10.1) == 2_400
    assert speaker.messages(10.5) == []
    speaker.begin(1, 2_000)
    speaker.audio(sound(100), 10.6)
    assert speaker.played(1, 10.65) == 2_000 + 1_200
    assert speaker.gaps_ms == [], "a reply that goes on after a hold has no gap"


def test_a_flush_drops_the_pieces_behind_the_present_one_too() -> None:
    speaker = playing(300)
    waiting = [speaker.audio(sound(100), 10.0), speaker.audio(sound(100), 10.05)]
    assert speaker.flush(1, 10.1) == 2_400
    assert speaker.played(1, 12.0) == 2_400
    assert as_heard(waiting, 10.0, 12.0) == bytes(2 * 2 * VOICE_RATE)


def test_a_flush_of_what_never_came_is_answered_too(speaker: Loudspeaker) -> None:
    assert speaker.flush(9, 0.0) == 0


def test_a_flush_of_another_reply_has_played_nothing_of_it() -> None:
    assert playing().flush(9, 10.1) == 0


def test_a_reply_that_goes_on_is_counted_from_its_offset(speaker: Loudspeaker) -> None:
    speaker.begin(4, 1_000)
    speaker.audio(tone(TICK), 0.0)
    assert speaker.flush(4, 0.02) == 1_000 + TICK


def test_progress_is_told_at_once_and_then_every_100_ms(speaker: Loudspeaker) -> None:
    speaker.begin(1, 0)
    speaker.audio(tone(VOICE_RATE), 0.0)
    reported = [m for tick in range(50) for m in speaker.messages((tick + 1) / 50)]
    told = [int(str(message["samples"])) for message in reported]
    assert told[0] == TICK
    assert np.diff(np.array(told)).tolist() == [VOICE_RATE // 10] * (len(told) - 1)
    assert len(told) == 10


def test_progress_is_told_no_sooner_however_often_one_asks() -> None:
    speaker = playing(300)
    reported = [m for step in range(40) for m in speaker.messages(10.0 + step / 100)]
    assert [message["samples"] for message in reported] == [240, 2_640, 5_040]


def test_the_first_audible_sample_has_a_time(speaker: Loudspeaker) -> None:
    speaker.begin(2, 0)
    speaker.audio(tone(TICK, 10) + tone(TICK, -500), 5.0)
    assert speaker.first_heard == {2: pytest.approx(5.02)}


def test_a_reply_is_heard_from_its_first_audible_sample_on(speaker: Loudspeaker) -> None:
    speaker.begin(4, 0)
    speaker.audio(sound(100, level=40), 10.0)
    assert speaker.first_heard == {}
    speaker.audio(sound(100, quiet_ms=30), 10.05)
    assert speaker.first_heard == {4: pytest.approx(10.13)}


def test_what_was_flushed_before_it_could_be_heard_never_was(speaker: Loudspeaker) -> None:
    speaker.begin(4, 0)
    speaker.audio(sound(300, quiet_ms=200), 10.0)
    speaker.flush(4, 10.1)
    assert speaker.first_heard == {}


def test_sound_that_comes_in_time_leaves_no_gap() -> None:
    speaker = playing(300)
    speaker.audio(sound(100), 10.25)
    assert speaker.gaps_ms == []
    assert speaker.lead_ms == pytest.approx(50)


def test_sound_that_comes_late_is_a_gap_and_above_one_frame_an_underrun() -> None:
    speaker = playing(300)
    speaker.audio(sound(100), 10.31)
    assert speaker.gaps_ms == pytest.approx([10])
    assert speaker.underruns == 0
    speaker.audio(sound(100), 10.45)
    assert speaker.gaps_ms == pytest.approx([10, 40])
    assert speaker.underruns == 1


def test_a_gap_in_a_reply_is_noticed_and_the_silence_after_it_is_not_one(
    speaker: Loudspeaker,
) -> None:
    speaker.begin(1, 0)
    speaker.audio(tone(TICK // 2), 0.0)
    speaker.audio(tone(TICK), 0.04)  # 30 ms were missing
    speaker.mark(1, 1)
    speaker.messages(0.06)
    speaker.audio(tone(TICK), 0.08)
    assert speaker.gaps_ms == pytest.approx([30])


def test_silence_between_two_replies_is_no_gap() -> None:
    speaker = playing(100)
    speaker.begin(2, 0)
    speaker.audio(sound(100), 12.0)
    assert speaker.gaps_ms == []
    assert speaker.first_heard[2] == 12.0


@given(st.lists(st.integers(1, 3 * TICK), max_size=12), st.integers(1, 3 * TICK))
def test_nothing_is_lost_or_doubled_however_it_is_cut(lengths: list[int], tick: int) -> None:
    speaker, tick_s = Loudspeaker(), tick / VOICE_RATE
    speaker.begin(1, 0)
    pieces = [tone(length, number + 1) for number, length in enumerate(lengths)]
    sent = b"".join(pieces)
    sounds = [speaker.audio(piece, 0.0) for piece in pieces]
    speaker.mark(1, 1)
    ticks = len(sent) // 2 // tick + 1
    messages = [m for number in range(ticks) for m in speaker.messages((number + 1) * tick_s)]
    heard = as_heard(sounds, 0.0, tick_s) + as_heard(sounds, tick_s, ticks * tick_s)
    assert heard[: len(sent)] == sent
    assert not any(heard[len(sent) :])
    assert messages[-1]["type"] in ("audio.marked", "audio.played")
    assert sum(message["type"] == "audio.marked" for message in messages) == 1
    assert speaker.gaps_ms == []


def test_a_sound_knows_how_far_it_has_been_played() -> None:
    piece = PlayedSound(1, 500, sound(100), VOICE_RATE, 10.0, 10.1)
    assert [piece.position(at_s) for at_s in (9.0, 10.05, 11.0)] == [500, 1_700, 2_900]
