"""The bench of sessions: how many interviews one server process holds on one core, in real time.

The server has a core to itself; the candidates, the stand-in provider and the database share the
others. The crowd grows step by step, and each step is measured once everybody has been let in and
greeted. Sound is counted as late at the candidate, against the clock of its playback.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.live.crowd import Candidate, Clip, Crowd
from bench.live.latency import Progress
from bench.live.testbed import Testbed, Usage, everybody_leaves
from bench.percentiles import percentiles

JOINS_A_SECOND = 5.0
"""How fast the crowd comes in: 40 people within 8 s, which is no longer a coincidence."""

GREETED_WITHIN_S = 30.0
WARM_UP_TURNS = 1

P95_WITHIN = 2.0
"""A step holds while its p95 is within this many times the first step's p50 ..."""


@dataclass(frozen=True, slots=True)
class Step:
    """The results for one size of the crowd.

    `cpu_percent` is of the server's core, `core_taken_percent` the time in which the server waited
    for it because others had it; `underruns` are gaps above 20 ms at the candidates,
    `least_lead_ms` how near the others came to one; `lag_ms` is the server's loop, `bench_late_ms`
    the bench's own ticker.
    """

    sessions: int
    answers: int
    v2v_ms: dict[str, float]
    cpu_s_per_session_minute: float
    cpu_percent: float
    core_taken_percent: float
    mb_per_session: float
    underruns: int
    least_lead_ms: float
    cut: int
    unanswered: int
    lost: int
    lag_ms: dict[str, float]
    bench_late_ms: dict[str, float]


@dataclass(slots=True)
class Measured:
    """All steps, smallest crowd first."""

    steps: list[Step]
    pinned: bool

    @property
    def breaks_at(self) -> int | None:
        """The first size of crowd that was not held: with an underrun, a lost session, or a p95
        beyond twice the first p50."""
        limit = P95_WITHIN * self.steps[0].v2v_ms.get("p50", float("inf"))
        for step in self.steps:
            slow = step.v2v_ms.get("p95", float("inf")) > limit
            if step.underruns or step.lost or (slow and step is not self.steps[0]):
                return step.sessions
        return None

    def figures(self) -> dict[str, Any]:
        """Return what goes into the JSON file: the largest crowd, and every step."""
        last = self.steps[-1]
        return {
            "sessions": last.sessions,
            "v2v_ms": last.v2v_ms,
            "cpu_s_per_session_minute": last.cpu_s_per_session_minute,
            "mb_per_session": last.mb_per_session,
            "underruns": last.underruns,
            "steps": [asdict(step) for step in self.steps],
        }


async def measure(
    bed: Testbed,
    clips: tuple[Clip, ...],
    crowds: Sequence[int],
    seconds: float,
    progress: Progress,
) -> Measured:
    """Measure each size of crowd for `seconds`, smallest first."""
    await _warm_up(bed, clips)
    measured = Measured([], bed.pinned)
    base_mb = bed.usage().rss_mb
    for size in sorted(crowds):
        progress(f"{size} sessions: joining, then {seconds:.0f} s.")
        measured.steps.append(await _measure(bed, clips, size, seconds, base_mb))
    return measured


async def _warm_up(bed: Testbed, clips: tuple[Clip, ...]) -> None:
    """Hold one short interview: what a server loads with its first one belongs to no session."""
    crowd = Crowd()
    crowd.start()
    await _join(bed, crowd, clips, 1, WARM_UP_TURNS)
    await asyncio.wait([crowd.candidates[0].over], timeout=GREETED_WITHIN_S * WARM_UP_TURNS)
    await everybody_leaves(crowd.candidates)
    crowd.stop()


async def _join(
    bed: Testbed, crowd: Crowd, clips: tuple[Clip, ...], size: int, turns: int | None = None
) -> None:
    begun = time.monotonic()
    for number in range(size):
        _, token = await bed.invite()
        candidate = Candidate(token, clips, number, turns)
        await bed.admit(candidate)
        crowd.candidates.append(candidate)
        wait = begun + (number + 1) / JOINS_A_SECOND - time.monotonic()
        await asyncio.sleep(max(0.0, wait))


async def _measure(
    bed: Testbed, clips: tuple[Clip, ...], size: int, seconds: float, base_mb: float
) -> Step:
    crowd = Crowd()
    crowd.start()
    await _join(bed, crowd, clips, size)
    await asyncio.wait([c.greeted for c in crowd.candidates], timeout=GREETED_WITHIN_S)
    await bed.lag_ms()
    crowd.late_ms.clear()
    before, began = bed.usage(), time.monotonic()
    await asyncio.sleep(seconds)
    after, ended = bed.usage(), time.monotonic()
    lag, late = await bed.lag_ms(), list(crowd.late_ms)
    lost = sum(candidate.over.done() for candidate in crowd.candidates)
    used = Usage(
        after.cpu_s - before.cpu_s, after.rss_mb - base_mb, after.waited_s - before.waited_s
    )
    step = _step(crowd.candidates, (began, ended), used, lag, late, lost)
    await everybody_leaves(crowd.candidates)
    crowd.stop()
    return step


def _step(
    candidates: Sequence[Candidate],
    window: tuple[float, float],
    used: Usage,
    lag: Sequence[float],
    late: Sequence[float],
    lost: int,
) -> Step:
    began, ended = window
    size, wall_s = len(candidates), ended - began
    # the youngest answers may still be waiting for their replies
    exchanges = [
        e
        for c in candidates
        for e in c.exchanges
        if began <= e.ended_at and (e.heard_at is not None or e.ended_at < ended - 10)
    ]
    leads = [c.speaker.lead_ms for c in candidates]
    return Step(
        sessions=size,
        answers=len(exchanges),
        v2v_ms=percentiles([e.v2v_ms for e in exchanges if e.v2v_ms is not None], 50, 95),
        cpu_s_per_session_minute=round(used.cpu_s / size / (wall_s / 60), 3),
        cpu_percent=round(100 * used.cpu_s / wall_s, 1),
        core_taken_percent=round(100 * used.waited_s / wall_s, 1),
        mb_per_session=round(used.rss_mb / size, 2),
        underruns=sum(c.speaker.underruns for c in candidates),
        least_lead_ms=round(min(leads), 1),
        cut=sum(e.cut for e in exchanges),
        unanswered=sum(e.heard_at is None for e in exchanges),
        lost=lost,
        lag_ms=percentiles(lag, 50, 99, 100),
        bench_late_ms=percentiles(late, 50, 99, 100),
    )
