"""How fast the interviewer speaks: as the candidate has asked, for the rest of the interview.

Nothing is remembered here: the pace stands with the move that changed it, and is read from the
turns. It is in percent of the voice's own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sessions.turntaking.turns import Speaker, Turn

NORMAL = 100

PACES = (70, 84, NORMAL)
"""Each about a sixth slower than the next: what is asked for must be heard (a just noticeable
difference of speech rate is about 5 %; Quene 2007), and below two thirds speech sounds drawled."""


def pace_of(turns: Sequence[Turn]) -> int:
    """The pace after these turns, oldest first."""
    for turn in reversed(turns):
        if turn.speaker is Speaker.INTERVIEWER and turn.heard_text.strip():
            pace = stated(turn.move)
            if pace is not None:
                return pace
    return NORMAL


def stated(move: Mapping[str, Any]) -> int | None:
    """The pace that a move's record states, if it does."""
    pace = move.get("pace")
    return pace if pace in PACES else None


def slower(pace: int) -> int:
    """The next pace below, as far as there is one."""
    return max((known for known in PACES if known < pace), default=PACES[0])


def faster(pace: int) -> int:
    """The next pace above, as far as there is one."""
    return min((known for known in PACES if known > pace), default=NORMAL)
