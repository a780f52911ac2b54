"""Speaking rate: how fast the interviewer speaks, as the candidate has asked, in percent.

100 is the voice's own rate. Nothing is remembered here: the rate stands, as `pace`, with the move
that changed it, and is read from the turns.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sessions.turntaking.turns import Speaker, Turn

NORMAL_RATE = 100
"""The voice's own rate."""

SPEAKING_RATES = (70, 84, NORMAL_RATE)
"""Rates to choose from, each about a sixth slower than the next: a change must be noticed (a just
noticeable difference of speech rate is about 5 %; Quene 2007), and below two thirds speech sounds
drawled."""


def speaking_rate_after(turns: Sequence[Turn]) -> int:
    """Return the rate after these turns, oldest first."""
    for turn in reversed(turns):
        if turn.speaker is Speaker.INTERVIEWER and turn.heard_text.strip():
            rate = rate_in(turn.move)
            if rate is not None:
                return rate
    return NORMAL_RATE


def rate_in(move: Mapping[str, Any]) -> int | None:
    """Return the rate that a move's record states, if it does."""
    rate = move.get("pace")
    return rate if rate in SPEAKING_RATES else None


def slower(rate: int) -> int:
    """Return the next rate below, or the lowest."""
    return max((known for known in SPEAKING_RATES if known < rate), default=SPEAKING_RATES[0])


def faster(rate: int) -> int:
    """Return the next rate above, or the normal one."""
    return min((known for known in SPEAKING_RATES if known > rate), default=NORMAL_RATE)
