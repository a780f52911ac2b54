"""Interview plan: sections, questions, probes, rubric, persona and time budget.

A plan is data that people write (YAML or JSON). Here it is read, checked, described, and
published as a JSON Schema; how far an interview has come with it is worked out in
`sessions.interviewer.progress`.
"""

import difflib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sessions.plan.models import (
    AnswerShape,
    Cue,
    CueKind,
    Persona,
    Plan,
    PlanPart,
    Probe,
    Question,
    Section,
)
from sessions.plan.parser import (
    MAX_PROBLEMS,
    PlanDocument,
    PlanProblem,
    UnreadablePlan,
    printable,
    read_document,
)
from sessions.plan.placeholders import placeholder_problems

__all__ = [
    "AnswerShape",
    "Cue",
    "CueKind",
    "Persona",
    "Plan",
    "PlanError",
    "PlanProblem",
    "Probe",
    "Question",
    "Section",
    "demo_plan",
    "describe",
    "load_plan",
    "parse_plan",
    "plan_schema",
]

READY_PLANS = Path(__file__).parent / "ready"
"""Folder of the plans that come with Viva."""


class PlanError(ValueError):
    """Plan that cannot be used. `problems` holds what is told of it; the text lists them.

    `found` is the number of all problems, of which at most MAX_PROBLEMS are told.
    """

    def __init__(
        self, problems: tuple[PlanProblem, ...], source: str = "The plan", found: int = 0
    ) -> None:
        self.found = max(found, len(problems))
        self.problems = problems[:MAX_PROBLEMS]
        if self.found == 1:
            text = f"{source} cannot be used: {problems[0]}"
        else:
            lines = [str(problem) for problem in self.problems]
            if self.found > len(lines):
                lines.append(f"and {self.found - len(lines):,} more")
            listed = "".join(f"\n  - {line}" for line in lines)
            text = f"{source} cannot be used; it has {self.found:,} problems:{listed}"
        super().__init__(text)


def load_plan(source: Path | str) -> Plan:
    """Read a plan.

    A Path is a YAML or JSON file, a str is the text itself (never a file's name, so that text from
    outside opens nothing). Raises PlanError with all problems at once.
    """
    name = "The plan"
    if isinstance(source, Path):
        name = f"The plan {source}"
        source = _file_text(source, name)
    try:
        document = read_document(source)
    except UnreadablePlan as error:
        raise PlanError(error.problems, name, error.found) from None
    cut = list(document.cut_texts())
    try:
        plan = parse_plan(document.data)
    except PlanError as error:
        located = [_located(problem, document) for problem in error.problems]
        problems = tuple(sorted([*cut, *located], key=lambda problem: problem.line or 0))
        raise PlanError(problems, name, error.found + len(cut)) from None
    if cut:
        raise PlanError(tuple(cut), name)
    return plan


def parse_plan(document: object) -> Plan:
    """Check plain data: a parsed request body, a stored document. Raises PlanError."""
    if not isinstance(document, Mapping):
        raise PlanError((PlanProblem("a plan is a mapping with title, role and sections"),))
    braces = list(placeholder_problems(document))
    try:
        plan = Plan.model_validate(document)
    except ValidationError as error:
        found = _without_echoes(error.errors(include_url=False, include_input=False))
        others = [*braces, *_repeated_ids(document)]
        problems = [_problem(details) for details in found[:MAX_PROBLEMS]]
        raise PlanError((*problems, *others), found=len(found) + len(others)) from None
    if braces:
        raise PlanError(tuple(braces))
    return plan


@cache
def demo_plan() -> Plan:
    """Return the plan that the demo and the first start use."""
    return load_plan(READY_PLANS / "software_engineer.yaml")


def plan_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a plan, as committed in docs/plan.schema.json."""
    schema = Plan.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Viva interview plan",
    }


def describe(plan: Plan) -> str:
    """Return a short summary for people: sections, questions, minutes. No final newline."""
    questions = plan.questions()
    must = sum(question.must_ask for question in questions)
    at = f" at {plan.organisation}" if plan.organisation else ""
    lines = [
        f"{plan.title}: {plan.role}{at}",
        f"{_counted(len(plan.sections), 'section')}, {_counted(len(questions), 'question')} "
        f"({must} must be asked), language {plan.language}, "
        f"at most {_counted(plan.time_limit_minutes, 'minute')}",
    ]
    for section in plan.sections:
        budget = f", {section.minutes:g} min" if section.minutes else ""
        lines.append(f"  {section.title} ({_counted(len(section.questions), 'question')}{budget})")
        for question in section.questions:
            mark = "!" if question.must_ask else " "
            probes = f", {_counted(len(question.probes), 'probe')}" if question.probes else ""
            lines.append(
                f"  {mark} {question.id}: {question.competency} ({question.expects}{probes})"
            )
    return "\n".join(lines)


# --- helpers ----------------------------------------------------------------------------------


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _file_text(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise PlanError((PlanProblem("the file is not UTF-8 text"),), name) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise PlanError((PlanProblem(f"the file cannot be read ({reason})"),), name) from None


def _located(problem: PlanProblem, document: PlanDocument) -> PlanProblem:
    """Return a problem with its line, and with what mends it where YAML misunderstood a text."""
    message = problem.message
    advice = document.advice(problem.place) if message == _MESSAGES["string_type"] else ""
    if advice:
        message = f"{message}; {advice}"
    elif message.startswith(_UNKNOWN_FIELD) and document.is_torn(problem.place):
        message = f"{message}; if it belongs to the text before the comma, put that in quotes"
    return PlanProblem(message, problem.place, document.line_of(problem.place))


_UNKNOWN_FIELD = "is not a field of a plan"

_MESSAGES = {
    "missing": "is missing",
    "string_type": "should be text",
    "string_too_short": "is too short (at least {min_length} characters)",
    "string_too_long": "is too long (at most {max_length} characters)",
    "string_pattern_mismatch": "does not have the right form (pattern {pattern})",
    "too_short": "should have at least {min_length} entries",
    "too_long": "should have at most {max_length} entries",
    "tuple_type": "should be a list",
    "dict_type": "should be a mapping",
    "model_type": "should be a mapping",
    "bool_parsing": "should be true or false",
    "bool_type": "should be true or false",
    "enum": "should be one of {expected}",
}


def _problem(details: ErrorDetails) -> PlanProblem:
    """Return a pydantic error as a sentence about a place."""
    place = [printable(str(part)) for part in details["loc"] if part != "[key]"]
    if details["type"] == "extra_forbidden":
        name = str(details["loc"][-1])
        if name.strip() != name:
            blank = f"{_UNKNOWN_FIELD}: it has a blank of another kind in it, write it anew"
            return PlanProblem(blank, ".".join(place))
        known = _fields_at(details["loc"][:-1])
        near = difflib.get_close_matches(place[-1], known, n=1)
        hint = f"; did you mean {near[0]}?" if near else f" (known: {', '.join(known)})"
        return PlanProblem(f"{_UNKNOWN_FIELD}{hint}", ".".join(place))
    message = _MESSAGES.get(details["type"])
    if message is None:
        text = details["msg"].replace("Input should", "should")
        return PlanProblem(text[:1].lower() + text[1:], ".".join(place))
    return PlanProblem(message.format(**details.get("ctx", {})), ".".join(place))


def _without_echoes(found: list[ErrorDetails]) -> list[ErrorDetails]:
    """Return the errors that tell something of their own.

    A list is called too short, too, when what it holds is wrong; and repeated ids are looked for
    elsewhere, with their places. Linear: a plan can have as many errors as it has entries.
    """
    around = {details["loc"][:depth] for details in found for depth in range(len(details["loc"]))}
    return [
        details
        for details in found
        if details["type"] != "repeated_id"
        and not (details["type"] == "too_short" and details["loc"] in around)
    ]


def _fields_at(loc: tuple[int | str, ...]) -> list[str]:
    """Return the names of the fields that may stand at a place."""
    names = [part for part in loc if isinstance(part, str)]
    models: dict[str, type[PlanPart]] = {
        "sections": Section,
        "questions": Question,
        "probes": Probe,
        "persona": Persona,
    }
    return list((models.get(names[-1], Plan) if names else Plan).model_fields)


def _repeated_ids(document: Mapping[str, Any]) -> Iterator[PlanProblem]:
    """Yield repeated ids with their places.

    They are looked for in the raw data, so that they are reported even when something else is
    wrong, too.
    """
    first: dict[str, str] = {}
    for number, section in enumerate(_items(document.get("sections"))):
        questions = section.get("questions") if isinstance(section, Mapping) else None
        for index, question in enumerate(_items(questions)):
            name = question.get("id") if isinstance(question, Mapping) else None
            if not isinstance(name, str):
                continue
            place = f"sections.{number}.questions.{index}.id"
            if name in first:
                yield PlanProblem(f'"{name}" is the id of {first[name][:-3]}, too', place)
            first.setdefault(name, place)


def _items(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
