"""The bench of latency: how long a finished answer waits for its reply, and Viva's own share of it.

A real server in a process of its own, a stand-in provider with fixed latencies in another, real
speech in real time over real sockets. The wait is what the candidate has: from the last sample of
speech that is sent to the first audible one of the reply. `bench.live.chain` says how it is
explained.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.live.chain import STAGES, Chain, Share, share_of
from bench.live.crowd import Candidate, Clip, Crowd, Exchange
from bench.live.testbed import Testbed, everybody_leaves
from bench.percentiles import percentiles

TURN_WITHIN_S = 30.0
"""An answer, its reply and the pause after it take some 10 s; three times that, and it hangs."""

SAME_WITHIN_MS = 150.0
"""A reply that is heard and one that is on record are the same if they began this close."""

SERVER_STAMPS = ("transcript_final", "first_sentence", "first_audio", "released")

Progress = Callable[[str], None]


@dataclass(slots=True)
class Measured:
    """The results of one run.

    `shares` explain the waits that could be matched with the record; `calls` is how often the
    language model was asked for each reply that was heard, drafts that were thrown away included.
    `late_ms` is the lateness of the bench's own ticker, `core_taken_percent` the time in which the
    server waited for its core because others had it.
    """

    sessions: int
    chain: Chain
    waits_ms: list[float] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    underruns: int = 0
    cut: int = 0
    unanswered: int = 0
    late_ms: list[float] = field(default_factory=list)
    core_taken_percent: float = 0.0

    def figures(self) -> dict[str, Any]:
        """Return what goes into the JSON file; times in ms."""
        return {
            "sessions": self.sessions,
            "turns": len(self.waits_ms),
            "chain_ms": round(self.chain.total_ms, 1),
            "v2v_ms": percentiles(self.waits_ms, 50, 95),
            "own_ms": percentiles([s.own_ms for s in self.shares], 50, 95),
            "model_calls_a_turn": round(sum(self.calls) / max(1, len(self.calls)), 2),
            "underruns": self.underruns,
            "breakdown": {
                stage: percentiles([s.stages[stage] for s in self.shares], 50, 95)
                for stage in STAGES
            },
        }


async def measure(
    bed: Testbed, clips: tuple[Clip, ...], sessions: int, turns: int, progress: Progress
) -> Measured:
    """Hold `sessions` interviews of `turns` answers each, side by side."""
    progress(f"The server is ready; {sessions} x {turns} answers, in real time.")
    measured = Measured(sessions, bed.chain)
    invited = [await bed.invite() for _ in range(sessions)]
    crowd = Crowd()
    crowd.start()
    before, began = bed.usage(), time.monotonic()
    for number, (_, token) in enumerate(invited):
        candidate = Candidate(token, clips, number, turns)
        await bed.admit(candidate)
        crowd.candidates.append(candidate)
    await _until_over(crowd.candidates, turns, progress)
    crowd.stop()
    waited_s = bed.usage().waited_s - before.waited_s
    measured.core_taken_percent = round(100 * waited_s / (time.monotonic() - began), 1)
    for (interview_id, _), candidate in zip(invited, crowd.candidates, strict=True):
        _take(measured, candidate, await bed.turns(interview_id))
    measured.late_ms = crowd.late_ms
    return measured


async def _until_over(candidates: list[Candidate], turns: int, progress: Progress) -> None:
    give_up = time.monotonic() + (turns + 2) * TURN_WITHIN_S
    while not all(candidate.over.done() for candidate in candidates):
        await asyncio.wait([c.over for c in candidates if not c.over.done()], timeout=10)
        answered = sum(len(candidate.exchanges) for candidate in candidates)
        progress(f"{answered} of {len(candidates) * turns} answers given")
        if time.monotonic() > give_up:
            await everybody_leaves(candidates)
            return


def _take(measured: Measured, candidate: Candidate, record: Sequence[dict[str, Any]]) -> None:
    exchanges = candidate.exchanges
    measured.underruns += candidate.speaker.underruns
    measured.cut += sum(e.cut for e in exchanges)
    measured.unanswered += sum(e.heard_at is None for e in exchanges)
    waits = [e for e in exchanges if e.v2v_ms is not None]
    measured.waits_ms += [e.v2v_ms for e in waits if e.v2v_ms is not None]
    measured.calls += [
        1 + turn["latency"]["thrown_away"] for turn in record if "thrown_away" in turn["latency"]
    ]
    measured.shares += explained(waits, candidate.speaker.first_heard, record, measured.chain)


def explained(
    waits: Sequence[Exchange],
    heard_at: dict[int, float],
    record: Sequence[dict[str, Any]],
    chain: Chain,
) -> list[Share]:
    """Explain the waits that are on record. `heard_at`: when each reply was first heard, s.

    The server's stamps are in its own session time. What was sent first cannot be heard before it
    was sent, so the smallest difference between the two over all replies is how far the clocks are
    apart, and the shortest way a reply has had (on loopback, some tenths of a ms).
    """
    replies = list(_replies(record))
    if not replies or not heard_at:
        return []
    shift = min(heard_at.values()) * 1000 - replies[0]["first_audio_sent"]
    pairs = _pairs([at * 1000 - shift for at in heard_at.values()], replies)
    if not pairs:
        return []
    shift += min(heard - stamps["first_audio_sent"] for heard, stamps in pairs)
    shares = []
    for exchange in waits:
        heard_ms = (exchange.heard_at or 0.0) * 1000
        for _, stamps in _pairs([heard_ms - shift], replies):
            if all(name in stamps for name in SERVER_STAMPS):
                moved = {name: stamps[name] + shift for name in SERVER_STAMPS}
                moved["transcribe_ms"] = stamps["transcribe_ms"]
                shares.append(share_of(moved, exchange.ended_at * 1000, heard_ms, chain))
    return shares


def _replies(record: Sequence[dict[str, Any]]) -> Iterator[dict[str, float]]:
    """Return the stamps of each reply, with how long the words that it answers took to
    transcribe."""
    transcribe_ms = 0.0
    for turn in record:
        stamps = turn["latency"]
        transcribe_ms = stamps.get("transcribe_ms", transcribe_ms)
        if "first_audio_sent" in stamps:
            yield {"transcribe_ms": transcribe_ms} | stamps


def _pairs(
    heard_ms: Sequence[float], replies: Sequence[dict[str, float]]
) -> list[tuple[float, dict[str, float]]]:
    """Pair each reply that was heard with the one on record that was sent at that time."""
    pairs = []
    for heard in heard_ms:
        nearest = min(replies, key=lambda stamps: abs(stamps["first_audio_sent"] - heard))
        if abs(nearest["first_audio_sent"] - heard) < SAME_WITHIN_MS:
            pairs.append((heard, nearest))
    return pairs
