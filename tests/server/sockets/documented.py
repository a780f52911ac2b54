"""Clients written from the documents alone: docs/asyncapi*.yaml, docs/protocol.md, docs/monitor.md.

Nothing here imports the server or its dialects. Messages are made of the documents' examples, and
whatever is sent or received has to be valid by their schemas.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

DOCS = Path(__file__).parents[3] / "docs"
EXAMPLE = re.compile(r"^\| `([a-z_.]+)` \|.*\| `(\{.*\})` \|$", re.MULTILINE)
BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
CODES = re.compile(r"^\| `?(\w+)`? \|", re.MULTILINE)
Message = dict[str, Any]


class Protocol:
    """A protocol as its two documents tell it: `text` in words, `api` in AsyncAPI."""

    def __init__(self, words: str, machine: str) -> None:
        self.text = (DOCS / words).read_text(encoding="utf-8")
        self.api = yaml.safe_load((DOCS / machine).read_text(encoding="utf-8"))
        (self.channel,) = self.api["channels"].values()
        self.examples: dict[str, Message] = {
            kind: json.loads(example) for kind, example in EXAMPLE.findall(self.text)
        }
        self.sent = self._named("receive")
        self.received = self._named("send")

    def _named(self, action: str) -> dict[str, Any]:
        (operation,) = [one for one in self.api["operations"].values() if one["action"] == action]
        names = [one["$ref"].rpartition("/")[2] for one in operation["messages"]]
        return {name: self.api["components"]["messages"][name] for name in names}

    @property
    def path(self) -> str:
        """Where the socket is."""
        return str(self.channel["address"])

    @property
    def subprotocol(self) -> Subprotocol:
        """What a client has to ask for."""
        headers = self.channel["bindings"]["ws"]["headers"]
        assert set(headers["required"]) == {"Sec-WebSocket-Protocol", "Origin"}
        return Subprotocol(headers["properties"]["Sec-WebSocket-Protocol"]["const"])

    def rate(self, kind: str) -> int:
        """The sample rate of a binary message."""
        messages = self.sent | self.received
        return int(re.findall(r"rate=(\d+)", messages[kind]["contentType"])[0])

    def message(self, kind: str, **fields: object) -> Message:
        """The document's example of a message with these fields in place of its own; a field that
        is None is left out."""
        message = {
            name: value
            for name, value in (self.examples[kind] | fields).items()
            if value is not None
        }
        self.check(message, self.sent)
        return message

    def check(self, message: Message, among: Mapping[str, Any]) -> None:
        """See whether a message is one of these, and as its schema says."""
        assert message["type"] in among, f"no document has {message['type']}"
        schema = among[message["type"]]["payload"] | {"components": self.api["components"]}
        jsonschema.validate(message, schema)

    def section(self, title: str) -> str:
        """The text below a heading."""
        return self.text.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]

    def sentence(self, beginning: str) -> set[str]:
        """The names that a paragraph lists which begins with these words."""
        found = self.text.split(beginning, 1)[1].split("\n\n", 1)[0]
        return set(re.findall(r"`([a-z_]+)`", found))

    def codes(self, title: str) -> set[str]:
        """The first column of a section's table."""
        return set(CODES.findall(self.section(title)))


class Client:
    """One socket, opened as the documents say."""

    def __init__(self, protocol: Protocol, socket: ClientConnection) -> None:
        self.protocol = protocol
        self.socket = socket
        self.messages: list[Message] = []
        self.sound: list[bytes] = []

    async def send(self, kind: str, **fields: object) -> None:
        """A message made of the document's example."""
        await self.socket.send(json.dumps(self.protocol.message(kind, **fields)))

    async def next(self) -> Message:
        """The next message that is no sound, checked. Raises ConnectionClosed."""
        while isinstance(received := await self.socket.recv(), bytes):
            await self.heard(received)
        message: Message = json.loads(received)
        self.protocol.check(message, self.protocol.received)
        self.messages.append(message)
        await self.answer(message)
        return message

    async def heard(self, sound: bytes) -> None:
        """Take a binary message."""
        self.sound.append(sound)

    async def answer(self, message: Message) -> None:
        """Do what a message asks for."""

    async def until(self, kind: str, **fields: object) -> Message:
        """The next message of this type with these fields."""
        while True:
            message = await self.next()
            if message["type"] == kind and fields.items() <= message.items():
                return message

    async def closed(self) -> int:
        """The close code, once the server has closed."""
        try:
            while True:
                await self.next()
        except ConnectionClosed:
            return self.socket.close_code or 0

    def seen(self) -> set[str]:
        """The types of all messages so far."""
        return {message["type"] for message in self.messages}


class CandidateClient(Client):
    """A candidate's page, which plays what it is sent in no time, and says so."""

    generation = 0
    played = 0

    async def heard(self, sound: bytes) -> None:
        """Play a piece of the generation that was begun last."""
        assert self.generation, "sound before audio.begin"
        assert len(sound) % 2 == 0
        self.played += len(sound) // 2
        await super().heard(sound)

    async def answer(self, message: Message) -> None:
        """Count what is played, and answer marks and flushes."""
        match message["type"]:
            case "audio.begin":
                self.generation, self.played = message["generation"], message["offset"]
            case "audio.mark":
                shared = {"generation": message["generation"]}
                await self.send("audio.played", samples=self.played, **shared)
                await self.send("audio.marked", id=message["id"], **shared)
            case "audio.flush":
                generation = message["generation"]
                await self.send("audio.flushed", generation=generation, samples=self.played)

    async def say(self, sound: bytes) -> None:
        """The microphone, in the frames that are judged soonest."""
        frame = re.findall(r"messages of exactly ([\d,]+)\s+bytes", self.protocol.text)[0]
        step = int(frame.replace(",", ""))
        for begin in range(0, len(sound), step):
            await self.socket.send(sound[begin : begin + step])


def request_of(protocol: Protocol) -> tuple[str, str, Message]:
    """Method, path and body of the HTTP request that a document shows."""
    (block,) = [text for kind, text in BLOCK.findall(protocol.text) if kind == "http"]
    head, _, body = block.strip().partition("\n\n")
    method, path = head.splitlines()[0].split()
    return method, path, json.loads(body)


def opened(protocol: Protocol, socket_url: str, origin: str, patience_s: float) -> connect:
    """A socket at the address that came with the ticket."""
    assert socket_url.endswith(protocol.path)
    return connect(
        socket_url,
        subprotocols=[protocol.subprotocol],
        origin=Origin(origin),
        compression=None,
        proxy=None,
        open_timeout=patience_s,
    )
