"""The AsyncAPI 3.0 document of the monitor protocol, made from the message models.

`python -m docs.generators.asyncapi_monitor FILE` writes it; a test holds
docs/asyncapi-monitor.yaml against it.
"""

import sys
from pathlib import Path

import yaml

from docs.generators.asyncapi import Document, members, message_entry, operation, type_of
from server.dialects.monitor import messages as wire
from server.dialects.monitor.commands import MonitorClientMessage

_HEADER = """\
# The protocol viva.monitor.v1 in AsyncAPI 3.0, made from server/dialects/monitor/*.py. Do not
# edit: `python -m docs.generators.asyncapi_monitor docs/asyncapi-monitor.yaml`. docs/monitor.md
# tells it in words.
"""
_INFO = (
    "A running interview over one WebSocket, for those who watch it: sound in binary messages,"
    " everything else in JSON text messages that are told apart by `type`."
)
_DOWN_AUDIO = (
    f"Both sides, while `listen` is on: {wire.LISTEN_FRAME_MS} ms a message. A header of"
    f" {wire.LISTEN_HEADER_BYTES} bytes (the frame's number and the session time of its first"
    " sample in ms, both unsigned 32 bits, little endian), then interleaved stereo PCM16, little"
    f" endian, {wire.LISTEN_RATE} Hz: the candidate left, the interviewer right."
)
_UP_AUDIO = (
    "The microphone of the recruiter who holds the floor: mono PCM16, little endian,"
    f" {wire.MICROPHONE_RATE} Hz, at most {wire.MICROPHONE_MAX_FRAME_MS} ms a message."
)


def asyncapi_document() -> Document:
    """The whole document, in plain dicts and lists, in an order fit for reading."""
    up = members(MonitorClientMessage)
    down = members(wire.MonitorServerMessage)
    schemas: Document = {}
    messages = {type_of(model): message_entry(model, schemas) for model in (*up, *down)}
    messages["audio.up"] = _audio("up", wire.MICROPHONE_RATE, 1, _UP_AUDIO)
    messages["audio.down"] = _audio("down", wire.LISTEN_RATE, 2, _DOWN_AUDIO)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Viva monitor protocol",
            "version": wire.SUBPROTOCOL.removeprefix("viva.monitor.v") + ".0.0",
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
        "channels": {"monitor": _channel(messages)},
        "operations": {
            "fromMonitor": operation("receive", "monitor", [*map(type_of, up), "audio.up"]),
            "toMonitor": operation("send", "monitor", [*map(type_of, down), "audio.down"]),
        },
        "components": {"messages": messages, "schemas": schemas},
    }


def asyncapi_yaml() -> str:
    """The document as it is committed."""
    body = yaml.safe_dump(asyncapi_document(), sort_keys=False, allow_unicode=True, width=100)
    return _HEADER + body


def _channel(messages: Document) -> Document:
    return {
        "address": wire.SOCKET_PATH,
        "title": "A monitor's socket",
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


def _audio(direction: str, rate: int, channels: int, text: str) -> Document:
    return {
        "name": f"audio.{direction}",
        "summary": text,
        "contentType": f"audio/L16; rate={rate}; channels={channels}; endianness=little-endian",
        "payload": {"type": "string", "format": "binary"},
    }


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(asyncapi_yaml(), encoding="utf-8")
