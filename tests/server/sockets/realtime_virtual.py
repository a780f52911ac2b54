"""A Realtime client in virtual time: the real pump, dialect and session, a socket of memory."""

import asyncio
import base64
import json
from typing import Any, cast
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray
from starlette.websockets import WebSocket, WebSocketState

from audio.pcm import AudioFormat
from audio.resample import resample
from audio.speech import SPEECH_RATE, VOICE_RATE
from server.dialects.realtime.dialect import RealtimeDialect
from server.sockets.admission import AuthenticatedPeer, Entry, Peer
from server.sockets.media_socket import MediaSocket
from tests.fakes.microphone import Microphone
from tests.server.sockets.realtime_events import Event, checked
from tests.server.sockets.realtime_player import Player
from tests.sessions.hall import Hall
from tests.support.virtual_time import pass_ms


class MemorySocket:
    """What the pump needs of a WebSocket; each way takes `latency_ms`."""

    client_state = WebSocketState.CONNECTED

    def __init__(self, latency_ms: float) -> None:
        self._latency_ms = latency_ms
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.outgoing: asyncio.Queue[str | None] = asyncio.Queue()
        self.close_code = 0

    async def accept(self, subprotocol: str | None = None) -> None:
        """It is open already."""

    async def receive(self) -> dict[str, Any]:
        return await self._incoming.get()

    async def send_text(self, text: str) -> None:
        self._later(self.outgoing.put_nowait, text)

    async def close(self, code: int, reason: str = "") -> None:
        self.close_code = code
        self._later(self.outgoing.put_nowait, None)

    def deliver(self, text: str) -> None:
        """A message of the client."""
        self._later(self._incoming.put_nowait, {"type": "websocket.receive", "text": text})

    def hang_up(self) -> None:
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1000})

    def _later(self, then: Any, value: Any) -> None:
        asyncio.get_running_loop().call_later(self._latency_ms / 1000, then, value)


class OpenAdmission:
    """Lets everybody into one interview."""

    def __init__(self, interview_id: UUID) -> None:
        self._interview_id = interview_id

    async def admit(self, websocket: WebSocket) -> Peer:
        return AuthenticatedPeer(RealtimeDialect("abc"), None, Entry(self._interview_id))


class VirtualClient:
    """Plays, and truncates `reacts_ms` after it is interrupted (None: never says so)."""

    def __init__(
        self, hall: Hall, *, latency_ms: float = 20.0, reacts_ms: float | None = 0.0
    ) -> None:
        self.hall = hall
        self.events: list[Event] = []
        self.player = Player(AudioFormat(VOICE_RATE))
        self.truncated: list[tuple[str, int]] = []
        self.reacts_ms = reacts_ms
        self.socket = MemorySocket(latency_ms)
        self.microphone = Microphone(self._hear)
        self._news = asyncio.Event()
        media_socket = MediaSocket(
            OpenAdmission(uuid4()), hall.registry, clock=asyncio.get_running_loop().time
        )
        self._serving = asyncio.create_task(media_socket.serve(cast(WebSocket, self.socket)))
        self._listening = asyncio.create_task(self._listen())

    def send(self, kind: str, **fields: Any) -> None:
        self.socket.deliver(json.dumps({"type": kind} | fields))

    def append(self, samples: NDArray[np.int16]) -> None:
        """16 kHz sound, as the protocol wants it."""
        data = resample(samples, SPEECH_RATE, VOICE_RATE).tobytes()
        self.send("input_audio_buffer.append", audio=base64.b64encode(data).decode())

    async def begin(self) -> None:
        """Be greeted, with an open microphone."""
        self.microphone.open()
        await self.until("response.output_audio.delta")

    async def say(self, sound: NDArray[np.int16], text: str) -> None:
        """Say something that will be understood as `text`."""
        self.hall.transcriber.says = text
        await self.microphone.say(sound)

    async def until(self, kind: str, count: int = 1) -> Event:
        """The `count`th event of this type."""
        while len(found := self.of_type(kind)) < count:
            self._news.clear()
            await self._news.wait()
        return found[count - 1]

    async def played_out(self, count: int = 1) -> None:
        """Return when so many responses have been heard to their end."""
        while sum(done["response"]["status"] == "completed" for done in self.done) < count:
            self._news.clear()
            await self._news.wait()
        await pass_ms(self.player.busy_s(self._now_s()) * 1000)

    def interrupt(self) -> None:
        """Fall silent, and say how much was played, unless it says nothing."""
        interrupted = self.player.interrupt(self._now_s())
        if interrupted is None:
            return
        self.truncated.append(interrupted)
        item_id, played_ms = interrupted
        if self.reacts_ms is not None:
            self.send(
                "conversation.item.truncate",
                item_id=item_id,
                content_index=0,
                audio_end_ms=played_ms,
            )

    async def leave(self) -> None:
        """The connection ends; everything of it is gone."""
        self.microphone.close()
        self.socket.hang_up()
        await self._serving
        self._listening.cancel()

    async def closed(self) -> int:
        """The code with which the server has closed."""
        await self._listening
        await self.leave()
        return self.socket.close_code

    def of_type(self, kind: str) -> list[Event]:
        return [event for event in self.events if event["type"] == kind]

    @property
    def done(self) -> list[Event]:
        """The responses that are over."""
        return self.of_type("response.done")

    def transcript(self, item_id: str) -> str:
        """The words told of an item."""
        deltas = self.of_type("response.output_audio_transcript.delta")
        return "".join(event["delta"] for event in deltas if event["item_id"] == item_id)

    def _hear(self, samples: NDArray[np.int16]) -> None:
        self.append(samples)

    async def _listen(self) -> None:
        while (text := await self.socket.outgoing.get()) is not None:
            event = checked(text)
            self.events.append(event)
            match event["type"]:
                case "response.output_audio.delta":
                    self.player.take(event, self._now_s())
                case "input_audio_buffer.speech_started":
                    wait_s = (self.reacts_ms or 0.0) / 1000
                    asyncio.get_running_loop().call_later(wait_s, self.interrupt)
            self._news.set()

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()
