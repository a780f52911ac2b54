"""What monitors see of an interview, projected from its plan and turns. Pure."""

from collections.abc import Iterable, Sequence

from sessions.cost.money import bill_of
from sessions.cost.tally import Tally
from sessions.interviewer.progress import Progress
from sessions.monitor.events import CostNow, CoverageNow, LatencyNow
from sessions.plan.plan import Plan
from sessions.turn_history import breakdown
from sessions.turntaking.turns import Turn


def coverage_of(plan: Plan, progress: Progress) -> CoverageNow:
    """Return how every question of the plan stands."""
    current = progress.current.id if progress.current else None
    dropped = {question.id for question in progress.dropped}
    asked = set(progress.asked)

    def state(question: str) -> str:
        if question == current and not progress.closed:
            return "current"
        if question in progress.skipped:
            return "skipped"
        if question in progress.answered:
            return "answered"
        if question in asked:
            return "skipped"
        return "dropped" if question in dropped else "open"

    return CoverageNow(
        current=current,
        next=progress.next.id if progress.next else None,
        questions=tuple((question.id, state(question.id)) for question in plan.questions()),
    )


def latency_of(turn: Turn) -> LatencyNow | None:
    """Return how long the candidate waited for this turn; None where it answered nothing."""
    waited = turn.latency.get("voice_to_voice_ms")
    if waited is None:
        return None
    return LatencyNow(turn.index, float(waited), breakdown(turn.latency))


def latencies_of(turns: Iterable[Turn]) -> tuple[LatencyNow, ...]:
    """Return the latencies of all turns that have one."""
    return tuple(latency for turn in turns if (latency := latency_of(turn)) is not None)


def cost_of(turns: Sequence[Turn], tally: Tally) -> CostNow:
    """Return what the interview has cost: all its calls, or the replies on record without any."""
    bill = bill_of(tally.interview)
    usd = bill.as_number
    if not tally.interview:
        costs = [turn.usage["cost_usd"] for turn in turns if "cost_usd" in turn.usage]
        known = [cost for cost in costs if cost is not None]
        usd = sum(known) if known else None
    return CostNow(
        cost_usd=None if usd is None else round(usd, 6),
        input_tokens=sum(turn.usage.get("input_tokens", 0) for turn in turns),
        output_tokens=sum(turn.usage.get("output_tokens", 0) for turn in turns),
        voiced_chars=sum(turn.usage.get("voiced_chars", 0) for turn in turns),
        unpriced=bill.unpriced,
        capped=tally.capped,
    )
