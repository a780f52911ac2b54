"""Sensitive questions: what a job interview may not ask in many places, noticed in a plan.

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
_PATTERNS = {
    subject: re.compile(rf"\b(?:{pattern})", re.I) for subject, pattern in _SUBJECTS.items()
}


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
