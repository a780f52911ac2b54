"""Features: which words of a clause, taken together, make which request, in whatever order.

A rule has a kind, the forces that a clause may have (asked, ordered, wanted, stated), words that
all have to be there, and behind a "!" words of which none may be. The rules are English.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from sessions.interviewer.enquiries.clauses import Clause, Force, clauses_of
from sessions.interviewer.enquiries.lexicon import LEXICON
from sessions.interviewer.enquiries.question_rules import QUESTION_RULES
from sessions.interviewer.enquiries.request_wordings import Intent
from sessions.interviewer.enquiries.talk_rules import TALK_RULES
from sessions.interviewer.enquiries.wordings import Topic

Kind = Topic | Intent

DECISIVE = (Topic.ACCOMMODATION, Topic.ADD, Topic.CORRECT)
"""Kinds that count for more than what is asked beside them: why somebody asks to wait matters."""

_WEIGHT = {Force.ASK: 2, Force.ORDER: 2, Force.WISH: 1, Force.STATE: 0}
MAX_STATED = 12
"""Number of words of a statement or a wish, at most, that is found by its features alone."""

CLOSE = (Topic.JUDGED, Topic.PAY, Intent.QUESTION)
"""Kinds that are found only beside what is certainly about this talk."""

_REPLIES = re.compile(r"\s*(?:no|yes|yeah|nope|not?pe)\b", re.IGNORECASE)
"""Beginning of what answers a question: what is wanted or stated behind it is part of that."""


class Rule:
    """Rule: a kind of request, and the features by which a clause is one."""

    def __init__(self, kind: Kind, forces: str, features: Sequence[str]) -> None:
        self.kind = kind
        self._forces = {Force(one) for one in forces}
        self._needs = [_compiled(one) for one in features if not one.startswith("!")]
        self._bars = [_compiled(one[1:]) for one in features if one.startswith("!")]

    def fits(self, clause: Clause) -> bool:
        """Tell whether a clause is put so, and has all features and no bar."""
        return (
            clause.force in self._forces
            and not clause.told
            and (_WEIGHT[clause.force] == 2 or len(clause.words.split()) <= MAX_STATED)
            and all(one.search(clause.words) for one in self._needs)
            and not any(one.search(clause.words) for one in self._bars)
        )


def _compiled(feature: str) -> re.Pattern[str]:
    filled = re.sub(r"<([A-Z_]+)>", lambda match: f"(?:{LEXICON[match[1]]})", feature)
    return re.compile(rf"\b(?:{filled})\b")


_RULES = tuple(
    Rule(kind, forces, features) for kind, forces, *features in (*TALK_RULES, *QUESTION_RULES)
)


@lru_cache(maxsize=256)
def kind_by_features(text: str) -> Kind | None:
    """Return what an utterance asks for by its features; None where a part of it is no request.

    A question or an order counts for more than a wish, and that for more than a statement; of two
    that ask the last counts, and of two that state the first.
    """
    found: Kind | None = None
    weight, force = 0, Force.STATE
    strict = False
    for clause in clauses_of(text):
        if found is not None and clause.along:
            continue
        kind = (
            None if clause.along else next((one.kind for one in _RULES if one.fits(clause)), None)
        )
        if kind is None and not clause.beside:
            if not clause.near:
                return None
            strict = True
        if kind is None or (found in DECISIVE and kind not in DECISIVE):
            continue
        new = _WEIGHT[clause.force]
        if found is None or kind in DECISIVE or new > weight or (new == weight and new):
            found, weight, force = kind, new, clause.force
    if weight < _WEIGHT[Force.ASK] and _REPLIES.match(text):
        return None
    return None if strict and (force is not Force.ASK or found in CLOSE) else found
