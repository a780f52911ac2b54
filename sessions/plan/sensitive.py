"""Sensitive questions: what a job interview may not ask in many places, in a plan or in a hint.

Pure, and a hint only: whoever wrote the plan decides. The patterns are English, and look for what
is asked of the candidate; a role may have to do with the same words ("have you built for the
elderly?").
"""

import re
from collections.abc import Iterator

from sessions.plan.models import Plan

_SUBJECTS = {
    "age": r"how old (?:are|were) you|your (?:age|date of birth|birthday)|when were you born"
    r"|what year (?:were you born|did you (?:finish|graduate))",
    "family": r"are you (?:married|single|engaged|divorced)|(?:do|did|will) you have (?:any )?"
    r"(?:children|kids)|your (?:husband|wife|spouse|marital|partner's|children|kids|family)"
    r"|who (?:looks|will look) after|maiden name|childcare",
    "pregnancy": r"pregnan|(?:plan(?:ning)?|want(?:ing)?|intend(?:ing)?|hope) (?:to|on) "
    r"(?:hav(?:e|ing)|start(?:ing)?) (?:a (?:baby|child|family)|children|kids)|maternity|paternity",
    "health or disability": r"your (?:health|illness|disabilit|medical|medication|sick)"
    r"|are you (?:ill|healthy|disabled|on (?:any )?medication)|(?:do|did|have) you (?:have |had )?"
    r"(?:any |a |ever had )?(?:disabilit|illness|health|medical|mental)|sick days",
    "religion": r"your (?:religion|faith|church|beliefs?)|are you (?:religious|(?:a )?christian"
    r"|muslim|jewish|hindu|catholic)|do you (?:pray|go to church|believe in god)"
    r"|religious holidays",
    "origin": r"where (?:are|do) you (?:really |originally )?(?:from|come from)|where were you born"
    r"|your (?:nationality|native (?:tongue|language)|race|ethnic|skin|origin|accent|citizenship)"
    r"|your (?:parents|family) (?:come )?from",
    "politics or trade unions": r"your (?:political|politics)|who (?:do|did) you vote"
    r"|which party|(?:member of|belong to|in) (?:a|any) (?:union|political party)"
    r"|(?:trade|labou?r) union",
    "sexual orientation or gender": r"your (?:sexual|gender|sexuality|orientation)"
    r"|are you (?:gay|straight|lesbian|bisexual|trans)",
}
_TOPICS = {
    "age": "age|birthday|date of birth",
    "family": "children|kids|family|marriage|marital status|husband|wife|spouse|partner",
    "pregnancy": "pregnancy|family planning|maternity leave|paternity leave",
    "health or disability": "health|illness(?:es)?|disabilit(?:y|ies)|medication|sick leave",
    "religion": "religion|faith|church",
    "origin": "nationality|ethnicity|race|origins?|native language|accent|citizenship",
    "politics or trade unions": "politics|political views|unions?|party",
    "sexual orientation or gender": "sexual orientation|sexuality|gender(?: identity)?",
}
"""What a hint names by itself: "ask about children"."""

_OWN = "my|your|her|his|their|the|any|the candidate's"
_PATTERNS = {
    subject: re.compile(
        rf"\b(?:{pattern}|(?:about|into|on) (?:(?:{_OWN}) )?(?:{_TOPICS[subject]})"
        r"(?= (?:and|or|plans?|status|situation|background)\b|\s*(?:[.,;:?!]|$)))",
        re.I,
    )
    for subject, pattern in _SUBJECTS.items()
}

_THEY = "she|he|they|the candidate|[A-Z][a-z]+"
_ADDRESSED = (
    (re.compile(r"\b(?:her|his|their|the candidate's)\b", re.I), "your"),
    (re.compile(rf"\b(?:is|are) (?:{_THEY})\b"), "are you"),
    (re.compile(rf"\b(?:was|were) (?:{_THEY})\b"), "were you"),
    (re.compile(rf"\bdid (?:{_THEY})\b"), "did you"),
    (re.compile(rf"\b(?:do|does|has|have) (?:{_THEY})\b"), "do you"),
    (re.compile(r"\b(?:she|he|they|the candidate) (?:is|are|'s)\b", re.I), "are you"),
    (re.compile(r"\b(?:she|he|they|the candidate) (?:was|were)\b", re.I), "were you"),
    (re.compile(r"\b(?:she|he|they|the candidate) (?:has|have|had)\b", re.I), "do you have"),
    (
        re.compile(
            r"\b(?:she|he|they|the candidate) (vote|pray|plan|want|intend|go|come)(?:e?s|e?d)?\b",
            re.I,
        ),
        r"do you \1",
    ),
)
"""A hint speaks of the candidate to somebody else: "ask whether she is married"."""


def sensitive_subjects(text: str) -> Iterator[str]:
    """Yield each subject that a text seems to ask the candidate about."""
    plain = text.replace("\u2019", "'")
    addressed = plain
    for pattern, put in _ADDRESSED:
        addressed = pattern.sub(put, addressed)
    for subject, pattern in _PATTERNS.items():
        if pattern.search(plain) or pattern.search(addressed):
            yield subject


def sensitive_hint(text: str) -> Iterator[str]:
    """Yield a sentence for each subject that a hint may not ask about."""
    for subject in sensitive_subjects(text):
        yield (
            f"This seems to ask about {subject}, which a job interview may not do in many places."
        )


def sensitive_questions(plan: Plan) -> Iterator[str]:
    """Yield a sentence for each question of a plan that asks what may not be asked."""
    for question in plan.questions():
        texts = (question.text, *question.rephrased, *(probe.text for probe in question.probes))
        for subject, pattern in _PATTERNS.items():
            if any(pattern.search(text.replace("\u2019", "'")) for text in texts):
                yield (
                    f"The question {question.id} seems to ask about {subject}, which a job"
                    " interview may not do in many places: look whether you may."
                )
