"""docs/asyncapi.yaml is what the message models say, and a whole AsyncAPI 3.0 document."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import BaseModel, TypeAdapter

from docs.generators.asyncapi import asyncapi_document, asyncapi_yaml
from server.dialects.browser import messages as wire

DOCS = Path(__file__).parents[3] / "docs"
EXAMPLES: list[BaseModel] = [
    wire.Hello(ticket="t" * 43),
    wire.Start(consent=True),
    wire.Played(generation=1, samples=2_400),
    wire.Marked(generation=1, id=3),
    wire.Flushed(generation=1, samples=9_600),
    wire.Mute(muted=True),
    wire.Continue(),
    wire.End(),
    wire.Ping(t=12.5),
    wire.Ready(
        session_id="s",
        candidate_name="Ada",
        title="Backend engineer",
        resumed=True,
        time_left_ms=1_000,
        transcript=[wire.Line(index=0, speaker="interviewer", text="Hello.")],
        opened_ms=1_700_000_000_000,
    ),
    wire.AudioBegin(generation=1),
    wire.AudioMark(generation=1, id=3),
    wire.AudioFlush(generation=1),
    wire.Caption(speaker="candidate", id="c1", text="I", final=False),
    wire.State(candidate="quiet", interviewer="speaking", time_left_ms=5),
    wire.TurnCommitted(index=0, speaker="interviewer", text="Hello."),
    wire.Notice(code="slow", message="One moment."),
    wire.Error(code="bad_message", message="No.", fatal=True, close_code=4400),
    wire.Ended(reason="completed", message="Thank you."),
    wire.Pong(t=12.5),
]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return asyncapi_document()


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def resolve(document: dict[str, Any], reference: str) -> Any:
    assert reference.startswith("#/")
    node: Any = document
    for key in reference.removeprefix("#/").split("/"):
        node = node[key]
    return node


def test_the_committed_file_is_the_generated_one() -> None:
    committed = (DOCS / "asyncapi.yaml").read_text(encoding="utf-8")
    assert (
        committed == asyncapi_yaml()
    ), "docs/asyncapi.yaml is out of date: python -m docs.generators.asyncapi docs/asyncapi.yaml"
    assert yaml.safe_load(committed) == asyncapi_document()


def test_it_has_the_shape_of_asyncapi_3(document: dict[str, Any]) -> None:
    shape = {
        "type": "object",
        "required": ["asyncapi", "info", "channels", "operations", "components"],
        "properties": {
            "asyncapi": {"const": "3.0.0"},
            "info": {"type": "object", "required": ["title", "version"]},
            "channels": {
                "type": "object",
                "additionalProperties": {"type": "object", "required": ["address", "messages"]},
            },
            "operations": {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "required": ["action", "channel", "messages"],
                    "properties": {"action": {"enum": ["send", "receive"]}},
                },
            },
            "components": {
                "type": "object",
                "properties": {
                    part: {
                        "type": "object",
                        "propertyNames": {"pattern": r"^[\w\d\.\-_]+$"},
                    }
                    for part in ("messages", "schemas")
                },
                "additionalProperties": False,
            },
        },
    }
    jsonschema.validate(document, shape)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = list(references(document))
    assert len(found) > 40
    for reference in found:
        resolve(document, reference)


def test_operations_name_messages_of_their_channel(document: dict[str, Any]) -> None:
    for operation in document["operations"].values():
        prefix = operation["channel"]["$ref"] + "/messages/"
        assert all(message["$ref"].startswith(prefix) for message in operation["messages"])


def test_every_payload_schema_is_a_valid_schema(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


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


def test_the_protocol_document_tells_of_every_message_and_close_code() -> None:
    from server.dialects.close_reasons import CloseReason

    text = (DOCS / "protocol.md").read_text(encoding="utf-8")
    missing = [
        name for name in asyncapi_document()["components"]["messages"] if f"`{name}`" not in text
    ]
    assert missing == []
    codes = {int(code) for code in re.findall(r"^\| (\d{4}) \|", text, re.MULTILINE)}
    assert codes == {reason.code for reason in CloseReason}


def test_the_examples_in_the_protocol_document_are_messages() -> None:
    text = (DOCS / "protocol.md").read_text(encoding="utf-8")
    examples = re.findall(r"`(\{\"type\".*?\})`", text)
    either_way: TypeAdapter[BaseModel] = TypeAdapter(wire.ClientMessage | wire.ServerMessage)
    shown = {json.loads(example)["type"] for example in examples}
    assert shown == {m.model_dump()["type"] for m in EXAMPLES}
    for example in examples:
        either_way.validate_json(example)
