"""Live words of the stand-in provider: each while it is spoken, all of them at the end."""

import asyncio
import base64
import json
from typing import Any, cast

import numpy as np
from starlette.websockets import WebSocket, WebSocketDisconnect

from bench.live.chain import REAL, Latencies
from bench.live.live_words import HALF_WORD_MS, LiveWords
from bench.live.utterances import Recogniser, Utterance
from tests.support.virtual_time import now_ms, pass_ms, run_virtual

TEXT = "one two three four"
SOUND = np.random.default_rng(1).integers(-9_000, 9_000, 16_000 * 2).astype(np.int16)


class Socket:
    """Socket that keeps what it is sent, and when."""

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self.sent: list[tuple[float, dict[str, Any]]] = []

    async def accept(self) -> None:
        pass

    async def receive_text(self) -> str:
        event = await self.inbox.get()
        if event is None:
            raise WebSocketDisconnect
        return json.dumps(event)

    async def send_text(self, text: str) -> None:
        self.sent.append((now_ms(), json.loads(text)))


def test_words_come_while_they_are_spoken_and_all_of_them_at_the_end() -> None:
    async def story() -> Socket:
        socket = Socket()
        latencies = Latencies(REAL)
        hearing = LiveWords(Recogniser((Utterance(TEXT, SOUND),)), latencies)
        serving = asyncio.create_task(hearing.converse(cast("WebSocket", socket)))
        for at in range(0, len(SOUND), 320):
            audio = base64.b64encode(SOUND[at : at + 320].tobytes()).decode()
            socket.inbox.put_nowait({"type": "input_audio_buffer.append", "audio": audio})
            await pass_ms(20)
        socket.inbox.put_nowait({"type": "input_audio_buffer.commit", "final": True})
        await pass_ms(3_000)
        socket.inbox.put_nowait(None)
        await serving
        return socket

    socket = run_virtual(story())
    deltas = [(at, e["delta"]) for at, e in socket.sent if e["type"] == "transcription.delta"]
    done = [(at, e["text"]) for at, e in socket.sent if e["type"] == "transcription.done"]
    assert "".join(word for _, word in deltas).split() == TEXT.split()
    assert [text for _, text in done] == [TEXT]
    assert deltas[0][0] - socket.sent[0][0] >= REAL.word_ms - HALF_WORD_MS
    assert deltas[-1][0] < done[0][0], "the last word is told before all of them are"
