"""Realtime voice: sentences read aloud by a model of OpenAI's Realtime API.

Such a model talks; nothing but its instructions makes it read. So what it says is compared with the
text word by word as it comes (see `audio.providers.script_follower`), and sound is let out only as
far as the words agree (see `audio.providers.sound_gate`).
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, aclosing
from functools import partial
from typing import Any

import structlog

from audio.providers.openai_server import OpenAIServer
from audio.providers.realtime_models import OWN_VOICE, REALTIME_VOICE, voice_problem
from audio.providers.realtime_pool import MOST_SOCKETS, SocketPool
from audio.providers.realtime_socket import (
    Done,
    Failure,
    Reading,
    RealtimeSocket,
    SoundDelta,
    WordsDelta,
    open_socket,
)
from audio.providers.retrying import keeping_up, with_retries
from audio.providers.script_follower import Departure, ScriptFollower
from audio.providers.sound_gate import SoundGate
from audio.speech import (
    VOICE_RATE,
    SpeechError,
    SpeechRejected,
    SpeechUnavailable,
    SpokenFacts,
    VoiceDeparted,
)
from audio.well_formed import well_formed

READING = (
    "You are a speech synthesizer. Read the user's message aloud, exactly as it is written, word"
    " for word, in its own language, in the calm and friendly tone of an interviewer. It is not"
    " addressed to you: do not answer it, comment on it, translate it or correct it. Add no word"
    " before or after it, and leave none out. If it is a question, read the question."
)
"""Instructions of every response. One text for all, so that the provider can cache it."""

SLOWEST, FASTEST = 0.25, 1.5
"""Bounds of the speed of a session (openai 3.54)."""

TOKENS_AT_LEAST, TOKENS_PER_CHARACTER, TOKENS_AT_MOST = 256, 6, 4096
"""Bounds of a response. 1,200 tokens of sound are a minute (OpenAI's guide), which is some 900
characters: four times as much is a voice that talks on. A response may have 4,096."""

OPTIONAL = ("reasoning", "max_output_tokens", "tool_choice")
"""Fields of a response that are left out once a server has refused them."""

log = structlog.get_logger()


class RealtimeSynthesizer:
    """Synthesizer over the Realtime socket: the protocol `audio.speech.Synthesizer`.

    Deadlines and retries are those of `OpenAISynthesizer`: the first sound must be let out within
    `first_byte_timeout_s`, then it may fall `between_chunks_timeout_s` behind. `departures` counts
    the sentences that were not read as they stand. Raises SpeechRejected if there is neither key
    nor address, or no such voice.
    """

    def __init__(
        self,
        api_key: str | None,
        base_url: str | None,
        model: str,
        voice: str = REALTIME_VOICE,
        first_byte_timeout_s: float = 4.0,
        between_chunks_timeout_s: float = 3.0,
        max_retries: int = 2,
        retry_pause_s: float = 0.25,
        most_sockets: int = MOST_SOCKETS,
    ) -> None:
        self._server = OpenAIServer(api_key, base_url, model)
        if problem := voice_problem(voice):
            raise SpeechRejected(problem)
        self._voice = voice
        self._first_byte_timeout_s = first_byte_timeout_s
        self._between_chunks_timeout_s = between_chunks_timeout_s
        self._max_retries = max_retries
        self._retry_pause_s = retry_pause_s
        self._refused: set[str] = set()
        self._tls: ssl.SSLContext | None = None
        self._pool = SocketPool(self._open, most_sockets)
        self.departures = 0

    @property
    def model(self) -> str:
        """Name of the model at the provider."""
        return self._server.model

    @property
    def sample_rate(self) -> int:
        """Sample rate in Hz: VOICE_RATE."""
        return VOICE_RATE

    async def warm_up(self) -> None:
        """Open a socket ahead of need.

        Raises SpeechRejected (key, model); a provider that cannot be reached just now is no reason
        not to start.
        """
        try:
            async with asyncio.timeout(self._first_byte_timeout_s):
                await self._pool.warm_up()
        except TimeoutError:
            late = self._server.timeout_error(self._first_byte_timeout_s)
            log.warning("no socket opened ahead", problem=str(late))

    async def speak(
        self, text: str, *, speed: float = 1.0, facts: SpokenFacts | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yield mono PCM16 at VOICE_RATE as it comes and its words agree, 20 ms at least a piece.

        Yields nothing for text without a word. Closing the iterator cancels the response. `speed`
        is kept within SLOWEST and FASTEST. Raises, while iterated, VoiceDeparted, SpeechBusy,
        SpeechRejected or SpeechUnavailable.
        """
        if not any(char.isalnum() for char in text):
            return
        facts = facts or SpokenFacts()
        facts.provider, facts.model = self._server.host, self.model
        speed = min(max(speed, SLOWEST), FASTEST)
        async with AsyncExitStack() as stack:
            recital, piece = await with_retries(
                partial(self._begin, stack, text, speed, facts),
                deadline=asyncio.get_running_loop().time() + self._first_byte_timeout_s,
                timeout_error=partial(self._server.timeout_error, self._first_byte_timeout_s),
                max_retries=self._max_retries,
                pause_s=self._retry_pause_s,
            )
            sound = keeping_up(
                piece,
                recital.next,
                behind_s=self._between_chunks_timeout_s,
                rate=VOICE_RATE,
                late=self._server.stalled,
            )
            async with aclosing(sound):
                async for piece in sound:
                    yield piece

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.close()

    # --- one sentence ----------------------------------------------------------------------------

    async def _begin(
        self, stack: AsyncExitStack, text: str, speed: float, facts: SpokenFacts
    ) -> tuple["_Recital", bytes]:
        """Return a response and its first sound, which is never b"".

        The response is ended with `stack`, or at once if this attempt fails. A socket that was kept
        and turns out to be dead, or a field that the server does not take, costs no attempt.
        """
        while True:
            socket = await self._pool.lease()
            kept = socket.used
            async with AsyncExitStack() as opened:
                reading: Reading | None = None
                try:
                    reading = await self._ask(socket, text, speed)
                    opened.push_async_callback(socket.abandon, reading)
                    recital = _Recital(self._server, reading, text, speed, facts, self._departed)
                    piece = await recital.next()
                except SpeechError as error:
                    if reading and self._goes_on_without(reading.refused_field, error):
                        continue
                    if kept and socket.gone and not (reading and reading.response_id):
                        continue
                    raise
                stack.push_async_exit(opened.pop_all())
                return recital, piece

    async def _ask(self, socket: RealtimeSocket, text: str, speed: float) -> Reading:
        try:
            return await socket.begin(
                self._response(text, speed, socket), characters=len(text), speed=speed
            )
        except BaseException:
            if not socket.busy:
                self._pool.give_back(socket)
            raise

    def _response(self, text: str, speed: float, socket: RealtimeSocket) -> dict[str, Any]:
        tokens = max(TOKENS_AT_LEAST, min(TOKENS_PER_CHARACTER * len(text), TOKENS_AT_MOST))
        instructions = READING
        if socket.speed_refused and speed != 1.0:
            instructions += f" Speak {'slowly' if speed < 1.0 else 'a little faster than usual'}."
        content = [{"type": "input_text", "text": well_formed(text)}]
        response: dict[str, Any] = {
            "conversation": "none",
            "input": [{"type": "message", "role": "user", "content": content}],
            "instructions": instructions,
            "output_modalities": ["audio"],
            "tool_choice": "none",
            "reasoning": {"effort": "minimal"},
            "max_output_tokens": tokens,
        }
        return {name: value for name, value in response.items() if name not in self._refused}

    def _goes_on_without(self, param: str, error: SpeechError) -> bool:
        """Return whether a field was refused that can be left out from now on."""
        field = next((name for name in OPTIONAL if name in param.split(".")), None)
        if field is None or field in self._refused:
            return False
        self._refused.add(field)
        log.warning("the voice does without a field", field=field, problem=str(error))
        return True

    def _departed(self, departure: Departure, agreed: float) -> SpeechError:
        self.departures += 1
        log.warning(
            "voice departed from its text",
            model=self.model, how=departure.name.lower(), agreed=round(agreed, 2),
            departures=self.departures,
        )  # fmt: skip
        return VoiceDeparted(f"The voice of {self._server.host} {departure.value}.")

    # --- sockets ---------------------------------------------------------------------------------

    async def _open(self, on_change: Callable[[RealtimeSocket], None]) -> RealtimeSocket:
        if self._tls is None and self._server.base_url.startswith("https"):
            self._tls = await asyncio.to_thread(ssl.create_default_context)
        own = self._voice.startswith(OWN_VOICE)
        session = {
            "type": "realtime",
            "output_modalities": ["audio"],
            "instructions": READING,
            "audio": {
                "input": {"turn_detection": None},
                "output": {
                    "format": {"type": "audio/pcm", "rate": VOICE_RATE},
                    "voice": {"id": self._voice} if own else self._voice,
                },
            },
        }
        return await open_socket(self._server, session, on_change, self._tls)


class _Recital:
    """One response as it comes in: its words are followed, its sound is held back until then."""

    def __init__(
        self,
        server: OpenAIServer,
        reading: Reading,
        text: str,
        speed: float,
        facts: SpokenFacts,
        departed: Callable[[Departure, float], SpeechError],
    ) -> None:
        self._server = server
        self._reading = reading
        self._text = text
        self._facts = facts
        self._departed = departed
        self._follower = ScriptFollower(text)
        self._gate = SoundGate(self._follower.weight, speed)
        self._part = ""
        self._over = False

    async def next(self) -> bytes:
        """Return the next sound that may be heard, b"" after the last. Raises SpeechError."""
        while not (piece := self._gate.take()):
            if self._over:
                if not self._gate.audible:  # silence, paid for as speech
                    raise self._server.soundless()
                break
            match await self._reading.happenings.get():
                case SoundDelta(pcm):
                    self._gate.add(pcm)
                    if self._gate.too_long:
                        raise self._left(Departure.TOO_LONG)
                case WordsDelta() as words:
                    self._hear(words)
                case Done() as done:
                    self._end(done)
                case Failure(error):
                    raise error
        return piece

    def _hear(self, words: WordsDelta) -> None:
        if words.whole:
            # what the pieces have not told yet; all of it where a server sends no pieces
            rest = words.text.removeprefix(self._part)
            self._follower.hear(rest + " ")
            self._part = ""
        else:
            self._part += words.text
            self._follower.hear(words.text)
        self._follow()
        if words.whole and self._follower.complete:
            self._gate.end()

    def _follow(self) -> None:
        follower = self._follower
        if follower.departure is not None:
            raise self._left(follower.departure)
        self._gate.agree(follower.agreed, complete=follower.complete)
        if follower.said is not None:
            self._facts.said = well_formed(follower.said)

    def _end(self, done: Done) -> None:
        self._over = True
        if done.status == "failed":
            raise self._server.event_error(done.error)
        if done.reason == "content_filter":
            raise SpeechRejected(f"{self._server.host} refused to say the sentence.")
        if done.status != "completed":
            raise SpeechUnavailable(
                f"{self._server.host} broke off in mid-sentence ({done.reason or done.status}).",
                retryable=True,
            )
        if self._gate.received == 0:
            raise self._server.soundless()
        self._follower.end()
        self._follow()
        self._gate.end()

    def _left(self, departure: Departure) -> SpeechError:
        self._facts.said = None
        agreed = self._follower.agreed / self._follower.weight if self._follower.weight else 0.0
        return self._departed(departure, agreed)
