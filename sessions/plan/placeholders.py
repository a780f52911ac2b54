"""Placeholders: names in braces that a plan's spoken texts may hold, checked and filled in.

They are checked in the raw data, with its places: a name that nobody fills in would be read aloud
as it stands. Plans that are kept already are filled as well as they can be.
"""

import re
from collections.abc import Iterator, Mapping

from sessions.plan.models import MAX_SPOKEN_CHARS, Plan, Question
from sessions.plan.parser import SPOKEN, PlanProblem

PLACEHOLDERS = ("candidate", "interviewer", "role", "organisation")
"""Names that may stand in braces in every text of a plan that is spoken."""

MAX_NAME_CHARS = 80
"""Length of a candidate's name at most, as it is spoken."""

_BRACES = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"\{\s*[A-Za-z_][\w.-]*\s*\}")
"""Name in braces, where it is not meant as a piece of code: {candidate}, {first_name}."""

_KNOWN = ", ".join("{" + name + "}" for name in PLACEHOLDERS)


def placeholder_problems(document: Mapping[str, object]) -> Iterator[PlanProblem]:
    """Yield what is wrong with the braces in a plan's raw data."""
    values = _values(document, "x" * MAX_NAME_CHARS)
    for place, text in _texts(document, ""):
        if "{" not in text and "}" not in text:
            continue
        message = _problem(text, values) if SPOKEN.fullmatch(place) else _unfilled(text)
        if message:
            yield PlanProblem(message, place)


def filled_plan(plan: Plan, candidate: str) -> Plan:
    """Return a plan with the names put into its questions, follow-ups and lead-ins.

    `candidate` is the name as it is spoken. Opening and closing are left: where a plan has none,
    the usual ones are filled in elsewhere.
    """
    values = plan_values(plan, candidate)

    def put(text: str) -> str:
        return fill(text, values)

    def asked(question: Question) -> Question:
        return question.model_copy(
            update={
                "text": put(question.text),
                "rephrased": tuple(put(text) for text in question.rephrased),
                "probes": tuple(
                    probe.model_copy(update={"text": put(probe.text)}) for probe in question.probes
                ),
            }
        )

    sections = tuple(
        section.model_copy(
            update={
                "lead_in": None if section.lead_in is None else put(section.lead_in),
                "questions": tuple(asked(question) for question in section.questions),
            }
        )
        for section in plan.sections
    )
    return plan.model_copy(update={"sections": sections})


def plan_values(plan: Plan, candidate: str) -> dict[str, str]:
    """Return what each placeholder stands for in an interview."""
    return {
        "candidate": candidate,
        "interviewer": plan.persona.name,
        "role": plan.role,
        "organisation": plan.organisation or "",
    }


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the names into a text in one pass, so that a name with braces changes nothing.

    A name that is not known leaves no gap behind. A text that would get too long stays as it is.
    """
    if "{" not in text:
        return text
    filled = " ".join(re.sub(r"\{(\w+)\}", lambda m: values.get(m[1], ""), text).split())
    filled = re.sub(r"\s*,?\s+(?=[,.!?])", "", filled)
    begun = filled.lstrip(" ,;:")
    if begun != filled:
        filled = begun[:1].upper() + begun[1:]
    return filled if len(filled) <= MAX_SPOKEN_CHARS else text


# --- helpers ----------------------------------------------------------------------------------


def _values(document: Mapping[str, object], candidate: str) -> dict[str, str]:
    persona = document.get("persona")
    name = persona.get("name") if isinstance(persona, Mapping) else None
    return {
        "candidate": candidate,
        "interviewer": str(name or "Viva"),
        "role": str(document.get("role") or ""),
        "organisation": str(document.get("organisation") or ""),
    }


def _problem(text: str, values: Mapping[str, str]) -> str:
    """Return what is wrong with the braces of a text that is filled in, "" if nothing is."""
    found = _BRACES.findall(text)
    unknown = list(dict.fromkeys(name for name in found if name not in PLACEHOLDERS))
    if unknown:
        shown = ", ".join("{" + name[:40] + "}" for name in unknown[:5])
        return f"knows only {_KNOWN} in braces, not {shown}"
    if re.search(r"[{}]", _BRACES.sub("", text)):
        return f"has a brace without its pair; names are written as {_KNOWN}"
    if "organisation" in found and not values["organisation"]:
        return "has {organisation}, and the plan names no organisation"
    # Not `fill`, which gives up where it gets too long.
    length = len(_BRACES.sub(lambda match: values[match[1]], text))
    if found and len(text) <= MAX_SPOKEN_CHARS < length:
        return f"is too long with the names filled in (at most {MAX_SPOKEN_CHARS} characters)"
    return ""


def _unfilled(text: str) -> str:
    found = _NAME.search(text)
    if found is None:
        return ""
    return f"has {found[0][:40]}, but names in braces are filled in spoken texts alone"


def _texts(value: object, place: str) -> Iterator[tuple[str, str]]:
    """Yield every text below a place."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, below in value.items():
            yield from _texts(below, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list | tuple):
        for number, below in enumerate(value):
            yield from _texts(below, f"{place}.{number}" if place else str(number))
