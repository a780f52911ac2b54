"""A candidate of the crowd: when it speaks, what it notes, and how it leaves."""

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bench.live.crowd import (
    GIVEN_UP_AFTER_S,
    REACTION_S,
    Candidate,
    Clip,
    Crowd,
    Exchange,
    clips_of,
    room,
)
from bench.live.utterances import FRAME, Utterance

CLIPS = (Clip("First answer.", (b"a1", b"a2", b"a3")), Clip("Second answer.", (b"b1", b"b2")))
LOUD = np.full(2_400, 3_000, "<i2").tobytes()


class Wire:
    """A socket that keeps what is sent."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.said: list[dict[str, Any]] = []

    def write(self, frame: bytes) -> None:
        self.frames.append(frame)

    def say(self, message: dict[str, Any]) -> None:
        self.said.append(json.loads(json.dumps(message)))


def candidate(turns: int | None = None) -> tuple[Candidate, Wire]:
    """One that has been let in."""
    found, wire = Candidate("token", CLIPS, 0, turns), Wire()
    found.join(wire, "ticket")  # type: ignore[arg-type]  # as much of a socket as is used
    found.opened()
    found.message({"type": "session.ready"})
    return found, wire


def hears_a_reply(found: Candidate, generation: int) -> float:
    """A reply of 100 ms, to its end; when that was."""
    found.message({"type": "audio.begin", "generation": generation, "offset": 0})
    found.sound(LOUD)
    found.message({"type": "audio.mark", "generation": generation, "id": 1})
    end = found.speaker.first_heard[generation] + 0.2
    found.tick(end)
    return end


def speaks(found: Candidate, now: float) -> None:
    """Say the next answer to its end."""
    count = len(found.exchanges)
    while len(found.exchanges) == count:
        found.tick(now)


async def test_it_shows_its_ticket_consents_and_sends_the_quiet_of_its_room() -> None:
    found, wire = candidate()
    found.tick(1.0)
    assert wire.said == [{"type": "hello", "ticket": "ticket"}, {"type": "start", "consent": True}]
    assert wire.frames == [room()[0]]


async def test_it_answers_an_ordinary_gap_after_the_reply_was_played() -> None:
    found, wire = candidate()
    end = hears_a_reply(found, 1)
    assert found.greeted.done()
    wire.frames.clear()
    found.tick(end + REACTION_S - 0.01)
    assert wire.frames[-1] in room()
    speaks(found, end + REACTION_S)
    assert wire.frames[-3:] == [b"a1", b"a2", b"a3"]
    assert [e.text for e in found.exchanges] == ["First answer."]


async def test_the_wait_runs_from_the_last_frame_of_the_answer_to_the_reply() -> None:
    found, _ = candidate()
    speaks(found, hears_a_reply(found, 1) + REACTION_S)
    hears_a_reply(found, 2)
    exchange = found.exchanges[0]
    assert exchange.heard_at == found.speaker.first_heard[2]
    assert exchange.v2v_ms == (found.speaker.first_heard[2] - exchange.ended_at) * 1000


async def test_a_reply_that_begins_before_the_end_is_a_cut_and_no_wait() -> None:
    found, _ = candidate()
    end = hears_a_reply(found, 1)
    found.tick(end + REACTION_S)
    found.message({"type": "audio.begin", "generation": 2, "offset": 0})
    found.sound(LOUD)
    speaks(found, end + REACTION_S)
    assert found.exchanges[0].cut
    assert found.exchanges[0].v2v_ms is None


async def test_without_any_reply_it_says_its_next_answer_after_a_while() -> None:
    found, wire = candidate()
    speaks(found, hears_a_reply(found, 1) + REACTION_S)
    speaks(found, found.exchanges[0].ended_at + GIVEN_UP_AFTER_S)
    assert wire.frames[-2:] == [b"b1", b"b2"]
    assert found.exchanges[0].v2v_ms is None


async def test_after_the_reply_to_its_last_answer_it_leaves() -> None:
    found, wire = candidate(turns=1)
    speaks(found, hears_a_reply(found, 1) + REACTION_S)
    hears_a_reply(found, 2)
    assert wire.said[-1] == {"type": "end"}
    found.message({"type": "session.ended", "reason": "ended_by_candidate"})
    found.closed(1000)
    assert found.ended == "ended_by_candidate"
    assert found.over.done()


async def test_the_ticker_gives_everybody_a_frame_every_20_ms_and_catches_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now_s = 100.0
    monkeypatch.setattr("bench.live.crowd.time", SimpleNamespace(monotonic=lambda: now_s))
    crowd = Crowd()
    pairs = [candidate() for _ in range(6)]
    crowd.candidates = [found for found, _ in pairs]
    crowd.start()
    crowd.stop()
    now_s += 0.2  # the bench was held up
    crowd._turn()
    crowd.stop()
    assert {len(wire.frames) for _, wire in pairs} <= {10, 11}
    assert crowd.late_ms == pytest.approx([0, 195])


def test_an_utterance_becomes_frames_of_20_ms() -> None:
    clip = clips_of([Utterance("x", np.ones(3 * FRAME, np.int16))])[0]
    assert [len(frame) for frame in clip.frames] == [8 + 2 * FRAME] * 3


def test_an_answer_without_a_reply_has_no_wait() -> None:
    assert Exchange("x", 1.0).v2v_ms is None
