"""The official `openai` client as a candidate: it plays what it is sent, in real time, and
truncates what it has not played when it is interrupted, as clients of that protocol do."""

import asyncio
import base64
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection
from websockets.exceptions import ConnectionClosed

from audio.pcm import AudioFormat
from audio.resample import resample
from audio.speech import SPEECH_RATE, VOICE_RATE
from server.dialects.telephony.codec import Receiver, Transmitter
from tests.patience import PATIENCE_S
from tests.server.edge import RunningServer
from tests.server.sockets.realtime_events import Event, checked
from tests.server.sockets.realtime_player import Player

PCM = AudioFormat(VOICE_RATE)
FRAME_MS = 20


class Caller:
    """One connection of the official client. `events` are all that came, oldest first."""

    def __init__(self, connection: AsyncRealtimeConnection, wire: AudioFormat = PCM) -> None:
        self.connection = connection
        self.wire = wire
        self.events: list[Event] = []
        self.player = Player(wire)
        self.truncates = True
        self.truncated: list[tuple[str, int]] = []
        self._microphone = Transmitter(wire)

    # --- listening -------------------------------------------------------------------------------

    async def next(self) -> Event:
        """The next event, checked. Raises ConnectionClosed."""
        event = checked(await self.connection.recv_bytes())
        self.events.append(event)
        match event["type"]:
            case "response.output_audio.delta":
                self.player.take(event, time.monotonic())
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
        await self.listen_for(self.player.busy_s(time.monotonic()))

    async def listen_for(self, seconds: float) -> None:
        """Play and listen for so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    await self.next()

    async def closed(self) -> tuple[int, str]:
        """The close code and sentence, once the server has closed."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                while True:
                    await self.next()
            except ConnectionClosed as closed:
                end = closed.rcvd
        assert end is not None
        return end.code, end.reason

    def of_type(self, kind: str) -> list[Event]:
        """All events of a type so far."""
        return [event for event in self.events if event["type"] == kind]

    @property
    def errors(self) -> list[Event]:
        """What was told to be wrong."""
        return [event["error"] for event in self.of_type("error")]

    async def interrupt(self) -> None:
        """Fall silent, and say how much of the present item was played."""
        interrupted = self.player.interrupt(time.monotonic())
        if interrupted is not None:
            self.truncated.append(interrupted)
            item_id, played_ms = interrupted
            await self.connection.conversation.item.truncate(
                item_id=item_id, content_index=0, audio_end_ms=played_ms
            )

    # --- speaking --------------------------------------------------------------------------------

    async def send(self, sound: NDArray[np.int16]) -> None:
        """16 kHz sound in the wire's format, 20 ms an event, all at once."""
        data = self._microphone.encode(resample(sound, SPEECH_RATE, VOICE_RATE).tobytes())
        step = self.wire.sample_rate * FRAME_MS // 1000 * self.wire.bytes_per_sample
        for at in range(0, len(data), step):
            await self.connection.input_audio_buffer.append(
                audio=base64.b64encode(data[at : at + step]).decode()
            )

    async def say(self, sound: NDArray[np.int16]) -> None:
        """Sound, and a second of a quiet room after it."""
        room = np.random.default_rng(1).normal(0, 8, SPEECH_RATE).astype(np.int16)
        await self.send(np.concatenate([sound, room]))

    def heard(self, item_id: str, until_ms: int | None = None) -> NDArray[np.int16]:
        """The sound of an item, or its beginning, at 16 kHz."""
        sound = Receiver(self.wire).decode(bytes(self.player.items[item_id]))
        return sound if until_ms is None else sound[: until_ms * SPEECH_RATE // 1000]


async def realtime_key(server: RunningServer, join_token: str) -> dict[str, Any]:
    """A key of the interview, as whoever brings a client asks for one."""
    wanted = {"token": join_token, "consent": True}
    response = await server.client.post("/api/v1/join/realtime", json=wanted)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


@asynccontextmanager
async def calling(
    server: RunningServer, join_token: str, wire: AudioFormat = PCM
) -> AsyncIterator[Caller]:
    """The official client, connected, with nothing of it changed but key and address."""
    key = await realtime_key(server, join_token)
    async with (
        AsyncOpenAI(api_key=key["api_key"], base_url=key["base_url"]) as client,
        client.realtime.connect(model="gpt-realtime") as connection,
    ):
        yield Caller(connection, wire)
