"""docs/asyncapi-monitor.yaml and docs/monitor.md are what the message models say."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import BaseModel, TypeAdapter

from docs.generators.asyncapi_monitor import asyncapi_document, asyncapi_yaml
from server.dialects.close_reasons import MAX_REASON_BYTES, MonitorClose
from server.dialects.monitor import commands as said
from server.dialects.monitor import messages as wire
from sessions.monitor.rights import RIGHTS_OF_ROLE, Right
from sessions.turn_history import PARTS
from tests.docs.generators.test_asyncapi import references, resolve

DOCS = Path(__file__).parents[3] / "docs"
NUMBERED = {"seq": 7, "at_ms": 1_000}
FLOOR = wire.MonitorFloor(**NUMBERED, holder="interviewer", state="held", time_left_ms=5)
LINE = wire.TranscriptLine(
    index=0,
    revision=0,
    speaker="interviewer",
    text="Hello.",
    started_ms=0,
    ended_ms=900,
    interrupted=False,
    question="q1",
    move="ask",
)
COVERAGE = wire.MonitorCoverage(
    **NUMBERED, current="q1", next=None, questions=[wire.QuestionState(id="q1", state="current")]
)
CAPTION = wire.MonitorCaption(**NUMBERED, speaker="candidate", id="said-1", text="I", final=False)
LATENCY = wire.MonitorLatency(**NUMBERED, index=2, voice_to_voice_ms=812.5, parts={"hold": 600.0})
COST = wire.MonitorCost(**NUMBERED, cost_usd=None, input_tokens=1, output_tokens=2, voiced_chars=3)
PERSON = wire.Person(user_id="u", name="Rita", listening=True)

EXAMPLES: list[BaseModel] = [
    said.MonitorHello(ticket="t" * 43, stream="s", last=3),
    said.ListenCommand(ref="1", on=True),
    said.HintCommand(ref="2", text="ask about the migration"),
    said.PauseCommand(ref="3"),
    said.ResumeCommand(ref="4"),
    said.ExtendCommand(ref="5", minutes=5),
    said.SkipCommand(ref="6", force=True),
    said.EndCommand(ref="7"),
    said.TakeOverCommand(ref="8"),
    said.HandBackCommand(ref="9"),
    said.MonitorPing(t=12.5),
    wire.MonitorSnapshot(
        stream="s",
        seq=7,
        at_ms=1_000,
        interview_id="i",
        candidate_name="Ada",
        title="Backend engineer",
        role="Backend engineer",
        language="en",
        rights=["watch", "listen"],
        user_id="u",
        time_limit_ms=60_000,
        time_left_ms=59_000,
        connected=True,
        candidate="quiet",
        interviewer="speaking",
        recruiter="quiet",
        floor=FLOOR,
        plan=[wire.PlanSection(title="All", questions=[])],
        coverage=COVERAGE,
        transcript=[LINE],
        captions=[CAPTION],
        latencies=[LATENCY],
        cost=COST,
        listeners=[PERSON],
        hints=[wire.WaitingHint(id="h", text="ask about it", user_name="Rita")],
    ),
    wire.MonitorResumed(stream="s", last=3, rights=["watch"]),
    CAPTION,
    wire.MonitorTurnCommitted(**NUMBERED, turn=LINE),
    wire.MonitorTurnReopened(**NUMBERED, index=3),
    wire.MonitorState(
        **NUMBERED, candidate="quiet", interviewer="idle", recruiter="quiet", time_left_ms=1
    ),
    FLOOR,
    COVERAGE,
    LATENCY,
    wire.MonitorAudioQuality(
        **NUMBERED, over_ms=4_000, voice_db=None, noise_db=-60.0, clipped=0.0, missing_ms=0
    ),
    wire.MonitorConnection(**NUMBERED, connected=False),
    COST,
    wire.MonitorListeners(**NUMBERED, people=[PERSON]),
    wire.MonitorAction(
        **NUMBERED, id="a", action="extend", state="done", user_id="u", user_name="R", minutes=5
    ),
    wire.MonitorNotice(**NUMBERED, code="database", message="It is away."),
    wire.MonitorEnded(**NUMBERED, reason="completed"),
    wire.MonitorLevels(at_ms=80, candidate=[-30, -28], interviewer=[-96, -96]),
    wire.MonitorAccepted(ref="2", action_id="a"),
    wire.MonitorRefused(ref="8", code="floor_taken", message="Rita holds the floor."),
    wire.MonitorPong(t=12.5),
]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return asyncapi_document()


@pytest.fixture(scope="module")
def told() -> str:
    return (DOCS / "monitor.md").read_text(encoding="utf-8")


def test_the_committed_file_is_the_generated_one(document: dict[str, Any]) -> None:
    committed = (DOCS / "asyncapi-monitor.yaml").read_text(encoding="utf-8")
    assert committed == asyncapi_yaml(), (
        "docs/asyncapi-monitor.yaml is out of date: "
        "python -m docs.generators.asyncapi_monitor docs/asyncapi-monitor.yaml"
    )
    assert yaml.safe_load(committed) == document


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in references(document):
        resolve(document, reference)
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for operation in document["operations"].values():
        prefix = operation["channel"]["$ref"] + "/messages/"
        assert all(message["$ref"].startswith(prefix) for message in operation["messages"])


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda m: type(m).__name__)
def test_what_goes_over_the_wire_fits_its_schema(
    document: dict[str, Any], message: BaseModel
) -> None:
    payload = json.loads(message.model_dump_json())
    described = document["components"]["messages"][payload["type"]]
    schema = {
        **resolve(document, described["payload"]["$ref"]),
        "components": document["components"],
    }
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(payload)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**payload, "surprise": 1})
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({k: v for k, v in payload.items() if k != "type"})


def test_the_examples_cover_every_message(document: dict[str, Any]) -> None:
    described = set(document["components"]["messages"]) - {"audio.up", "audio.down"}
    assert {m.model_dump()["type"] for m in EXAMPLES} == described


def test_the_document_tells_of_every_message_and_close_code(
    document: dict[str, Any], told: str
) -> None:
    assert [name for name in document["components"]["messages"] if f"`{name}`" not in told] == []
    codes = {int(code) for code in re.findall(r"^\| (\d{4}) \|", told, re.MULTILINE)}
    assert codes == {reason.code for reason in MonitorClose}
    for reason in MonitorClose:
        assert len(reason.sentence.encode()) <= MAX_REASON_BYTES
    assert len({reason.sentence for reason in MonitorClose}) == len(MonitorClose)


def test_the_examples_in_the_document_are_messages(told: str) -> None:
    examples = re.findall(r"`(\{\"type\".*?\})`", told)
    either_way: TypeAdapter[BaseModel] = TypeAdapter(
        said.MonitorClientMessage | wire.MonitorServerMessage
    )
    shown = {json.loads(example)["type"] for example in examples}
    assert shown == {m.model_dump()["type"] for m in EXAMPLES} - {"snapshot"}
    for example in examples:
        either_way.validate_json(example)


def test_the_table_of_rights_is_that_of_the_program(told: str) -> None:
    cells = r"([^|\n]*)\|" * len(RIGHTS_OF_ROLE)
    rows = re.findall(rf"^\| `(\w+)` \|[^|\n]*\|{cells}$", told, re.M)
    assert {row[0] for row in rows} == set(Right)
    for right, *marks in rows:
        allowed = [Right(right) in rights for rights in RIGHTS_OF_ROLE.values()]
        assert [cell.strip() == "yes" for cell in marks] == allowed


def test_both_documents_name_the_parts_of_a_wait_that_the_record_has() -> None:
    assert re.findall(r"`(\w+)`", wire.MonitorLatency.__doc__ or "") == ["parts", *PARTS]
    (example,) = re.findall(r'\{"type": "latency".*?\}\}', (DOCS / "monitor.md").read_text())
    latency = wire.MonitorLatency.model_validate_json(example)
    assert tuple(latency.parts) == tuple(PARTS)
    assert round(sum(latency.parts.values()), 1) == latency.voice_to_voice_ms
