"""OpenAI speech: Whisper and text to speech over the OpenAI API, or any server that speaks it.

The only file of this package that knows `openai`, which is imported with the first use, in a thread
(1.5 s). Deadlines and retries are ours: the client's own do not end a reply that arrives very
slowly.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import AsyncExitStack, aclosing, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from audio.container import wav_bytes
from audio.hallucinations import (
    Piece,
    confidence_of,
    needs_second_hearing,
    settled,
    speech_ms_of,
    text_of,
    without_hallucinations,
)
from audio.metering import Consumption, Service, billed
from audio.providers.openai_replies import NOT_PCM, VOICE_RATE, transcription_of, whole_samples
from audio.providers.openai_server import OpenAIServer
from audio.providers.retrying import keeping_up, with_retries
from audio.speech import (
    SPEECH_RATE,
    SpeechError,
    SpeechUnavailable,
    SpokenFacts,
    Transcript,
)

if TYPE_CHECKING:
    from openai import AsyncOpenAI

WAV_HEADER_BYTES = 44
"""Length of what stands before the sound in a WAV file of ours."""

PROMPT_CHARS = 800
"""Length of the end of the prompt that is sent: Whisper uses its last 224 tokens only."""

KEEP_ALIVE_S = 60.0
"""Time for which an unused connection stays open. The client's own 5 s are shorter than an answer,
so every turn would begin with a TLS handshake."""


class OpenAITranscriber:
    """Transcriber over /audio/transcriptions: the protocol `audio.speech.Transcriber`.

    `timeout_s` is for a whole call, retries and the pauses before them (about `retry_pause_s`, then
    twice that) included. Raises SpeechRejected if there is neither key nor address.
    """

    def __init__(
        self,
        api_key: str | None,
        base_url: str | None,
        model: str,
        timeout_s: float = 8.0,
        max_retries: int = 2,
        retry_pause_s: float = 0.25,
    ) -> None:
        self._provider = _Client(api_key, base_url, model)
        self._timeout_s = timeout_s
        self._max_retries = max_retries
        self._retry_pause_s = retry_pause_s
        self._extra = _extra_fields(model)

    @property
    def model(self) -> str:
        """Name of the model at the provider."""
        return self._provider.model

    async def warm_up(self) -> None:
        """Import and build the client; nothing is sent."""
        await self._provider.client()

    async def transcribe(
        self, audio: NDArray[np.int16], *, prompt: str = "", language: str = "en"
    ) -> Transcript:
        """Transcribe mono PCM16 at SPEECH_RATE, shape (samples,).

        Raises SpeechBusy (rate limit), SpeechRejected (key, model, request) or SpeechUnavailable
        (everything else).
        """
        if audio.ndim != 1 or audio.dtype != np.int16:
            raise ValueError(f"Expected mono int16, not {audio.dtype} of shape {audio.shape}.")
        began = time.perf_counter()
        kept: list[Piece] = []
        if audio.any():
            kept = await self._heard(audio, prompt.strip(), language)
        return Transcript(
            text=text_of(kept),
            confidence=confidence_of(kept),
            audio_ms=audio.size * 1000 // SPEECH_RATE,
            compute_ms=(time.perf_counter() - began) * 1000,
            model=self.model,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._provider.close()

    async def _heard(self, audio: NDArray[np.int16], prompt: str, language: str) -> list[Piece]:
        wav = wav_bytes(audio, SPEECH_RATE)
        deadline = asyncio.get_running_loop().time() + self._timeout_s
        pieces = await self._ask_in_time(deadline, wav, prompt, language)
        speech_ms = speech_ms_of(audio, SPEECH_RATE)
        filtered = partial(without_hallucinations, speech_ms=speech_ms, prompt=prompt)
        kept = filtered(pieces)
        if kept and needs_second_hearing(pieces, speech_ms=speech_ms, prompt=prompt):
            with suppress(SpeechError):  # then the first hearing is what there is
                second = await self._ask_in_time(deadline, wav, "", language)
                kept = filtered(settled(pieces, second, speech_ms=speech_ms, prompt=prompt))
        return kept

    async def _ask_in_time(
        self, deadline: float, wav: bytes, prompt: str, language: str
    ) -> list[Piece]:
        return await with_retries(
            partial(self._ask, wav, prompt, language),
            deadline=deadline,
            timeout_error=partial(self._provider.timeout_error, self._timeout_s),
            max_retries=self._max_retries,
            pause_s=self._retry_pause_s,
        )

    async def _ask(self, wav: bytes, prompt: str, language: str) -> list[Piece]:
        client = await self._provider.client()
        from openai import BadRequestError

        fields: dict[str, Any] = {
            "file": ("audio.wav", wav, "audio/wav"),
            "model": self.model,
            "language": language.split("-")[0].lower(),
            "response_format": "json",
        }
        if prompt:
            fields["prompt"] = prompt[-PROMPT_CHARS:]
        create = client.audio.transcriptions.with_streaming_response.create

        async def answer(more: dict[str, Any]) -> bytes:
            async with AsyncExitStack() as answered:
                with billed(self._used(wav)):
                    reply = await answered.enter_async_context(create(**(fields | more)))
                return bytes(await reply.read())

        with self._provider.as_speech_errors():
            try:
                body = await answer(self._extra)
            except BadRequestError:
                if not self._extra:
                    raise
                # A server that knows the model's name, but not OpenAI's extra fields.
                body = await answer({})
                self._extra = {}
            return transcription_of(body, self._provider.host)

    def _used(self, wav: bytes) -> Consumption:
        audio_ms = round((len(wav) - WAV_HEADER_BYTES) * 1000 / (2 * SPEECH_RATE))
        return Consumption(Service.HEARING, self._provider.host, self.model, audio_ms=audio_ms)


class OpenAISynthesizer:
    """Synthesizer over /audio/speech, streamed: the protocol `audio.speech.Synthesizer`.

    The first sound must arrive `first_byte_timeout_s` after the call, retries included; then the
    stream may fall `between_chunks_timeout_s` behind real time, counting only time spent waiting
    for it, so that neither a stall nor a very slow stream goes unnoticed. Nothing is requested
    again once sound was handed on. Raises SpeechRejected if there is neither key nor address.
    """

    def __init__(
        self,
        api_key: str | None,
        base_url: str | None,
        model: str,
        voice: str = "alloy",
        first_byte_timeout_s: float = 4.0,
        between_chunks_timeout_s: float = 3.0,
        max_retries: int = 2,
        retry_pause_s: float = 0.25,
    ) -> None:
        self._provider = _Client(api_key, base_url, model)
        self._voice = voice
        self._first_byte_timeout_s = first_byte_timeout_s
        self._between_chunks_timeout_s = between_chunks_timeout_s
        self._max_retries = max_retries
        self._retry_pause_s = retry_pause_s

    @property
    def model(self) -> str:
        """Name of the model at the provider."""
        return self._provider.model

    @property
    def sample_rate(self) -> int:
        """Sample rate in Hz: VOICE_RATE."""
        return VOICE_RATE

    async def warm_up(self) -> None:
        """Import and build the client; nothing is sent."""
        await self._provider.client()

    async def speak(
        self, text: str, *, speed: float = 1.0, facts: SpokenFacts | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yield mono PCM16 at VOICE_RATE as it arrives, in whole samples, 20 ms at least a piece.

        Yields nothing for text without a word. Closing the iterator ends the request. `speed` is
        the API's own, 0.25 to 4, sent only where it is not 1: a server of one's own may not know
        it. Raises, while iterated, SpeechBusy, SpeechRejected or SpeechUnavailable.
        """
        if not any(char.isalnum() for char in text):
            return
        if facts is not None:
            facts.provider, facts.model = self._provider.host, self.model
        loop = asyncio.get_running_loop()
        async with AsyncExitStack() as stack:
            pieces, piece = await with_retries(
                partial(self._begin, stack, text, speed),
                deadline=loop.time() + self._first_byte_timeout_s,
                timeout_error=partial(self._provider.timeout_error, self._first_byte_timeout_s),
                max_retries=self._max_retries,
                pause_s=self._retry_pause_s,
            )
            sound = keeping_up(
                piece,
                partial(self._next, pieces),
                behind_s=self._between_chunks_timeout_s,
                rate=VOICE_RATE,
                late=self._provider.stalled,
            )
            async with aclosing(sound):
                async for piece in sound:
                    yield piece

    async def close(self) -> None:
        """Close the connections."""
        await self._provider.close()

    async def _begin(
        self, stack: AsyncExitStack, text: str, speed: float
    ) -> tuple[AsyncIterator[bytes], bytes]:
        """Return the stream and its first piece.

        The response is closed with `stack`, or at once if this attempt fails.
        """
        client = await self._provider.client()
        async with AsyncExitStack() as opened:
            with self._provider.as_speech_errors():
                asked = client.audio.speech.with_streaming_response.create(
                    model=self.model,
                    voice=self._voice,
                    input=text,
                    response_format="pcm",
                    **_speed_fields(self.model, speed),
                )
                with billed(self._used(text)):
                    response = await opened.enter_async_context(asked)
                kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
                pieces = whole_samples(response.iter_bytes())
                opened.push_async_callback(pieces.aclose)
                piece = await anext(pieces, b"")
            if kind.startswith(("text/", "application/json")) or piece.startswith(NOT_PCM):
                raise SpeechUnavailable(
                    f"{self._provider.host} answered with something that is not PCM audio"
                    f" ({kind or 'no content type'}).",
                    retryable=True,
                )
            if not piece:
                raise self._provider.soundless()
            stack.push_async_exit(opened.pop_all())
        return pieces, piece

    def _used(self, text: str) -> Consumption:
        host = self._provider.host
        return Consumption(Service.SPEAKING, host, self.model, characters=len(text))

    async def _next(self, pieces: AsyncIterator[bytes]) -> bytes:
        with self._provider.as_speech_errors():
            return await anext(pieces, b"")


class _Client(OpenAIServer):
    """Server with OpenAI's client for it, made when first needed."""

    def __init__(self, api_key: str | None, base_url: str | None, model: str) -> None:
        super().__init__(api_key, base_url, model)
        self._client: AsyncOpenAI | None = None
        self._opening = asyncio.Lock()

    async def client(self) -> "AsyncOpenAI":
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._open)
            return self._client

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    @contextmanager
    def as_speech_errors(self) -> Iterator[None]:
        """Turn what the client raises into a SpeechError.

        Without a cause: the client's errors quote requests and replies, and no key may reach a log.
        """
        import httpx2
        import openai

        try:
            yield
        except openai.APIStatusError as error:
            body = error.body
            raise self.status_error(
                error.status_code,
                error.response.headers,
                code=error.code,
                message=body.get("message") if isinstance(body, dict) else None,
            ) from None
        except (openai.APIConnectionError, httpx2.HTTPError) as error:
            cause = error.__cause__ if isinstance(error, openai.APIConnectionError) else error
            if isinstance(cause, httpx2.TransportError) and not isinstance(
                cause, httpx2.ConnectError | httpx2.ProxyError
            ):
                raise self.broke_off() from None
            raise self.unreachable() from None
        except openai.OpenAIError:
            raise self.unreadable() from None

    def _open(self) -> "AsyncOpenAI":
        import httpx2
        from openai import AsyncOpenAI, DefaultAsyncHttpxClient

        limits = httpx2.Limits(
            max_connections=1_000, max_keepalive_connections=100, keepalive_expiry=KEEP_ALIVE_S
        )
        client = AsyncOpenAI(
            api_key=self.key,
            base_url=self.base_url,
            max_retries=0,
            timeout=None,
            http_client=DefaultAsyncHttpxClient(limits=limits, timeout=None),
        )
        # Imported by the first access; without this, by the first answer, which waited for it.
        _ = client.audio.transcriptions.with_raw_response, client.audio.speech
        return client


def _speed_fields(model: str, speed: float) -> dict[str, Any]:
    """Return the fields that ask for another speed.

    The gpt models also take it in words (`instructions`), which "do not work with tts-1 or
    tts-1-hd" (openai 3.54).
    """
    if speed == 1.0:
        return {}
    if not model.lower().startswith("gpt-"):
        return {"speed": speed}
    words = "slowly and clearly" if speed < 1.0 else "a little faster than usual"
    return {"speed": speed, "instructions": f"Speak {words}."}


def _extra_fields(model: str) -> dict[str, Any]:
    """Return what to ask for beside the text, by what openai 3.54 documents of each model."""
    name = model.lower()
    if "whisper" in name:
        return {"response_format": "verbose_json"}
    if name.startswith("gpt-4o") and "transcribe" in name and "diarize" not in name:
        return {"include": ["logprobs"]}
    return {}
