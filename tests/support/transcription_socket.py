"""Realtime transcription socket of the OpenAI double: what a server of live words sends, and how it
goes wrong.

It speaks OpenAI's events (a transcription session: 24 kHz, no turn detection) or vLLM's own (16
kHz, one utterance at a time). Nothing is recognized: the texts are set, and come word by word with
the sound that arrives.
"""

import asyncio
import base64
import json
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from starlette.responses import JSONResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

MS_PER_WORD = 200
"""Sound that arrives for each word told before the commit."""

MIN_COMMIT_MS = 100
"""Shortest sound that can be committed."""

GOING_AWAY = 1001
"""Close code of a session that has lasted its hour."""

SOCKET_MODES = (
    "hang", "drip", "garbage", "cut", "late", "failed", "hour", "hour_quiet", "unknown_item",
    "other_turn", "swapped", "stop", "own_commits", "shuffled_commits",
)  # fmt: skip
"""The faults beside HTTP statuses; see `TranscriptionDouble.fail`."""

Event = dict[str, Any]


@dataclass(slots=True)
class HeardSession:
    """One connection: what it was asked, and the sound of each commit (PCM16 at its rate)."""

    query: dict[str, str]
    headers: dict[str, str]
    events: list[Event] = field(default_factory=list)
    commits: list[NDArray[np.int16]] = field(default_factory=list)
    session: Event = field(default_factory=dict)
    """What the last update that was taken said."""

    closed: asyncio.Event = field(default_factory=asyncio.Event)

    def count(self, kind: str) -> int:
        """Return how many events of a type came (`append`, `commit`, `clear`)."""
        return sum(event.get("type") == f"input_audio_buffer.{kind}" for event in self.events)


@dataclass(slots=True)
class TranscriptionDouble:
    """The socket's side of the double, for any number of connections.

    `texts` are the words of each utterance, one by one, then `text_for(sound)`; `live` says whether
    they come while the sound does. `refused` are the names of fields that an update may not hold.
    `commit_ms` lies before the words of a commit, `drip_ms` between the crumbs of a drip.
    `billed_s` counts as OpenAI bills: whole seconds of each commit, silence too.
    """

    dialect: Literal["openai", "vllm"] = "openai"
    texts: list[str] = field(default_factory=list)
    text_for: Callable[[NDArray[np.int16]], str] = lambda _sound: ""
    live: bool = True
    refused: set[str] = field(default_factory=set)
    min_commit_ms: float = MIN_COMMIT_MS
    commit_ms: float = 0.0
    drip_ms: float = 20.0
    retry_after_s: float = 0.0
    usage: Literal["duration", "tokens", "none"] = "duration"
    billed_s: int = 0
    sessions: list[HeardSession] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with everything that comes."""

    ids: Callable[[], str] = field(init=False)
    _fault: tuple[str, int | None] = field(init=False, default=("", None))
    _open: set[asyncio.Task[Any]] = field(init=False, default_factory=set)
    _numbers: "count[int]" = field(init=False, default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.ids = lambda: f"item_{next(self._numbers)}"

    def fail(self, mode: str, times: int | None = None) -> None:
        """Have the next `times` connections (None: all) go wrong.

        `mode` is an HTTP status of the handshake ("429" with Retry-After if `retry_after_s` is
        set), or "hang" (no event at all), "drip" (crumbs), "garbage" (no JSON), "cut" (half of the
        text, as if it were all), "late" (no words after the commit), "failed", "hour" (at the
        commit the session has expired), "hour_quiet" (it closes at the first sound, and says
        nothing), "unknown_item" and "other_turn" (words that nobody committed), "swapped" (the
        words of the second commit first), "stop" (deltas stop, and the end is missing),
        "own_commits" (it commits when it likes) or "shuffled_commits" (its word that it has
        committed comes late).
        """
        if not mode.isdigit() and mode not in SOCKET_MODES:
            raise ValueError(f"There is no fault '{mode}'.")
        self._fault = (mode, times)

    def heal(self) -> None:
        """Have connections go well again."""
        self._fault = ("", None)

    async def converse(self, socket: WebSocket) -> None:
        """Serve one connection."""
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        heard = HeardSession(dict(socket.query_params), dict(socket.headers))
        try:
            mode = self._next_fault()
            if mode.isdigit():
                await self._deny(socket, int(mode))
                return
            await socket.accept()
            self.sessions.append(heard)
            self.changed.set()
            talk = _VllmTalk if self.dialect == "vllm" else _OpenAITalk
            with suppress(WebSocketDisconnect, RuntimeError):  # RuntimeError: sent after the close
                await talk(self, socket, heard, mode).run()
        finally:
            heard.closed.set()
            self.changed.set()
            self._open.discard(task)

    def end(self) -> None:
        """Break off all connections."""
        for task in self._open:
            task.cancel()

    def words_of(self, sound: NDArray[np.int16]) -> str:
        """Return the text of the next utterance."""
        return self.texts.pop(0) if self.texts else self.text_for(sound)

    def usage_of(self, sound: NDArray[np.int16], rate: int, text: str) -> Event:
        """Return what a commit is billed, and count it."""
        seconds = math.ceil(sound.size / rate)
        self.billed_s += seconds
        if self.usage == "tokens":
            into, out = seconds * 10, len(text.split())
            return {
                "type": "tokens", "input_tokens": into, "output_tokens": out,
                "total_tokens": into + out,
                "input_token_details": {"audio_tokens": into, "text_tokens": 0},
            }  # fmt: skip
        return {"type": "duration", "seconds": seconds}

    def _next_fault(self) -> str:
        mode, times = self._fault
        if times is not None:
            self._fault = (mode, times - 1) if times > 1 else ("", None)
        return mode

    async def _deny(self, socket: WebSocket, status: int) -> None:
        headers = {}
        if status == 429 and self.retry_after_s:
            headers["retry-after"] = f"{self.retry_after_s:g}"
        error = {"message": f"The double answers {status}.", "type": "error", "code": None}
        await socket.send_denial_response(JSONResponse({"error": error}, status, headers))


class _Talk:
    """One connection under way."""

    rate = 24_000

    def __init__(
        self, double: TranscriptionDouble, socket: WebSocket, heard: HeardSession, mode: str
    ) -> None:
        self.double = double
        self.socket = socket
        self.heard = heard
        self.mode = mode
        self.sound = bytearray()
        self.words: list[str] | None = None
        self.told = 0
        self._events = count(1)

    async def run(self) -> None:
        """Answer events until the connection ends."""
        if self.mode == "hang":
            while True:
                await self._receive()
        await self.greet()
        while True:
            event = await self._receive()
            await self.take(event)
            self.double.changed.set()

    async def greet(self) -> None:
        """Say that the session exists."""
        await self.send({"type": "session.created", "session": {"type": "transcription"}})

    async def take(self, event: Event) -> None:
        """Answer one event."""
        raise NotImplementedError

    async def send(self, event: Event) -> None:
        """Send an event."""
        await self.socket.send_text(json.dumps({"event_id": f"event_{next(self._events)}"} | event))

    async def wait(self, ms: float) -> None:
        """Let a declared latency pass."""
        if ms:
            await asyncio.sleep(ms / 1000)

    def due_words(self, sound: NDArray[np.int16]) -> list[str]:
        """Return the words that the sound so far brings, and were not told yet."""
        if self.words is None:
            self.words = self.double.words_of(sound).split()
        due = sound.size * 1000 // self.rate // MS_PER_WORD
        words = self.words[self.told : due]
        self.told += len(words)
        return words

    def pcm(self) -> NDArray[np.int16]:
        """Return the sound since the last commit."""
        return np.frombuffer(bytes(self.sound), "<i2")

    def add(self, event: Event) -> None:
        """Keep the sound of an append."""
        self.sound += base64.b64decode(event["audio"], validate=True)

    async def _receive(self) -> Event:
        event: Event = json.loads(await self.socket.receive_text())
        self.heard.events.append(event)
        self.double.changed.set()
        return event


class _OpenAITalk(_Talk):
    """OpenAI's transcription session."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.item = self.double.ids()
        self.before: str | None = None
        self.ready = False
        self.kept: list[tuple[str, str, Event]] = []
        self.kept_commits: list[Event] = []

    async def take(self, event: Event) -> None:
        match event["type"]:
            case "session.update":
                await self._update(event)
            case "input_audio_buffer.append" if not self.ready:
                await self._error(event, "session_not_ready", "There is no session yet.")
            case "input_audio_buffer.append":
                self.add(event)
                if self.mode == "hour_quiet":
                    await self.socket.close(GOING_AWAY)
                elif self.mode == "own_commits" and len(self.sound) >= self.rate:
                    await self._commit({})
                elif self.double.live and self.mode not in ("late", "garbage"):
                    await self._tell(self.due_words(self.pcm()))
            case "input_audio_buffer.clear":
                self._next_item()
                await self.send({"type": "input_audio_buffer.cleared"})
            case "input_audio_buffer.commit":
                await self._commit(event)
            case other:
                await self._error(event, "unknown_event", f"What is {other}?")

    async def _update(self, event: Event) -> None:
        session = event["session"]
        into = session.get("audio", {}).get("input", {})
        transcription = into.get("transcription") or {}
        place = "session.audio.input"
        for name in sorted(self.double.refused):
            if name in transcription or name in into:
                inside = "transcription." if name in transcription else ""
                await self._error(
                    event, "unknown_parameter", "Not here.", f"{place}.{inside}{name}"
                )
                return
        for at, keyword in enumerate(transcription.get("keywords", ())):
            if set(keyword) & set("<>\r\n"):
                param = f"{place}.transcription.keywords[{at}]"
                await self._error(event, "invalid_value", "A keyword is one plain line.", param)
                return
        if session.get("type") != "transcription":
            await self._error(event, "invalid_value", "Another session.", "session.type")
        elif into.get("format", {}) != {"type": "audio/pcm", "rate": self.rate}:
            await self._error(event, "invalid_value", "24 kHz only.", f"{place}.format.rate")
        elif into.get("turn_detection", "server_vad") is not None:
            await self._error(event, "invalid_value", "No VAD.", f"{place}.turn_detection")
        else:
            self.ready, self.heard.session = True, session
            await self.send({"type": "session.updated", "session": session})

    async def _tell(self, words: list[str]) -> None:
        if self.mode == "stop" and self.told > len(self.words or ()) // 2:
            return
        for word in words:
            for crumb in f"{word} " if self.mode == "drip" else (f"{word} ",):
                await self._delta(self.item, crumb)
                if self.mode == "drip":
                    await self.wait(self.double.drip_ms)

    async def _delta(self, item: str, text: str) -> None:
        await self.send(
            {
                "type": "conversation.item.input_audio_transcription.delta",
                "item_id": item,
                "content_index": 0,
                "delta": text,
            }
        )

    async def _commit(self, event: Event) -> None:
        sound = self.pcm()
        if sound.size * 1000 < self.double.min_commit_ms * self.rate:
            await self._error(event, "input_audio_buffer_commit_empty", "Too little sound.")
            return
        if self.mode == "hour":
            await self._error({}, "session_expired", "The session has lasted its hour.")
            await self.socket.close(GOING_AWAY)
            return
        self.heard.commits.append(sound)
        committed = {
            "type": "input_audio_buffer.committed",
            "item_id": self.item,
            "previous_item_id": self.before,
        }
        if self.mode == "shuffled_commits" and not self.kept_commits:
            self.kept_commits.append(committed)
        else:
            await self.send(committed)
            for kept in self.kept_commits:
                await self.send(kept)
        await self.wait(self.double.commit_ms)
        await self._finish(sound)
        self.before = self.item
        self._next_item()

    async def _finish(self, sound: NDArray[np.int16]) -> None:
        """Send the words of a commit, in the way of the fault."""
        if self.words is None:
            self.words = self.double.words_of(sound).split()
        text = " ".join(self.words)
        usage = self.double.usage_of(sound, self.rate, text)
        if self.mode == "late":
            return
        if self.mode == "garbage":
            await self.socket.send_text("<html>Welcome to the captive portal</html>")
            return
        if self.mode == "failed":
            await self.send(
                {
                    "type": "conversation.item.input_audio_transcription.failed",
                    "item_id": self.item,
                    "content_index": 0,
                    "error": {"type": "server_error", "code": "audio_unintelligible",
                              "message": "No."},
                }
            )  # fmt: skip
            return
        rest, self.told = self.words[self.told :], len(self.words)
        await self._tell(rest)
        if self.mode in ("cut", "stop"):
            text = " ".join(self.words[: len(self.words) // 2])
        elif self.mode == "unknown_item":
            await self._delta("item_of_nobody", "Words of nobody. ")
            await self._completed("item_of_nobody", "Words of nobody.", usage)
        elif self.mode == "other_turn" and self.before is not None:
            await self._completed(self.before, "Words of another turn.", usage)
        if self.mode == "swapped" and not self.kept:
            self.kept.append((self.item, text, usage))
            return
        await self._completed(self.item, text, usage)
        for kept in self.kept:
            await self._completed(*kept)
        self.kept.clear()

    async def _completed(self, item: str, text: str, usage: Event) -> None:
        event = {
            "type": "conversation.item.input_audio_transcription.completed",
            "item_id": item,
            "content_index": 0,
            "transcript": text,
        }
        if self.double.usage != "none":
            event["usage"] = usage
        await self.send(event)

    def _next_item(self) -> None:
        """Begin an item, of which nothing is known yet."""
        self.sound.clear()
        self.words, self.told = None, 0
        self.item = self.double.ids()

    async def _error(self, event: Event, code: str, message: str, param: str = "") -> None:
        error = {
            "type": "invalid_request_error",
            "code": code,
            "message": message,
            "param": param or None,
            "event_id": event.get("event_id"),
        }
        await self.send({"type": "error", "error": error})


class _VllmTalk(_Talk):
    """vLLM's dialect: an utterance begins with a commit, and ends with another that is final."""

    rate = 16_000
    generating = False

    async def take(self, event: Event) -> None:
        match event["type"]:
            case "session.update" if isinstance(event.get("model"), str):
                self.heard.session = event
            case "input_audio_buffer.append":
                self.add(event)
                if self.generating and self.double.live:
                    for word in self.due_words(self.pcm()):
                        await self.send({"type": "transcription.delta", "delta": f"{word} "})
            case "input_audio_buffer.commit" if not event.get("final"):
                self.generating = True
            case "input_audio_buffer.commit":
                await self._finish()
            case other:
                await self.send(
                    {"type": "error", "error": f"Unknown event type: {other}", "code": "unknown"}
                )

    async def _finish(self) -> None:
        if not self.generating:
            return
        sound = self.pcm()
        self.heard.commits.append(sound)
        if self.words is None:
            self.words = self.double.words_of(sound).split()
        await self.wait(self.double.commit_ms)
        if self.mode == "hour":
            await self.socket.close(GOING_AWAY)
            return
        if self.mode == "failed":
            await self.send(
                {"type": "error", "error": "The engine is dead.", "code": "processing_error"}
            )
        elif self.mode != "late":
            text = " ".join(self.words)
            tokens = len(self.words)
            usage = {"prompt_tokens": 7, "completion_tokens": tokens, "total_tokens": 7 + tokens}
            await self.send({"type": "transcription.done", "text": text, "usage": usage})
        self.sound.clear()
        self.words, self.told, self.generating = None, 0, False
