"""The simulated loudspeaker: counts what it plays, answers marks and flushes, notices gaps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.speech import VOICE_RATE
from server.simulator.loudspeaker import Loudspeaker

TICK = VOICE_RATE // 50  # 20 ms


def tone(samples: int, level: int = 1_000) -> bytes:
    return np.full(samples, level, np.int16).tobytes()


@pytest.fixture
def speaker() -> Loudspeaker:
    return Loudspeaker()


def test_nothing_is_silence(speaker: Loudspeaker) -> None:
    speaker.play(TICK, 0.0)
    assert bytes(speaker.recording) == bytes(2 * TICK)
    assert speaker.events == []
    assert (speaker.underrun_ms, speaker.busy) == (0.0, False)


def test_sound_is_played_in_order_across_frames_and_ticks(speaker: Loudspeaker) -> None:
    speaker.begin(1, 0)
    first, second = tone(TICK // 2, 100), tone(TICK, 200)
    speaker.audio(first)
    speaker.audio(second)
    speaker.play(TICK, 0.0)
    speaker.play(TICK, 0.02)
    assert bytes(speaker.recording) == first + second + bytes(TICK)


def test_a_mark_is_answered_once_all_before_it_was_played(speaker: Loudspeaker) -> None:
    speaker.begin(3, 0)
    speaker.audio(tone(TICK + 1))
    speaker.mark(3, 7)
    speaker.play(TICK, 0.0)
    assert [event["type"] for event in speaker.events] == ["audio.played"]
    speaker.play(TICK, 0.02)
    assert speaker.events[1] == {"type": "audio.marked", "generation": 3, "id": 7}


def test_a_mark_at_the_very_end_does_not_wait_for_the_next_tick(speaker: Loudspeaker) -> None:
    speaker.begin(3, 0)
    speaker.audio(tone(TICK))
    speaker.mark(3, 1)
    speaker.play(TICK, 0.0)
    assert {"type": "audio.marked", "generation": 3, "id": 1} in speaker.events


def test_a_flush_silences_at_once_and_tells_how_far_it_came(speaker: Loudspeaker) -> None:
    speaker.begin(4, 0)
    speaker.audio(tone(10 * TICK))
    speaker.mark(4, 1)
    speaker.play(TICK, 0.0)
    speaker.flush(4)
    assert speaker.events[-1] == {"type": "audio.flushed", "generation": 4, "samples": TICK}
    speaker.play(TICK, 0.02)
    assert bytes(speaker.recording[-2 * TICK :]) == bytes(2 * TICK)
    assert "audio.marked" not in [event["type"] for event in speaker.events]
    assert speaker.underrun_ms == 0.0


def test_a_flush_of_what_never_came_is_answered_too(speaker: Loudspeaker) -> None:
    speaker.flush(9)
    assert speaker.events == [{"type": "audio.flushed", "generation": 9, "samples": 0}]


def test_a_reply_that_goes_on_is_counted_from_its_offset(speaker: Loudspeaker) -> None:
    speaker.begin(4, 1_000)
    speaker.audio(tone(TICK))
    speaker.play(TICK, 0.0)
    speaker.flush(4)
    assert speaker.events[-1]["samples"] == 1_000 + TICK


def test_progress_is_told_at_once_and_then_every_100_ms(speaker: Loudspeaker) -> None:
    speaker.begin(1, 0)
    speaker.audio(tone(VOICE_RATE))
    for tick in range(50):
        speaker.play(TICK, tick / 50)
    told = [event["samples"] for event in speaker.events if event["type"] == "audio.played"]
    assert told[0] == TICK
    assert np.diff(np.array(told)).tolist() == [VOICE_RATE // 10] * (len(told) - 1)
    assert len(told) == 10


def test_the_first_audible_sample_has_a_time(speaker: Loudspeaker) -> None:
    speaker.begin(2, 0)
    speaker.audio(tone(TICK, 10) + tone(TICK, -500))
    speaker.play(TICK, 5.0)
    assert speaker.first_heard == {}
    speaker.play(TICK, 5.02)
    assert speaker.first_heard == {2: pytest.approx(5.02)}


def test_a_gap_in_a_reply_is_noticed_and_the_silence_after_it_is_not_one(
    speaker: Loudspeaker,
) -> None:
    speaker.begin(1, 0)
    speaker.audio(tone(TICK // 2))
    speaker.play(TICK, 0.0)  # 10 ms are missing
    speaker.play(TICK, 0.02)  # and 20 ms more
    speaker.audio(tone(TICK))
    speaker.mark(1, 1)
    speaker.play(TICK, 0.04)
    speaker.play(TICK, 0.06)
    assert [speaker.underrun_ms, speaker.longest_gap_ms] == pytest.approx([30, 30])


@given(st.lists(st.integers(1, 3 * TICK), max_size=12), st.integers(1, 3 * TICK))
def test_nothing_is_lost_or_doubled_however_it_is_cut(lengths: list[int], tick: int) -> None:
    speaker = Loudspeaker()
    speaker.begin(1, 0)
    sent = b"".join(tone(length, number + 1) for number, length in enumerate(lengths))
    for number, length in enumerate(lengths):
        speaker.audio(tone(length, number + 1))
    speaker.mark(1, 1)
    for number in range(len(sent) // 2 // tick + 1):
        speaker.play(tick, number * tick / VOICE_RATE)
    assert bytes(speaker.recording[: len(sent)]) == sent
    assert not any(speaker.recording[len(sent) :])
    assert speaker.events[-1]["type"] in ("audio.marked", "audio.played")
    assert sum(event["type"] == "audio.marked" for event in speaker.events) == 1
    assert speaker.underrun_ms == 0.0
