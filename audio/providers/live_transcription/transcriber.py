"""Live transcriber: speech to text while it is spoken, over a realtime transcription socket."""

import asyncio
import ssl
from collections.abc import Callable, Sequence

from audio.providers.live_transcription.connection import LiveConnection, open_connection
from audio.providers.live_transcription.dialects import LineOptions, LiveDialect, OpenAIDialect
from audio.providers.live_transcription.keywords import clean_keywords
from audio.providers.live_transcription.line import LineTimes, LiveLine
from audio.providers.openai_server import OpenAIServer
from audio.speech import SpeechStream


class LiveTranscriber:
    """Streaming transcriber: the protocol `audio.speech.StreamingTranscriber`.

    Each session has a line with one connection at most. What the server refuses to be told is
    remembered for all of them. Raises SpeechRejected if there is neither key nor address.
    """

    def __init__(
        self,
        api_key: str | None,
        base_url: str | None,
        model: str,
        dialect: LiveDialect | None = None,
        times: LineTimes | None = None,
    ) -> None:
        self._server = OpenAIServer(api_key, base_url, model)
        self._dialect: LiveDialect = dialect or OpenAIDialect()
        self._times = times or LineTimes()
        self._refused: set[str] = set()
        self._tls: ssl.SSLContext | None = None
        self._tls_lock = asyncio.Lock()
        self._lines: set[LiveLine] = set()

    @property
    def model(self) -> str:
        """Name of the model at the provider."""
        return self._server.model

    async def warm_up(self) -> None:
        """Read the certificates of this machine; nothing is sent."""
        await self._certificates()

    def open(
        self, *, terms: Sequence[str], language: str, on_partial: Callable[[str], None]
    ) -> SpeechStream:
        """Open a session's line, and begin to connect. Call it in the event loop.

        `terms` are words to expect, `on_partial` takes the words of the newest piece so far.
        """
        keywords = clean_keywords(terms)
        options = LineOptions(self.model, keywords, language)

        async def connect() -> LiveConnection:
            tls = await self._certificates()
            return await open_connection(self._server, self._dialect, options, self._refused, tls)

        line = LiveLine(
            self._server,
            self._dialect,
            connect,
            on_partial,
            lambda: self._lines.discard(line),
            prompt=", ".join(keywords),
            times=self._times,
        )
        self._lines.add(line)
        return line

    async def close(self) -> None:
        """Close all lines and connections."""
        await asyncio.gather(*(line.close() for line in list(self._lines)))

    async def _certificates(self) -> ssl.SSLContext | None:
        """Return the context of TLS, None where there is none: made once, which takes 20 ms."""
        if not self._server.base_url.startswith("https"):
            return None
        async with self._tls_lock:
            if self._tls is None:
                self._tls = await asyncio.to_thread(ssl.create_default_context)
            return self._tls
