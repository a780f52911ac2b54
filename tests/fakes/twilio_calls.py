"""Twilio's end of a call: signed webhooks and stream, a buffer that plays, marks and clears."""

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4
from xml.etree import ElementTree

import httpx
import numpy as np
from numpy.typing import NDArray
from twilio.request_validator import RequestValidator
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from audio.g711 import ulaw_encode
from audio.resample import resample
from audio.speech import SPEECH_RATE
from tests.patience import PATIENCE_S

ACCOUNT = "AC" + "5" * 32
TOKEN = "a token that is only for tests"
CALLER = "+441632960961"

Message = dict[str, Any]


def new_sid(prefix: str) -> str:
    """As Twilio names things."""
    return prefix + uuid4().hex


@dataclass
class Twilio:
    """The vendor: one account, as a server at `base_url` meets it."""

    base_url: str
    client: httpx.AsyncClient
    validator: RequestValidator = field(default_factory=lambda: RequestValidator(TOKEN))

    async def post(self, url: str, **fields: str) -> httpx.Response:
        """A webhook. `url` is a path, or a whole address."""
        url = url if url.startswith("http") else self.base_url + url
        form = {"AccountSid": ACCOUNT, "CallStatus": "in-progress"} | fields
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": self.validator.compute_signature(url, form),
        }
        return await self.client.post(url, content=urlencode(form), headers=headers)

    async def ask(self, url: str, **fields: str) -> "Twiml":
        """A webhook's TwiML."""
        response = await self.post(url, **fields)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].startswith("text/xml")
        return Twiml(ElementTree.fromstring(response.text))

    async def ring(self, call: str, number: str = CALLER, **fields: str) -> "Twiml":
        """Somebody calls in."""
        to = "+15005550006"
        return await self.ask("/bridges/twilio/voice", CallSid=call, From=number, To=to, **fields)

    @asynccontextmanager
    async def stream(self, twiml: "Twiml", call: str) -> AsyncIterator["Line"]:
        """The stream that the TwiML connects the call to, started."""
        url = twiml.stream_url
        signature = self.validator.compute_signature(url, {})
        headers = {"X-Twilio-Signature": signature}
        async with connect(
            url, additional_headers=headers, proxy=None, compression=None, close_timeout=1
        ) as socket:
            line = Line(socket, call)
            await line.start(twiml.parameters)
            yield line


class Twiml:
    """A document, taken apart."""

    def __init__(self, root: ElementTree.Element) -> None:
        self.verbs = [verb.tag for verb in root]
        self.said = " ".join(verb.text or "" for verb in root.findall("Say"))
        self.root = root

    @property
    def stream_url(self) -> str:
        """Where the sound goes."""
        stream = self.root.find("Connect/Stream")
        assert stream is not None, self.verbs
        return stream.attrib["url"]

    @property
    def action(self) -> str:
        """What is asked when the stream has ended."""
        verb = self.root.find("Connect")
        assert verb is not None, self.verbs
        return verb.attrib["action"]

    @property
    def parameters(self) -> dict[str, str]:
        """What the stream is given to pass on."""
        found = self.root.findall("Connect/Stream/Parameter")
        return {parameter.attrib["name"]: parameter.attrib["value"] for parameter in found}


class Line:
    """A stream, once the socket is open. While `playing`, what comes is played in no time; without
    it, marks wait in the buffer, as they do behind sound that is still to be played."""

    def __init__(self, socket: ClientConnection, call: str) -> None:
        self.socket = socket
        self.call = call
        self.stream = new_sid("MZ")
        self.playing = True
        self.heard = bytearray()
        self.pending: list[str] = []
        self.cleared = 0
        self.ends = 0  # replies that were played to their end
        self._number = 0
        self._changed = asyncio.Condition()
        self._reading: asyncio.Task[None] | None = None

    async def start(self, parameters: dict[str, str], **changes: Any) -> None:
        """`connected` and `start`; from now on the line plays."""
        await self.socket.send(json.dumps({"event": "connected", "protocol": "Call"}))
        inner = {
            "accountSid": ACCOUNT,
            "streamSid": self.stream,
            "callSid": self.call,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": parameters,
        } | changes
        await self.send("start", inner)
        self._reading = asyncio.create_task(self._read())

    async def send(self, event: str, inner: Any) -> None:
        """A message of the stream."""
        self._number += 1
        message = {"event": event, "sequenceNumber": str(self._number), "streamSid": self.stream}
        await self.socket.send(json.dumps({**message, event: inner}))

    async def say(self, sound: NDArray[np.int16], room_s: float = 1.2) -> None:
        """16 kHz sound over the line, a quiet room after it, all at once."""
        room = np.random.default_rng(1).normal(0, 8, int(room_s * SPEECH_RATE)).astype(np.int16)
        line = ulaw_encode(resample(np.concatenate([sound, room]), SPEECH_RATE, 8_000))
        for begin in range(0, len(line), 160):
            payload = b64encode(line[begin : begin + 160]).decode()
            await self.send("media", {"track": "inbound", "chunk": "1", "payload": payload})

    async def press(self, keys: str) -> None:
        """Keys of the telephone."""
        for key in keys:
            await self.send("dtmf", {"track": "inbound_track", "digit": key})

    async def give_back(self, marks: int) -> None:
        """The first `marks` pending marks are reached."""
        returned, self.pending = self.pending[:marks], self.pending[marks:]
        self.ends += sum(name.startswith("end") for name in returned)
        await self._return(returned)

    async def _return(self, names: list[str]) -> None:
        for name in names:
            await self.send("mark", {"name": name})

    async def until(self, wanted: Any) -> None:
        """Return when `wanted()` holds."""
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(wanted)

    async def closed(self) -> int:
        """The close code, once the server has closed."""
        assert self._reading is not None
        async with asyncio.timeout(PATIENCE_S):
            await self._reading
        assert self.socket.close_code is not None
        return self.socket.close_code

    async def hang_up(self) -> None:
        """The caller is gone."""
        await self.send("stop", {"accountSid": ACCOUNT, "callSid": self.call})
        await self.socket.close()

    async def _read(self) -> None:
        try:
            while True:
                message = json.loads(await self.socket.recv())
                await self._take(message)
                async with self._changed:
                    self._changed.notify_all()
        except ConnectionClosed:
            async with self._changed:
                self._changed.notify_all()

    async def _take(self, message: Message) -> None:
        assert message["streamSid"] == self.stream
        match message["event"]:
            case "media":
                self.heard += b64decode(message["media"]["payload"], validate=True)
            case "mark":
                self.pending.append(message["mark"]["name"])
                if self.playing:
                    await self.give_back(1)
            case "clear":
                self.cleared += 1
                self.playing = True
                unplayed, self.pending = self.pending, []
                await self._return(unplayed)
            case other:
                raise AssertionError(f"Twilio knows no {other}")
