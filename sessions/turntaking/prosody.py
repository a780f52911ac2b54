"""How the sound of an ending changes the wait that its words have set.

Pure, and only where an audio model is configured: without one there is no `finished`.
"""

from dataclasses import dataclass, replace

from sessions.turntaking.endpointing.pause_rules import Patience


@dataclass(frozen=True, slots=True)
class ProsodyRules:
    """From which likelihoods (0..1, that the speaker is done) on the wait changes, and how far."""

    finished_above: float = 0.9
    """It sounds finished."""

    finished_factor: float = 1.0
    """Then the wait is this much of what it was. 1: Smart Turn v3.2 is as sure of the pauses of the
    corpus (42% of them are above) as of its ends (49%), and 0.8 had 25% of its answers cut off
    and not 17%, for 70 ms. People's melody may deserve more trust than the corpus's one voice."""

    finished_least_ms: float = 300.0
    """But never shorter for that: gaps inside a phrase are below 300 ms."""

    unfinished_below: float = 0.2
    """It sounds as if more were to come: so do 37% of the corpus's pauses, and 11% of its ends."""

    unfinished_factor: float = 2.0
    """Then the wait is so many times as long: on the corpus 10% of the answers are cut off and not
    17%, for 97 ms in the median (1.5: 14%, for 59 ms),"""

    unfinished_most_ms: float = 3_000.0
    """but never beyond this for that: as long as after half a sentence (`open_ms`)."""


def with_prosody(wait: Patience, finished: float | None, rules: ProsodyRules) -> Patience:
    """The wait, shortened or lengthened. What sounds neither way, or is not known (None), changes
    nothing."""
    if finished is None:
        return wait
    if finished > rules.finished_above:
        shorter = max(rules.finished_least_ms, wait.ms * rules.finished_factor)
        return replace(wait, ms=min(wait.ms, shorter))
    if finished < rules.unfinished_below:
        longer = min(rules.unfinished_most_ms, wait.ms * rules.unfinished_factor)
        return replace(wait, ms=max(wait.ms, longer))
    return wait
