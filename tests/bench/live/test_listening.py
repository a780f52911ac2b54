"""The loudspeaker by arithmetic: what has been played, what came too late, what is to be said."""

import numpy as np

from audio.speech import VOICE_RATE
from bench.live.listening import Listening


def sound(ms: float, *, quiet_ms: float = 0.0, level: int = 3_000) -> bytes:
    samples = np.full(round(ms * VOICE_RATE / 1000), level, "<i2")
    samples[: round(quiet_ms * VOICE_RATE / 1000)] = 5
    return samples.tobytes()


def playing(ms: float = 300.0) -> Listening:
    """A loudspeaker that began to play this much at 10 s."""
    listening = Listening()
    listening.begin(1, 0)
    listening.audio(sound(ms), 10.0)
    return listening


def test_a_reply_is_heard_from_its_first_audible_sample_on() -> None:
    listening = Listening()
    listening.begin(4, 0)
    listening.audio(sound(100, level=40), 10.0)
    assert listening.heard_at == {}
    listening.audio(sound(100, quiet_ms=30), 10.05)
    assert abs(listening.heard_at[4] - 10.13) < 1e-6


def test_sound_that_comes_in_time_leaves_no_gap() -> None:
    listening = playing(300)
    listening.audio(sound(100), 10.25)
    assert listening.gaps_ms == []
    assert abs(listening.lead_ms - 50) < 1e-6


def test_sound_that_comes_late_is_a_gap_and_above_one_frame_an_underrun() -> None:
    listening = playing(300)
    listening.audio(sound(100), 10.31)
    assert [round(gap) for gap in listening.gaps_ms] == [10]
    assert listening.underruns == 0
    listening.audio(sound(100), 10.45)
    assert [round(gap) for gap in listening.gaps_ms] == [10, 40]
    assert listening.underruns == 1


def test_silence_between_two_replies_is_no_gap() -> None:
    listening = playing(100)
    listening.begin(2, 0)
    listening.audio(sound(100), 12.0)
    assert listening.gaps_ms == []
    assert listening.heard_at[2] == 12.0


def test_playback_is_told_every_100_ms() -> None:
    listening = playing(300)
    told = [listening.due(10.0 + step / 100) for step in range(40)]
    positions = [message["samples"] for messages in told for message in messages]
    assert positions == [240, 2_640, 5_040]


def test_a_mark_is_answered_once_and_only_after_everything_was_played() -> None:
    listening = playing(50)
    listening.mark(1, 7)
    assert all(message["type"] == "audio.played" for message in listening.due(10.04))
    answers = [message for message in listening.due(10.05) if message["type"] == "audio.marked"]
    assert answers == [{"type": "audio.marked", "generation": 1, "id": 7}]
    assert listening.due(11.0) == []


def test_a_flush_says_what_was_played_and_drops_the_rest() -> None:
    listening = playing(300)
    answer = listening.flush(1, 10.1)
    assert answer == {"type": "audio.flushed", "generation": 1, "samples": 2_400}
    assert listening.due(10.5) == []
    listening.begin(1, 2_000)
    listening.audio(sound(100), 10.6)
    assert listening.played(10.65) == 2_000 + 1_200
    assert listening.gaps_ms == [], "a reply that goes on after a hold has no gap"


def test_a_flush_of_another_reply_has_played_nothing_of_it() -> None:
    assert playing().flush(9, 10.1)["samples"] == 0
