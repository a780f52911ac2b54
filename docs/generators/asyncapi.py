"""The AsyncAPI 3.0 document of the browser protocol, made from the message models.

`python -m docs.generators.asyncapi FILE` writes it; a test holds docs/asyncapi.yaml against it.
"""

import re
import sys
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel

from server.dialects.browser import messages as wire

Document = dict[str, Any]


def asyncapi_document() -> Document:
    """The whole document, in plain dicts and lists, in an order fit for reading."""
    up = members(wire.ClientMessage)
    down = members(wire.ServerMessage)
    schemas: Document = {}
    messages = {type_of(model): message_entry(model, schemas) for model in (*up, *down)}
    messages["audio.up"] = _audio("up", wire.UP_RATE, _UP_AUDIO)
    messages["audio.down"] = _audio("down", wire.DOWN_RATE, _DOWN_AUDIO)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Viva browser protocol",
            "version": wire.SUBPROTOCOL.removeprefix("viva.v") + ".0.0",
            "description": _INFO,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "local": {
                "host": "127.0.0.1:8000",
                "protocol": "ws",
                "description": "The address of `make run`; elsewhere wss behind TLS.",
            }
        },
        "channels": {"interview": _channel(messages)},
        "operations": {
            "fromClient": operation("receive", "interview", [*map(type_of, up), "audio.up"]),
            "toClient": operation("send", "interview", [*map(type_of, down), "audio.down"]),
        },
        "components": {"messages": messages, "schemas": schemas},
    }


def asyncapi_yaml() -> str:
    """The document as it is committed."""
    body = yaml.safe_dump(asyncapi_document(), sort_keys=False, allow_unicode=True, width=100)
    return _HEADER + body


_HEADER = """\
# The protocol viva.v1 in AsyncAPI 3.0, made from server/dialects/browser/messages.py. Do not edit:
# `python -m docs.generators.asyncapi docs/asyncapi.yaml`. docs/protocol.md tells it in words.
"""
_INFO = (
    "One interview over one WebSocket: audio in binary messages, everything else in JSON text"
    " messages that are told apart by `type`."
)
_UP_AUDIO = (
    f"The microphone: mono PCM16, little endian, {wire.UP_RATE} Hz, {wire.MIN_FRAME_MS} to"
    f" {wire.MAX_FRAME_MS} ms a message, from `start` on."
)
_DOWN_AUDIO = (
    f"The interviewer's voice: mono PCM16, little endian, {wire.DOWN_RATE} Hz. It belongs to the"
    " generation of the last `audio.begin`."
)


def _channel(messages: Document) -> Document:
    return {
        "address": wire.SOCKET_PATH,
        "title": "The candidate's socket",
        "description": f"Opened with the WebSocket subprotocol `{wire.SUBPROTOCOL}`.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {
            "ws": {
                "method": "GET",
                "headers": {
                    "type": "object",
                    "required": ["Sec-WebSocket-Protocol", "Origin"],
                    "properties": {
                        "Sec-WebSocket-Protocol": {"type": "string", "const": wire.SUBPROTOCOL},
                        "Origin": {"type": "string", "format": "uri"},
                    },
                },
                "bindingVersion": "0.1.0",
            }
        },
    }


def operation(action: str, channel: str, names: list[str]) -> Document:
    """What may be sent (or received) on a channel: the messages of these names."""
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names],
    }


def message_entry(model: type[BaseModel], schemas: Document) -> Document:
    """The description of a message; its schema, and what that refers to, go into `schemas`."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    for name, nested in schema.pop("$defs", {}).items():
        schemas[name] = _tidy(nested)
    schemas[model.__name__] = _tidy(schema, required=["type"])
    return {
        "name": type_of(model),
        "summary": _words(model.__doc__),
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{model.__name__}"},
    }


def _audio(direction: str, rate: int, text: str) -> Document:
    return {
        "name": f"audio.{direction}",
        "summary": text,
        "contentType": f"audio/L16; rate={rate}; channels=1; endianness=little-endian",
        "payload": {"type": "string", "format": "binary"},
    }


def _tidy(schema: Document, required: list[str] | None = None) -> Document:
    """Pydantic's titles repeat the names; `type` has a default, but goes over the wire always."""
    schema.pop("title", None)
    for part in schema.get("properties", {}).values():
        part.pop("title", None)
    if "description" in schema:
        schema["description"] = _words(schema["description"])
    if required:
        schema["required"] = required + [n for n in schema.get("required", []) if n not in required]
    return schema


def members(union: Any) -> tuple[type[BaseModel], ...]:
    """The models of an annotated union."""
    return get_args(get_args(union)[0])


def type_of(model: type[BaseModel]) -> str:
    """What a message of this model has as its `type`."""
    return str(model.model_fields["type"].default)


def _words(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "").strip()


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(asyncapi_yaml(), encoding="utf-8")
