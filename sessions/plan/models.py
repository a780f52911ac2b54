"""The parts of an interview plan as models: what may stand in one, and its limits.

Everybody else gets them from `sessions.plan.plan`, together with the functions that read one.
"""

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

PLACEHOLDERS = ("candidate", "interviewer", "role", "organisation")
"""What may stand in braces in `opening` and `closing`."""

MAX_QUESTIONS = 60


def _one_line(text: str) -> str:
    """Spoken text has no lines: YAML's folding is undone."""
    if "\0" in text:  # JSON can write it, PostgreSQL cannot keep it
        raise PydanticCustomError("nul_character", "has a NUL character")
    return " ".join(text.split())


def _known_placeholders(text: str) -> str:
    unknown = [name for name in re.findall(r"\{([^}]*)\}", text) if name not in PLACEHOLDERS]
    if unknown:
        raise PydanticCustomError(
            "placeholder",
            "knows only {known} in braces, not {unknown}",
            {
                "known": ", ".join("{" + name + "}" for name in PLACEHOLDERS),
                "unknown": ", ".join("{" + name + "}" for name in unknown),
            },
        )
    return text


def _text(longest: int, shortest: int = 1) -> Any:
    return (
        StringConstraints(strip_whitespace=True, min_length=shortest, max_length=longest),
        AfterValidator(_one_line),
    )


Name = Annotated[str, *_text(120)]
Spoken = Annotated[str, *_text(600, 2)]
Template = Annotated[str, *_text(600, 2), AfterValidator(_known_placeholders)]
Term = Annotated[str, *_text(60)]
Anchor = Annotated[str, *_text(400)]
Minutes = Annotated[float, Field(gt=0, le=120)]


class AnswerShape(StrEnum):
    """What kind of answer a question expects: how long to wait, and how much is enough."""

    YES_NO = "yes_no"
    SHORT = "short"  # a few words: a name, a place, a choice
    NUMBER = "number"
    SPELLING = "spelling"  # letters or digits one by one: waits between them are normal
    EXPLANATION = "explanation"
    STORY = "story"  # something that happened, with its situation, actions and result
    QUESTIONS = "questions"  # the candidate's turn to ask


class CueKind(StrEnum):
    """When a probe is called for."""

    SHORT = "short"  # the answer is short for its shape
    NO_EXAMPLE = "no_example"  # nothing concrete was told
    MENTIONS = "mentions"  # one of the words was said
    MISSING = "missing"  # none of the words was said
    JUDGED = "judged"  # free text: only a language model can tell


@dataclass(frozen=True, slots=True)
class Cue:
    """A parsed cue. `words` are lower case; for JUDGED they hold the free text as one entry."""

    kind: CueKind
    words: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Cue":
        """Read "short", "no_example", "mentions: kafka, redis", "missing: result", or free text."""
        head, colon, tail = text.partition(":")
        name = head.strip().lower().replace(" ", "_")
        if not colon and name in (CueKind.SHORT, CueKind.NO_EXAMPLE):
            return cls(CueKind(name))
        if colon and name in (CueKind.MENTIONS, CueKind.MISSING):
            words = tuple(word.strip().lower() for word in tail.split(",") if word.strip())
            return cls(CueKind(name), words)
        return cls(CueKind.JUDGED, (text.strip(),))


def _cue_has_words(text: str) -> str:
    cue = Cue.parse(text)
    if cue.kind in (CueKind.MENTIONS, CueKind.MISSING) and not cue.words:
        raise PydanticCustomError("cue", 'needs words after the colon, as in "mentions: kafka"')
    return text


class PlanPart(BaseModel):
    """What all parts share: a typing error in a field's name is refused, nothing changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Probe(PlanPart):
    """A follow-up. `cue` tells when it is called for: `short`, `no_example`, `mentions: words`,
    `missing: words`, or free text that only a language model can judge."""

    cue: Annotated[str, *_text(200), AfterValidator(_cue_has_words)]
    text: Spoken

    @property
    def parsed_cue(self) -> Cue:
        """The cue, read."""
        return Cue.parse(self.cue)


class Question(PlanPart):
    """One question. `text` and `rephrased` are spoken as they stand; `minutes` is the time a
    good answer takes, follow-ups included, and `max_answer_minutes` how long one answer may last
    before it is interrupted (the plan's, if not given); `terms` are words to expect in the answer
    (they help the transcription); `rubric` describes answers by mark, 1 (poor) to 5 (excellent)."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
    text: Spoken
    rephrased: Annotated[tuple[Spoken, ...], Field(max_length=5)] = ()
    competency: Name
    expects: AnswerShape = AnswerShape.EXPLANATION
    must_ask: bool = False
    minutes: Minutes | None = None
    max_answer_minutes: Minutes | None = None
    probes: Annotated[tuple[Probe, ...], Field(max_length=6)] = ()
    rubric: dict[Annotated[int, Field(ge=1, le=5)], Anchor] = Field(
        default_factory=dict, json_schema_extra={"propertyNames": {"pattern": "^[1-5]$"}}
    )
    terms: Annotated[tuple[Term, ...], Field(max_length=40)] = ()


class Section(PlanPart):
    """Questions that belong together. `lead_in` is spoken before the first of them."""

    title: Name
    lead_in: Spoken | None = None
    minutes: Minutes | None = None
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=30)]


class Persona(PlanPart):
    """Who the interviewer is to the candidate. `manner` is for a language model only."""

    name: Name = "Viva"
    manner: Annotated[str, *_text(400)] = "warm, attentive and to the point"


class Plan(PlanPart):
    """A whole interview. `time_limit_minutes` is the budget; an answer that lasts longer than
    `max_answer_minutes` is interrupted politely; `opening` and `closing` may hold {candidate},
    {interviewer}, {role} and {organisation}; `terms` are names and words to expect in any answer
    (they help the transcription)."""

    title: Name
    role: Name
    organisation: Name | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$")] = "en"
    time_limit_minutes: Annotated[int, Field(ge=1, le=180)] = 30
    max_answer_minutes: Minutes = 3.0
    persona: Persona = Field(default_factory=Persona)
    opening: Template | None = None
    closing: Template | None = None
    terms: Annotated[tuple[Term, ...], Field(max_length=40)] = ()
    sections: Annotated[tuple[Section, ...], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> "Plan":
        ids = [question.id for question in self.questions()]
        repeated = [name for name, count in Counter(ids).items() if count > 1]
        if repeated:
            raise PydanticCustomError(
                "repeated_id",
                "every question needs an id of its own; given twice: {ids}",
                {"ids": ", ".join(repeated)},
            )
        if len(ids) > MAX_QUESTIONS:
            raise PydanticCustomError(
                "too_many_questions",
                "has {count} questions; at most {most} are allowed",
                {"count": len(ids), "most": MAX_QUESTIONS},
            )
        return self

    def questions(self) -> tuple[Question, ...]:
        """All questions in the order they are asked."""
        return tuple(question for section in self.sections for question in section.questions)

    def question(self, question_id: str) -> Question:
        """The question of this id. Raises KeyError."""
        for question in self.questions():
            if question.id == question_id:
                return question
        raise KeyError(question_id)

    def section_of(self, question_id: str) -> Section:
        """The section a question stands in. Raises KeyError."""
        for section in self.sections:
            if any(question.id == question_id for question in section.questions):
                return section
        raise KeyError(question_id)
