"""The voice of OpenAI's Realtime API as the double speaks it: real frames, and faults on demand.

It reads what it is given, unless `says` makes it say something else; its transcript comes ahead of
its sound, as at OpenAI.
"""

import asyncio
import base64
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.support.faulty_replies import error_reply

VOICES = "alloy ash ballad coral echo sage shimmer verse marin cedar".split()
CHUNK_BYTES = 9_600
"""200 ms of sound."""

TOKENS_PER_S = 20
"""Tokens of a second of sound."""

EXPIRED = {"type": "invalid_request_error", "code": "session_expired", "message": "60 minutes."}

MODES = {
    "quota": "handshake: 429, no credit left",
    "closed": "handshake: taken, and closed at once",
    "mute": "the session is never confirmed",
    "refused": "the session is refused",
    "hang": "a response is never begun",
    "stall": "a response is begun, and nothing more",
    "drip": "sound comes in crumbs, `drip_ms` apart",
    "garbage": "something that is no event",
    "number": "JSON that is no event",
    "undecodable": "sound that is not base64",
    "cut": "half of the sound, then the connection is closed",
    "expired": "the hour is over: an error, then a close",
    "away": "the hour is over: a close alone",
    "foreign": "events of responses that nobody asked for, among ours",
    "unnamed": "responses without the metadata of their request",
    "beta": "events under their names of the beta",
    "text": "an answer in text alone",
    "thinking": "reasoning in front of the sound",
    "soundless": "words and no sound",
    "silence": "words, and silence for their sound",
    "wordless": "sound and no words",
    "whole": "the words come at the end, in one piece",
    "late": "the words come behind their sound",
    "silent": "half of the words, and no more of anything, as if all were said",
    "incomplete": "cut at the bound of tokens",
    "filtered": "stopped by the provider's filter",
    "failed": "failed by a fault of the server",
    "limited": "failed by the rate limit",
    "unasked": "cancelled by the server",
    "picky": "a field that is not known",
}
"""The faults of a voice beside HTTP statuses."""


def adds(text: str) -> str:
    """Say something after the sentence."""
    return f"{text} Take your time."


def precedes(text: str) -> str:
    """Say something before it."""
    return f"Sure! {text}"


def rewords(text: str) -> str:
    """Say it in other words."""
    return " ".join(["Okay", *text.split()[1:]])


def leaves_out(text: str) -> str:
    """Leave out the last words."""
    return " ".join(text.split()[:-2])


def answers(_text: str) -> str:
    """Answer in place of reading."""
    return "I would say that it went rather well, thank you for asking."


def contracts(text: str) -> str:
    """Contract what can be."""
    return text.replace("I am", "I'm").replace("do not", "don't").replace("What is", "What's")


@dataclass(slots=True)
class Conversation:
    """One connection: what was said of it and on it."""

    query: dict[str, str]
    authorization: str
    received: list[dict[str, Any]] = field(default_factory=list)
    session: dict[str, Any] = field(default_factory=dict)
    closed: bool = False

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """Return the events of one type that came."""
        return [event for event in self.received if event["type"] == kind]


@dataclass(slots=True)
class RealtimeVoice:
    """What the double says over Realtime sockets; all may be set at any time.

    `sound_of` makes the sound of what is said; `chunk_ms` lies between two pieces of it. `gate`,
    if it is set, is awaited in front of each piece of sound but the first.
    """

    sound_of: Callable[[str], bytes]
    says: Callable[[str], str] = lambda text: text
    first_ms: float = 0.0
    chunk_ms: float = 0.0
    drip_ms: float = 20.0
    retry_after_s: float = 0.0
    gate: asyncio.Event | None = None
    confirms_cancel: bool = True
    conversations: list[Conversation] = field(default_factory=list)
    billed: list[dict[str, Any]] = field(default_factory=list)
    _faults: tuple[str, int | None] = ("", None)
    _seen: set[str] = field(default_factory=set)
    _closing: asyncio.Event = field(default_factory=asyncio.Event)
    _number: int = 0

    @property
    def asked(self) -> list[dict[str, Any]]:
        """Return the responses that were asked for, on whatever socket."""
        return [
            event["response"]
            for conversation in self.conversations
            for event in conversation.of_type("response.create")
        ]

    def fail(self, mode: str, times: int | None = None) -> None:
        """Have the next `times` occasions of a fault (None: all): an HTTP status, or of MODES."""
        if not mode.isdigit() and mode not in MODES:
            raise ValueError(f"There is no fault '{mode}'.")
        self._faults = (mode, times)

    def heal(self) -> None:
        """Speak properly again."""
        self._faults = ("", None)

    def end(self) -> None:
        """Let everything end that hangs."""
        self._closing.set()

    async def converse(self, socket: WebSocket) -> None:
        """Hold one connection."""
        status = self._faults[0]
        if status.isdigit() or status == "quota":
            self._take(status)
            await socket.send_denial_response(self._denial(status))
            return
        await socket.accept()
        conversation = Conversation(
            dict(socket.query_params), socket.headers.get("authorization", "")
        )
        self.conversations.append(conversation)
        if self._take("closed"):
            await socket.close(1011)
            conversation.closed = True
            return
        try:
            async with asyncio.TaskGroup() as group:
                await _Connection(self, socket, conversation, group).run()
        except* (WebSocketDisconnect, _Over, RuntimeError):
            pass
        conversation.closed = True

    def _take(self, mode: str) -> bool:
        """Return whether the fault is due now, and count it."""
        due, times = self._faults
        if due != mode:
            return False
        if times is not None:
            self._faults = (due, times - 1) if times > 1 else ("", None)
        return True

    def _denial(self, status: str) -> Any:
        if status == "quota":
            return error_reply(429, "You have no credit left.", code="insufficient_quota")
        headers = {"retry-after": f"{self.retry_after_s:g}"} if status == "429" else None
        return error_reply(int(status), f"The double answers {status}.", headers)

    def _usage(self, response: Mapping[str, Any], said: str, sound: int) -> dict[str, Any]:
        instructions = len(str(response.get("instructions", "")).split())
        words = instructions + len(said.split())
        cached = instructions if str(response.get("instructions")) in self._seen else 0
        self._seen.add(str(response.get("instructions")))
        audio, text = math.ceil(sound / 48_000 * TOKENS_PER_S), len(said.split())
        usage = {
            "total_tokens": words + audio + text,
            "input_tokens": words,
            "output_tokens": audio + text,
            "input_token_details": {
                "text_tokens": words,
                "audio_tokens": 0,
                "image_tokens": 0,
                "cached_tokens": cached,
                "cached_tokens_details": {
                    "text_tokens": cached,
                    "audio_tokens": 0,
                    "image_tokens": 0,
                },
            },
            "output_token_details": {"text_tokens": text, "audio_tokens": audio},
        }
        self.billed.append(usage)
        return usage


class _Over(Exception):
    """Raised to end a connection."""


class _Connection:
    """One connection as it goes on."""

    def __init__(
        self,
        voice: RealtimeVoice,
        socket: WebSocket,
        conversation: Conversation,
        group: asyncio.TaskGroup,
    ) -> None:
        self._voice = voice
        self._socket = socket
        self._conversation = conversation
        self._group = group
        self._running: dict[str, asyncio.Event] = {}
        self._events = 0

    async def run(self) -> None:
        session = {"type": "realtime", "model": self._conversation.query.get("model", "")}
        self._conversation.session = session
        await self._send("session.created", session=session)
        closing = self._group.create_task(self._voice._closing.wait())
        while True:
            incoming = self._group.create_task(self._socket.receive_text())
            await asyncio.wait([incoming, closing], return_when=asyncio.FIRST_COMPLETED)
            if closing.done():
                incoming.cancel()
                await self._socket.close(1001)
                raise _Over
            await self._take(json.loads(incoming.result()))

    async def _take(self, event: dict[str, Any]) -> None:
        self._conversation.received.append(event)
        match event["type"]:
            case "session.update":
                await self._update(event)
            case "response.create":
                self._group.create_task(self._respond(event))
            case "response.cancel":
                running = self._running.get(event.get("response_id", ""))
                if running is None:
                    await self._refuse(event, "response_cancel_not_active", "Nothing to cancel.")
                else:
                    running.set()
            case other:
                await self._refuse(event, "unknown_event", f"There is no event {other}.")

    async def _update(self, event: dict[str, Any]) -> None:
        if self._voice._take("mute"):
            return
        output = event["session"].get("audio", {}).get("output", {})
        voice = output.get("voice", "marin")
        known = isinstance(voice, dict) or voice in VOICES
        if self._voice._take("refused") or event["session"].get("type") != "realtime" or not known:
            await self._refuse(event, "invalid_value", "The session is not right.")
            return
        if not 0.25 <= output.get("speed", 1.0) <= 1.5:
            await self._refuse(event, "invalid_value", "No such speed.", "session.audio.output")
            return
        self._conversation.session |= event["session"]
        await self._send("session.updated", session=self._conversation.session)

    async def _refuse(self, event: dict[str, Any], code: str, words: str, param: str = "") -> None:
        await self._send(
            "error",
            error={
                "type": "invalid_request_error", "code": code, "message": words,
                "param": param or None, "event_id": event.get("event_id"),
            },
        )  # fmt: skip

    async def _respond(self, event: dict[str, Any]) -> None:
        voice, asked = self._voice, event["response"]
        if voice._take("hang"):
            return
        if voice._take("expired"):
            await self._send("error", error=EXPIRED)
            await self._leave(1001)
        if voice._take("away"):
            await self._leave(1001)
        if voice._take("garbage"):
            await self._socket.send_text("<html>Welcome to the captive portal</html>")
            return
        if voice._take("number"):
            await self._socket.send_text("5")
            return
        if "reasoning" in asked and voice._take("picky"):
            await self._refuse(
                event, "unknown_parameter", "No reasoning here.", "response.reasoning"
            )
            return
        voice._number += 1
        response: dict[str, Any] = {
            "id": f"resp_{voice._number}", "object": "realtime.response", "status": "in_progress",
            "conversation_id": None, "output": [], "output_modalities": ["audio"],
            "metadata": None if voice._take("unnamed") else asked.get("metadata"),
        }  # fmt: skip
        cancelled = self._running[response["id"]] = asyncio.Event()
        await self._send("response.created", response=response)
        said = voice.says(asked["input"][0]["content"][0]["text"])
        sound, status, details = await _Speaking(self, response["id"], cancelled, said).speak()
        if cancelled.is_set() and not voice.confirms_cancel:
            return
        self._running.pop(response["id"])
        usage = voice._usage(asked, said, sound)
        done = {"status": status, "status_details": details, "usage": usage}
        await self._send("response.done", response=response | done)

    async def _leave(self, code: int) -> None:
        await self._socket.close(code)
        raise _Over

    async def _send(self, kind: str, **fields: Any) -> None:
        self._events += 1
        await self._socket.send_text(
            json.dumps({"type": kind, "event_id": f"event_{self._events}"} | fields)
        )


class _Speaking:
    """One response while it is spoken."""

    def __init__(
        self, connection: _Connection, id: str, cancelled: asyncio.Event, said: str
    ) -> None:
        self._connection = connection
        self._voice = connection._voice
        self._id = id
        self._cancelled = cancelled
        self._said = said
        self._names = ("response.output_audio", "response.output_audio_transcript")
        if self._voice._take("beta"):
            self._names = ("response.audio", "response.audio_transcript")

    async def speak(self) -> tuple[int, str, dict[str, Any] | None]:
        """Speak; return the bytes of sound, the status, and its details."""
        voice = self._voice
        for mode in ("failed", "limited", "filtered", "incomplete", "unasked"):
            if voice._take(mode):
                return await self._broken(mode)
        if voice._take("stall"):
            await self._wait()
        if voice._take("text"):
            await self._part("response.output_text.delta", delta=self._said)
            return 0, "completed", None
        if voice._take("thinking"):
            item = {"type": "reasoning", "id": "item_0", "content": [{"text": "I must read it."}]}
            await self._part("response.output_item.added", item=item)
        if voice.first_ms:
            await asyncio.sleep(voice.first_ms / 1000)
        sound = voice.sound_of(self._said)
        if voice._take("silence"):
            sound = bytes(len(sound))
        words = self._said.split(" ")
        if voice._take("silent"):
            words = words[: len(words) // 2]
        if voice._take("undecodable"):
            await self._part(f"{self._names[0]}.delta", delta="?!")
            await self._wait()
        late, whole, wordless = (voice._take(mode) for mode in ("late", "whole", "wordless"))
        if not (late or whole or wordless):
            await self._tell(words)
        heard = 0 if voice._take("soundless") else await self._sound(sound)
        if late:
            await self._tell(words)
        if not self._cancelled.is_set() and not wordless:
            await self._part(f"{self._names[1]}.done", transcript=" ".join(words))
        return heard, "cancelled" if self._cancelled.is_set() else "completed", None

    async def _tell(self, words: list[str]) -> None:
        for number, word in enumerate(words):
            if self._cancelled.is_set():
                return
            blank = " " if number else ""
            for piece in (blank + word[: len(word) // 2], word[len(word) // 2 :]):
                await self._part(f"{self._names[1]}.delta", delta=piece)

    async def _sound(self, sound: bytes) -> int:
        voice = self._voice
        drips, cut, foreign = (voice._take(mode) for mode in ("drip", "cut", "foreign"))
        step = 7 if drips else CHUNK_BYTES
        for at in range(0, len(sound), step):
            if foreign:
                await self._connection._send(
                    f"{self._names[0]}.delta", response_id="resp_other", delta="AAAA"
                )
                await self._connection._send(
                    f"{self._names[1]}.delta", response_id="resp_other", delta="Something else"
                )
            if cut and at >= len(sound) // 2:
                await self._connection._leave(1011)
            if at and voice.gate is not None:
                await self._wait(voice.gate)
            if self._cancelled.is_set():
                return at
            piece = base64.b64encode(sound[at : at + step]).decode()
            await self._part(f"{self._names[0]}.delta", delta=piece)
            pause_ms = voice.drip_ms if drips else voice.chunk_ms
            if pause_ms:
                await asyncio.sleep(pause_ms / 1000)
        await self._part(f"{self._names[0]}.done")
        return len(sound)

    async def _broken(self, mode: str) -> tuple[int, str, dict[str, Any] | None]:
        if mode in ("incomplete", "filtered"):
            reason = "max_output_tokens" if mode == "incomplete" else "content_filter"
            return 0, "incomplete", {"type": "incomplete", "reason": reason}
        if mode == "unasked":
            return 0, "cancelled", {"type": "cancelled", "reason": "turn_detected"}
        code = "rate_limit_exceeded" if mode == "limited" else "server_error"
        error = {"type": code, "code": code, "message": "The double has failed."}
        return 0, "failed", {"type": "failed", "error": error}

    async def _wait(self, until: asyncio.Event | None = None) -> None:
        """Wait for a cancel, or for `until`."""
        waits = [asyncio.create_task(self._cancelled.wait())]
        if until is not None:
            waits.append(asyncio.create_task(until.wait()))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _part(self, kind: str, **fields: Any) -> None:
        place = {"response_id": self._id, "item_id": "item_1", "output_index": 0}
        await self._connection._send(kind, **place, content_index=0, **fields)
