"""Vocabulary: words of the plan that a candidate may use, for the transcriber's prompt.

Pure. A transcriber whose prompt holds "Kubernetes" does not write "cuberen eats". Whisper uses the
last 224 tokens of its prompt, and the text so far needs most of them.
"""

import re
from collections.abc import Iterable, Iterator

from sessions.plan.plan import AnswerShape, CueKind, Plan, Question

MAX_TERMS_CHARS = 160
"""Length of the terms at most: 40 to 55 tokens, as names have 3 to 4 characters a token. It leaves
two thirds of the 160 tokens that the local Whisper is given to the text so far."""

MAX_KEYWORDS = 60
"""Keywords of one interview at most, the plan's own first: each of its questions may bring 40, and
a list of everything expects nothing in particular."""

_NAME = re.compile(r"[A-Z0-9][\w+#./-]*[\w+#]")


class Vocabulary:
    """Vocabulary of one plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._known: dict[str | None, str] = {}

    def terms(self, question_id: str | None) -> str:
        """Return terms to expect in an answer to this question (None: to none in particular).

        The likeliest come first, as one sentence of at most MAX_TERMS_CHARS; "" if the plan has
        none.
        """
        if question_id not in self._known:
            self._known[question_id] = _listed(self._ranked(question_id))
        return self._known[question_id]

    def keywords(self) -> tuple[str, ...]:
        """Return terms to expect in the whole interview, the likeliest first."""
        chosen: dict[str, str] = {}
        for term in self._ranked(None):
            chosen.setdefault(term.casefold(), term)
        return tuple(chosen.values())[:MAX_KEYWORDS]

    def _ranked(self, question_id: str | None) -> Iterator[str]:
        """Yield the question's terms, then the plan's own, then those of the other questions."""
        plan = self._plan
        questions = plan.questions()
        asked = [question for question in questions if question.id == question_id]
        if asked and asked[0].expects is AnswerShape.YES_NO:
            return  # they would only cost time: 40 ms of 200
        for question in asked:
            yield from _of(question)
        yield from plan.terms
        yield from filter(None, (plan.organisation, plan.role))
        yield from (question.competency for question in asked)
        for question in questions:
            yield from _of(question)
        yield plan.persona.name
        yield from (question.competency for question in questions)


def _of(question: Question) -> Iterator[str]:
    """Yield a question's own terms, the words its cues look for, and the names in its text."""
    yield from question.terms
    for probe in question.probes:
        cue = probe.parsed_cue
        if cue.kind in (CueKind.MENTIONS, CueKind.MISSING):
            yield from cue.words
    for text in (question.text, *question.rephrased):
        yield from _names_in(text)


def _names_in(text: str) -> Iterator[str]:
    """Yield words with a capital or a digit that begin no sentence: "Kafka", "C++", "OAuth2"."""
    for found in _NAME.finditer(text):
        before = text[: found.start()].rstrip()
        if before and before[-1] not in ".?!:" and found[0] not in ("I'm", "I've", "I'd"):
            yield found[0]


def _listed(terms: Iterable[str]) -> str:
    chosen: dict[str, str] = {}
    length = 1
    for term in terms:
        longer = length + len(term) + (2 if chosen else 0)
        if term.casefold() not in chosen and longer <= MAX_TERMS_CHARS:
            chosen[term.casefold()] = term
            length = longer
    return f"{', '.join(chosen.values())}." if chosen else ""
