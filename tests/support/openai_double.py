"""Server on loopback that speaks the OpenAI API, with fixed latencies and faults on demand.

For tests and benches: nothing leaves the machine, and what it answers, and when, is set by the
one who asks. It sleeps only for its declared latencies; a hang waits until the server closes.
"""

import asyncio
import contextlib
import io
import socket
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import numpy as np
import uvicorn
from numpy.typing import NDArray
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from audio.speech import Synthesizer
from tests.support import multipart
from tests.support.double_bill import DoubleBill
from tests.support.faulty_replies import (
    Reply,
    chat_reply,
    error_reply,
    json_reply,
    sleep_until,
    speech_reply,
)
from tests.support.realtime_voice_socket import RealtimeVoice
from tests.support.transcription_socket import TranscriptionDouble

VOICE_RATE = 24_000
"""Sample rate in Hz of the speech endpoint, as OpenAI's `pcm`."""

CHUNK_BYTES = 4_800
"""100 ms of speech."""

MS_PER_CHARACTER = 60
"""How long the tone lasts that stands for a text."""

AZURE_CHAT = "/openai/deployments/{deployment}/chat/completions"
"""The path of chat completions at Azure OpenAI."""

MODES = ("quota", "hang", "stall", "drip", "garbage", "cut")
"""The faults beside HTTP statuses; see `OpenAIDouble.fail`."""

Endpoint = Literal["transcriptions", "speech", "chat", "models"]
Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TranscriptionRequest:
    """A request to /audio/transcriptions. `audio` is PCM16 of shape (samples,) at `sample_rate` Hz;
    `fields` are the other form fields, the last of each name."""

    audio: NDArray[np.int16]
    sample_rate: int
    fields: dict[str, str]
    filename: str
    content_type: str
    authorization: str


@dataclass(frozen=True, slots=True)
class JsonRequest:
    """A request to /audio/speech or /chat/completions."""

    body: dict[str, Any]
    authorization: str
    url: str = ""


@dataclass(slots=True)
class OpenAIDouble:
    """Double of OpenAI's API. As an async context manager it listens on a free port of 127.0.0.1.

    `texts` are answered one by one to transcriptions, then `text_for(request)`; `reply_to` makes
    the chat replies from the messages; `synthesizer` (24 kHz) speaks in place of a tone; `voice` is
    that of Realtime sockets, `hearing` hears live sound on them. Latencies are in ms; `drip_ms`
    lies between the crumbs of a drip. All may be set at any time.
    """

    transcription_ms: float = 0.0
    first_token_ms: float = 0.0
    token_ms: float = 0.0
    tts_first_byte_ms: float = 0.0
    drip_ms: float = 20.0
    retry_after_s: float = 0.0
    texts: list[str] = field(default_factory=list)
    text_for: Callable[[TranscriptionRequest], str] = lambda _request: ""
    no_speech_prob: float = 0.02
    avg_logprob: float = -0.1
    reply_to: Callable[[list[Message]], str] = lambda _messages: "Thank you. Please go on."
    synthesizer: Synthesizer | None = None
    models: tuple[str, ...] = (
        "gpt-transcribe",
        "whisper-1",
        "gpt-4o-mini-tts",
        "gpt-realtime-2.1-mini",
        "gpt-5.4-mini",
        "gpt-6-luna",
    )
    transcriptions: list[TranscriptionRequest] = field(default_factory=list)
    speeches: list[JsonRequest] = field(default_factory=list)
    voice: RealtimeVoice = field(init=False)
    billed: DoubleBill = field(default_factory=DoubleBill)
    chats: list[JsonRequest] = field(default_factory=list)
    hearing: TranscriptionDouble = field(default_factory=TranscriptionDouble)
    _faults: dict[str, tuple[str, int | None]] = field(init=False, default_factory=dict)
    _port: int = field(init=False, default=0)
    _closing: asyncio.Event = field(init=False, default_factory=asyncio.Event)
    _server: "_Server | None" = field(init=False, default=None)
    _serving: asyncio.Task[None] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.voice = RealtimeVoice(lambda text: tone(len(text) * MS_PER_CHARACTER))

    @property
    def base_url(self) -> str:
        """The address to set as OPENAI_BASE_URL."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def azure_endpoint(self) -> str:
        """What to set as AZURE_OPENAI_ENDPOINT: chat completions alone are there."""
        return f"http://127.0.0.1:{self._port}"

    def fail(self, endpoint: Endpoint, mode: str, times: int | None = None) -> None:
        """Answer the next `times` requests (None: all) to an endpoint with a fault.

        `mode` is an HTTP status ("429" comes with Retry-After: `retry_after_s`), "quota" (429, for
        an account without credit), "hang" (no answer), "stall" (headers and no body), "drip"
        (crumbs `drip_ms` apart), "garbage" (200, but not what was asked for) or "cut" (half of
        the body, then the connection closes).
        """
        if not mode.isdigit() and mode not in MODES:
            raise ValueError(f"There is no fault '{mode}'.")
        self._faults[endpoint] = (mode, times)

    def heal(self, endpoint: Endpoint) -> None:
        """Answer an endpoint's requests properly again."""
        self._faults.pop(endpoint, None)

    async def __aenter__(self) -> Self:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        self._port = listener.getsockname()[1]
        app = Starlette(
            routes=[
                Route("/v1/audio/transcriptions", self._transcriptions, methods=["POST"]),
                Route("/v1/audio/speech", self._speech, methods=["POST"]),
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
                Route(AZURE_CHAT, self._chat, methods=["POST"]),
                Route("/v1/models", self._models),
                WebSocketRoute("/v1/realtime", self._realtime),
            ]
        )
        self._server = _Server(
            uvicorn.Config(
                app, log_config=None, log_level="critical", lifespan="off",
                ws="websockets-sansio",
                timeout_keep_alive=75, timeout_graceful_shutdown=1,
            )
        )  # fmt: skip
        self._serving = asyncio.create_task(self._server.serve([listener]))
        await self._server.listening.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        self.voice.end()
        self.hearing.end()
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving

    def _fault(self, endpoint: Endpoint) -> str:
        mode, times = self._faults.get(endpoint, ("", None))
        if times is not None:
            if times <= 1:
                self.heal(endpoint)
            else:
                self._faults[endpoint] = (mode, times - 1)
        return mode

    def _reply(self, endpoint: Endpoint) -> Reply:
        return Reply(self._fault(endpoint), self._closing, self.drip_ms, self.retry_after_s)

    async def _transcriptions(self, request: Request) -> Response:
        began = _clock()
        try:
            asked = _transcription_request(request, await request.body())
        except (ValueError, EOFError, wave.Error) as error:
            return error_reply(400, str(error) or "The file ends too early.")
        self.transcriptions.append(asked)
        reply = self._reply("transcriptions")
        if reply.answered:
            audio_ms = round(asked.audio.size * 1000 / asked.sample_rate)
            self.billed.audio_ms[asked.fields.get("model", "")] += audio_ms
        text = self.texts.pop(0) if self.texts else self.text_for(asked)
        await sleep_until(began + self.transcription_ms / 1000)
        body: dict[str, Any] = {"text": text}
        seconds = asked.audio.size / asked.sample_rate
        if asked.fields.get("response_format") == "verbose_json":
            segment = {
                "id": 0, "seek": 0, "start": 0.0, "end": seconds, "text": text, "temperature": 0.0,
                "tokens": list(range(len(text.split()))), "compression_ratio": 1.0,
                "avg_logprob": self.avg_logprob, "no_speech_prob": self.no_speech_prob,
            }  # fmt: skip
            segments = [segment] if text else []
            body |= {"language": "english", "duration": seconds, "segments": segments}
        elif "include[]" in asked.fields:
            tokens = text.split()
            body["logprobs"] = [{"token": t, "logprob": self.avg_logprob} for t in tokens]
        return json_reply(body, reply)

    async def _speech(self, request: Request) -> Response:
        began = _clock()
        body = await request.json()
        self.speeches.append(JsonRequest(body, request.headers.get("authorization", "")))
        reply = self._reply("speech")
        if reply.answered:
            self.billed.characters[body.get("model", "")] += len(body["input"])
        await sleep_until(began + self.tts_first_byte_ms / 1000)
        return speech_reply(self._sound(str(body["input"])), reply)

    async def _sound(self, text: str) -> AsyncIterator[bytes]:
        if self.synthesizer is not None:
            if self.synthesizer.sample_rate != VOICE_RATE:
                raise ValueError(f"The speech endpoint sends {VOICE_RATE} Hz.")
            async for piece in self.synthesizer.speak(text):
                yield piece
            return
        sound = tone(len(text) * MS_PER_CHARACTER)
        for at in range(0, len(sound), CHUNK_BYTES):
            yield sound[at : at + CHUNK_BYTES]

    async def _chat(self, request: Request) -> Response:
        began = _clock()
        body = await request.json()
        key = request.headers.get("authorization") or request.headers.get("api-key", "")
        self.chats.append(JsonRequest(body, key, str(request.url)))
        reply = self._reply("chat")
        text = self.reply_to(body["messages"])
        await sleep_until(began + self.first_token_ms / 1000)
        return chat_reply(body, text, self.token_ms, reply, self.billed)

    async def _realtime(self, socket: WebSocket) -> None:
        of_vllm = self.hearing.dialect == "vllm" and "model" not in socket.query_params
        if socket.query_params.get("intent") == "transcription" or of_vllm:
            await self.hearing.converse(socket)
        else:
            await self.voice.converse(socket)

    async def _models(self, _request: Request) -> Response:
        listed = [
            {"id": name, "object": "model", "created": 0, "owned_by": "double"}
            for name in self.models
        ]
        return json_reply({"object": "list", "data": listed}, self._reply("models"))


def _clock() -> float:
    """Return the time of the running loop, in s: latencies are counted from the arrival of a
    request."""
    return asyncio.get_running_loop().time()


def tone(duration_ms: int, hz: float = 220.0) -> bytes:
    """Return a sine at a quarter of full scale: mono PCM16 (little endian) at VOICE_RATE."""
    seconds = np.arange(VOICE_RATE * duration_ms // 1000) / VOICE_RATE
    return (8_192 * np.sin(2 * np.pi * hz * seconds)).astype("<i2").tobytes()


def _transcription_request(request: Request, body: bytes) -> TranscriptionRequest:
    parts = multipart.parse(request.headers.get("content-type", ""), body)
    files = [part for part in parts if part.name == "file"]
    if len(files) != 1:
        raise ValueError("There must be one part named file.")
    with wave.open(io.BytesIO(files[0].data)) as wav:
        if wav.getsampwidth() != 2 or wav.getnchannels() != 1:
            raise ValueError("The file must be mono with 16 bits a sample.")
        rate = wav.getframerate()
        audio = np.frombuffer(wav.readframes(wav.getnframes()), "<i2")
    return TranscriptionRequest(
        audio=audio,
        sample_rate=rate,
        fields={part.name: part.data.decode() for part in parts if part.name != "file"},
        filename=files[0].filename,
        content_type=files[0].content_type,
        authorization=request.headers.get("authorization", ""),
    )


class _Server(uvicorn.Server):
    """Server that reports when it listens, and leaves the process's signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
