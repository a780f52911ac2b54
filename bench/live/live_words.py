"""The stand-in provider's ears for live speech: each word is told a while after it begins.

It speaks vLLM's events, whose sound has the rate of the utterances and so is found again sample by
sample. OpenAI's session has other events; what is measured, when words come, is the same.
"""

import asyncio
import base64
import json
from contextlib import suppress
from typing import Any

import numpy as np
from starlette.websockets import WebSocket, WebSocketDisconnect

from bench.live.chain import Latencies
from bench.live.utterances import Recogniser
from tests.support.faulty_replies import sleep_until
from tests.support.transcription_socket import TranscriptionDouble

HALF_WORD_MS = 150.0
"""A word is recognised when half of it was spoken: the corpus has 300 ms for one."""


class LiveWords(TranscriptionDouble):
    """Double of a live transcription server that knows what the benches' candidates say."""

    def __init__(self, recogniser: Recogniser, latencies: Latencies) -> None:
        super().__init__(dialect="vllm")
        self._recogniser = recogniser
        self._latencies = latencies

    async def converse(self, socket: WebSocket) -> None:
        """Serve one connection."""
        await socket.accept()
        with suppress(WebSocketDisconnect, RuntimeError):  # RuntimeError: sent after the close
            await _Talk(socket, self._recogniser, self._latencies).run()


class _Talk:
    """One connection under way."""

    def __init__(self, socket: WebSocket, recogniser: Recogniser, latencies: Latencies) -> None:
        self._socket = socket
        self._recogniser = recogniser
        self._latencies = latencies
        self._sound = bytearray()
        self._number = 0  # of the utterance
        self._seen = 0  # words of it that were told, or will be
        self._sending: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Answer events until the connection ends."""
        await self._socket.send_text(json.dumps({"type": "session.created"}))
        while True:
            event: dict[str, Any] = json.loads(await self._socket.receive_text())
            match event["type"]:
                case "input_audio_buffer.append":
                    self._sound += base64.b64decode(event["audio"])
                    self._tell_new_words()
                case "input_audio_buffer.commit" if event.get("final"):
                    await self._finish()

    def _words(self) -> list[str]:
        return self._recogniser.words_in(np.frombuffer(bytes(self._sound), np.int16)).split()

    def _tell_new_words(self) -> None:
        words, loop = self._words(), asyncio.get_running_loop()
        lag_s = max(0.0, self._latencies.chain.word_ms - HALF_WORD_MS) / 1000
        for word in words[self._seen :]:
            loop.call_later(lag_s, self._tell, self._number, word)
        self._seen = max(self._seen, len(words))

    def _tell(self, number: int, word: str) -> None:
        if number == self._number:
            event = json.dumps({"type": "transcription.delta", "delta": f"{word} "})
            task = asyncio.get_running_loop().create_task(self._send(event))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _send(self, event: str) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):
            await self._socket.send_text(event)

    async def _finish(self) -> None:
        due_s = asyncio.get_running_loop().time() + self._latencies.transcription_ms() / 1000
        text = " ".join(self._words())
        await sleep_until(due_s)
        self._number, self._seen = self._number + 1, 0
        self._sound.clear()
        await self._send(json.dumps({"type": "transcription.done", "text": text}))
