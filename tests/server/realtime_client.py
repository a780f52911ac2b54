"""The official `openai` client as a candidate: it plays what it is sent, in real time, and
truncates what it has not played when it is interrupted, as clients of that protocol do."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection
from websockets.exceptions import ConnectionClosed

from audio.pcm import AudioFormat, ms_of
from audio.resample import resample
from audio.speech import SPEECH_RATE, VOICE_RATE
from server.dialects.telephone import Receiver, Transmitter
from tests.server.edge import PATIENCE_S, Door
from tests.server.realtime_events import Event, checked

PCM = AudioFormat(VOICE_RATE)
FRAME_MS = 20


@dataclass
class Item:
    """What the client has got of one item, and when its sound began."""

    pcm: bytearray = field(default_factory=bytearray)
    began_s: float = 0.0
    free_s: float = 0.0


class Caller:
    """One connection of the official client. `events` are all that came, oldest first."""

    def __init__(self, connection: AsyncRealtimeConnection, wire: AudioFormat = PCM) -> None:
        self.connection = connection
        self.wire = wire
        self.events: list[Event] = []
        self.items: dict[str, Item] = {}
        self.truncates = True
        self.truncated: list[tuple[str, int]] = []
        self._playing: str | None = None
        self._microphone = Transmitter(wire)

    # --- listening -------------------------------------------------------------------------------

    async def next(self) -> Event:
        """The next event, checked. Raises ConnectionClosed."""
        event = checked(await self.connection.recv_bytes())
        self.events.append(event)
        match event["type"]:
            case "response.output_audio.delta":
                self._take(event["item_id"], base64.b64decode(event["delta"]))
            case "input_audio_buffer.speech_started" if self.truncates:
                await self.interrupt()
        return event

    async def until(self, kind: str, **fields: object) -> Event:
        """The next event of this type with these fields."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                while True:
                    event = await self.next()
                    if event["type"] == kind and fields.items() <= event.items():
                        return event
            except ConnectionClosed as closed:
                raise AssertionError(f"closed instead of {kind}: {closed}") from closed

    async def heard_out(self) -> Event:
        """The next response that comes to its end, once it has been played."""
        while True:
            done = await self.until("response.done")
            if done["response"]["status"] == "completed":
                await self.played_out()
                return done

    async def played_out(self) -> None:
        """Play what is there to its end, and go on listening."""
        last = next(reversed(self.items.values()), None)
        wait_s = 0.0 if last is None else last.free_s - time.monotonic()
        if wait_s > 0:
            try:
                async with asyncio.timeout(wait_s):
                    while True:
                        await self.next()
            except TimeoutError:
                pass

    async def closed(self) -> tuple[int, str]:
        """The close code and sentence, once the server has closed."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                while True:
                    await self.next()
            except ConnectionClosed as closed:
                assert closed.rcvd is not None
                return closed.rcvd.code, closed.rcvd.reason

    def of_type(self, kind: str) -> list[Event]:
        """All events of a type so far."""
        return [event for event in self.events if event["type"] == kind]

    @property
    def errors(self) -> list[Event]:
        """What was told to be wrong."""
        return [event["error"] for event in self.of_type("error")]

    def _take(self, item_id: str, data: bytes) -> None:
        now = time.monotonic()
        item = self.items.setdefault(item_id, Item(began_s=now, free_s=now))
        item.pcm += data
        item.free_s = max(item.free_s, now) + self._lasts_s(data)
        self._playing = item_id

    def _lasts_s(self, data: bytes) -> float:
        return ms_of(len(data) // self.wire.bytes_per_sample, self.wire.sample_rate) / 1000

    async def interrupt(self) -> int | None:
        """Fall silent, and say how much of the present item was played, in ms."""
        item_id, self._playing = self._playing, None
        if item_id is None or self.items[item_id].free_s <= time.monotonic():
            return None
        item = self.items[item_id]
        played_s = min(time.monotonic() - item.began_s, self._lasts_s(bytes(item.pcm)))
        played_ms = int(played_s * 1000)
        self.truncated.append((item_id, played_ms))
        await self.connection.conversation.item.truncate(
            item_id=item_id, content_index=0, audio_end_ms=played_ms
        )
        return played_ms

    # --- speaking --------------------------------------------------------------------------------

    async def send(self, sound: NDArray[np.int16]) -> None:
        """16 kHz sound in the wire's format, 20 ms an event, all at once."""
        data = self._microphone.speak(resample(sound, SPEECH_RATE, VOICE_RATE).tobytes())
        step = self.wire.sample_rate * FRAME_MS // 1000 * self.wire.bytes_per_sample
        for at in range(0, len(data), step):
            await self.connection.input_audio_buffer.append(
                audio=base64.b64encode(data[at : at + step]).decode()
            )

    async def say(self, sound: NDArray[np.int16]) -> None:
        """Sound, and a second of a quiet room after it."""
        room = np.random.default_rng(1).normal(0, 8, SPEECH_RATE).astype(np.int16)
        await self.send(np.concatenate([sound, room]))

    def understood(self, item_id: str) -> NDArray[np.int16]:
        """What came of an item, at 16 kHz."""
        return Receiver(self.wire).hear(bytes(self.items[item_id].pcm))


async def realtime_key(door: Door, join_token: str) -> dict[str, Any]:
    """A key of the interview, as whoever brings a client asks for one."""
    wanted = {"token": join_token, "consent": True}
    response = await door.client.post("/api/v1/join/realtime", json=wanted)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


@asynccontextmanager
async def calling(door: Door, join_token: str, wire: AudioFormat = PCM) -> AsyncIterator[Caller]:
    """The official client, connected, with nothing of it changed but key and address."""
    key = await realtime_key(door, join_token)
    async with AsyncOpenAI(api_key=key["api_key"], base_url=key["base_url"]) as client:
        async with client.realtime.connect(model="gpt-realtime") as connection:
            yield Caller(connection, wire)
