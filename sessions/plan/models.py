"""Models of an interview plan: its parts, what may stand in them, and their limits.

Other modules import them from `sessions.plan.plan`, together with the functions that read a plan.
"""

import unicodedata
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

MAX_SPOKEN_CHARS = 600
"""Length of a text that is spoken at a time at most, with its names filled in."""

MAX_QUESTIONS = 60
"""Number of questions of a plan at most."""


def _one_line(text: str) -> str:
    """Join lines (YAML folds them), and accents with their letters: spoken text has neither."""
    if "\0" in text:  # JSON can write it, PostgreSQL cannot keep it
        raise PydanticCustomError("nul_character", "has a NUL character")
    return " ".join(unicodedata.normalize("NFC", text).split())


def _text(longest: int, shortest: int = 1) -> Any:
    return (
        StringConstraints(strip_whitespace=True, min_length=shortest, max_length=longest),
        AfterValidator(_one_line),
    )


Name = Annotated[str, *_text(120)]
SpeakableText = Annotated[str, *_text(MAX_SPOKEN_CHARS, 2)]
Term = Annotated[str, *_text(60)]
Anchor = Annotated[str, *_text(400)]
Minutes = Annotated[float, Field(gt=0, le=120)]


class AnswerShape(StrEnum):
    """Kind of answer a question expects: how long a pause may be, and how much is enough."""

    YES_NO = "yes_no"
    SHORT = "short"  # a few words: a name, a place, a choice
    NUMBER = "number"
    SPELLING = "spelling"  # letters or digits one by one: waits between them are normal
    EXPLANATION = "explanation"
    STORY = "story"  # something that happened, with its situation, actions and result
    QUESTIONS = "questions"  # the candidate's turn to ask


class CueKind(StrEnum):
    """Kind of condition under which a probe is put."""

    SHORT = "short"  # the answer is short for its shape
    NO_EXAMPLE = "no_example"  # nothing concrete was told
    MENTIONS = "mentions"  # one of the words was said
    MISSING = "missing"  # none of the words was said
    JUDGED = "judged"  # free text: only a language model can tell


@dataclass(frozen=True, slots=True)
class Cue:
    """Cue: a parsed condition under which a probe is put."""

    kind: CueKind
    """Kind of the condition."""

    words: tuple[str, ...] = ()
    """Words to look for, in lower case; for JUDGED the free text as one entry."""

    @classmethod
    def parse(cls, text: str) -> "Cue":
        """Parse "short", "no_example", "mentions: kafka, redis", "missing: result" or free text."""
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
    """Base of all parts: a misspelt field is refused, and nothing changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Probe(PlanPart):
    """Probe: a follow-up to a question."""

    cue: Annotated[str, *_text(200), AfterValidator(_cue_has_words)]
    """Condition under which the probe is put: `short`, `no_example`, `mentions: words`,
    `missing: words`, or free text that only a language model can judge."""

    text: SpeakableText
    """Words of the probe, spoken as they stand."""

    @property
    def parsed_cue(self) -> Cue:
        """Cue of the probe, parsed."""
        return Cue.parse(self.cue)


class Question(PlanPart):
    """Question of the plan."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
    """Id of the question, unique in the plan."""

    text: SpeakableText
    """Words of the question, spoken as they stand."""

    rephrased: Annotated[tuple[SpeakableText, ...], Field(max_length=5)] = ()
    """Other wordings of the question, for a candidate who has not understood it."""

    competency: Name
    """Competency that the answer is to show."""

    expects: AnswerShape = AnswerShape.EXPLANATION
    """Kind of answer that is expected."""

    must_ask: bool = False
    """Whether the question is put even when time is short."""

    minutes: Minutes | None = None
    """Time that a good answer takes, probes included."""

    max_answer_minutes: Minutes | None = None
    """Time after which one answer is interrupted; the plan's if not given."""

    probes: Annotated[tuple[Probe, ...], Field(max_length=6)] = ()
    """Follow-ups to the question."""

    rubric: dict[Annotated[int, Field(ge=1, le=5)], Anchor] = Field(
        default_factory=dict, json_schema_extra={"propertyNames": {"pattern": "^[1-5]$"}}
    )
    """Description of an answer for each mark, 1 (poor) to 5 (excellent)."""

    terms: Annotated[tuple[Term, ...], Field(max_length=40)] = ()
    """Words to expect in the answer; they help the transcription."""


class Section(PlanPart):
    """Section: questions that belong together."""

    title: Name
    """Title of the section; it is not spoken."""

    lead_in: SpeakableText | None = None
    """Words spoken before the first question of the section."""

    minutes: Minutes | None = None
    """Time planned for the section."""

    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=30)]
    """Questions in the order they are put."""


class Persona(PlanPart):
    """Persona: who the interviewer is to the candidate."""

    name: Name = "Viva"
    """Name of the interviewer."""

    manner: Annotated[str, *_text(400)] = "warm, attentive and to the point"
    """Manner of the interviewer, for a language model only."""


class Plan(PlanPart):
    """Plan of a whole interview."""

    title: Name
    """Title of the plan, shown to the candidate."""

    role: Name
    """Position that is to be filled."""

    organisation: Name | None = None
    """Organisation that is hiring."""

    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$")] = "en"
    """Language of the interview, as a code with or without a region: `en`, `pt-BR`."""

    time_limit_minutes: Annotated[int, Field(ge=1, le=180)] = 30
    """Time after which the interview is closed."""

    max_answer_minutes: Minutes = 3.0
    """Time after which one answer is interrupted politely."""

    persona: Persona = Field(default_factory=Persona)
    """Persona of the interviewer."""

    opening: SpeakableText | None = None
    """Greeting. As every spoken text, it may hold {candidate}, {interviewer}, {role} and
    {organisation}, which are filled in."""

    closing: SpeakableText | None = None
    """Last words."""

    terms: Annotated[tuple[Term, ...], Field(max_length=40)] = ()
    """Names and words to expect in any answer; they help the transcription."""

    sections: Annotated[tuple[Section, ...], Field(min_length=1, max_length=20)]
    """Sections in the order they are gone through."""

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
        """Return all questions in the order they are put."""
        return tuple(question for section in self.sections for question in section.questions)

    def question(self, question_id: str) -> Question:
        """Return the question of this id. Raises KeyError."""
        for question in self.questions():
            if question.id == question_id:
                return question
        raise KeyError(question_id)

    def section_of(self, question_id: str) -> Section:
        """Return the section a question stands in. Raises KeyError."""
        for section in self.sections:
            if any(question.id == question_id for question in section.questions):
                return section
        raise KeyError(question_id)
