"""Kinds of answers: a row of the report for each, since they are waited for so differently."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from bench.turns.trials import AnswerTrial
from sessions.turntaking.endpointing.whole_requests import is_whole_request

THINKING_MS = 500.0
"""Pause inside an answer from which on somebody has stopped to think."""

SHORT_WORDS = 12
"""Words below which an answer is short: about one sentence."""


def kind_of(trial: AnswerTrial) -> str:
    """Return the kind of an answer: the one its recording states, or one by the words that were
    heard, the question and its pauses."""
    if trial.kind is not None:
        return trial.kind
    heard = " ".join(trial.heard)
    if is_whole_request(heard):
        return "request"
    if trial.longest_pause_ms > THINKING_MS:
        return "thinking"
    if trial.shape == "yes_no":
        return "yes/no"
    return "short" if len(heard.split()) < SHORT_WORDS else "long"


def figures_by_kind(trials: Sequence[AnswerTrial]) -> dict[str, dict[str, Any]]:
    """Return for each kind how many there are, how many were cut, and the delays of the others."""
    kinds: dict[str, list[AnswerTrial]] = {}
    for trial in trials:
        kinds.setdefault(kind_of(trial), []).append(trial)
    return {kind: _figures(kinds[kind]) for kind in sorted(kinds)}


def _figures(trials: Sequence[AnswerTrial]) -> dict[str, Any]:
    delays = [t.delay_ms for t in trials if not t.cut and t.delay_ms is not None]
    p50, p95 = (
        (round(float(np.percentile(delays, at)), 1) for at in (50, 95)) if delays else (None, None)
    )
    return {"answers": len(trials), "cut": sum(t.cut for t in trials), "p50": p50, "p95": p95}
