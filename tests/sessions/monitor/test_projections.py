"""What monitors see of an interview agrees with what is on record."""

from typing import Any

from sessions.monitor.projections import latencies_of, latency_of
from sessions.turn_history import PARTS, breakdown
from sessions.turntaking.turns import Speaker, Turn

STAMPS = {"speech_end": 1_000.0, "endpoint": 1_600.0} | {
    stamp: 1_000.0 + 70 * number for number, stamp in enumerate(PARTS.values(), 1)
}


def turn(index: int, **latency: Any) -> Turn:
    """An interviewer's turn with these stamps."""
    return Turn(index, Speaker.INTERVIEWER, "Why?", "Why?", 2_000, 2_900, latency=latency)


def test_the_parts_of_a_wait_are_those_on_record_and_add_up_to_it() -> None:
    latency = latency_of(turn(2, **STAMPS, voice_to_voice_ms=630.0))
    assert latency is not None
    assert (latency.index, latency.voice_to_voice_ms) == (2, 630.0)
    assert latency.parts == breakdown(STAMPS)
    assert tuple(latency.parts) == tuple(PARTS)
    assert sum(latency.parts.values()) == 630.0


def test_a_turn_that_answered_nothing_has_no_latency() -> None:
    greeting = turn(0, prepare=0.0, first_audio_played=900.0)
    assert latency_of(greeting) is None
    reply = turn(2, **STAMPS, voice_to_voice_ms=630.0)
    assert latencies_of([greeting, reply]) == (latency_of(reply),)
