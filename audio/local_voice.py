"""Local text to speech: hibari on worker threads, no key and no network.

hibari reads plain English well. Text that it would stumble over is rewritten first (`speakable`),
and what it still cannot read is left out: a sentence with a strange word in it must never end a
reply.
"""

import html
import re
import threading
import unicodedata
from collections.abc import AsyncGenerator, Iterator
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np
import structlog
from numpy.typing import NDArray

from audio.metering import LOCAL, Consumption, Service, report
from audio.pcm import to_int16
from audio.speech import SpeechRejected, SpokenFacts
from audio.workers import WorkerPool

if TYPE_CHECKING:
    from hibari import Hibari

log = structlog.get_logger(__name__)

VOICE_RATE = 24_000
"""Sample rate in Hz of hibari's models."""

SEED = 7
"""Seed of the noise in consonants, which hibari draws at random: the same text sounds the same."""

FADE_MS = 10
"""Length over which each piece fades in and out, so that no edge clicks."""

LEAD_MS = 40
"""Silence kept before each sentence. hibari puts about 300 ms there, which the candidate would wait
for."""

TAIL_MS = 220
"""Silence kept after each sentence, where hibari puts up to 510 ms; together with LEAD_MS this
gives the pause between sentences."""

SILENCE_AMPLITUDE = 0.003
"""Amplitude (of 1.0; -50 dBFS) below which an edge is silence: speech peaks at 0.2 to 0.4."""

MAX_PIECE_CHARS = 280
"""Length above which sentences are spoken in pieces cut at clauses: about 18 s, and first sound in
0.3 s."""


class LocalVoice:
    """Synthesizer on hibari: the protocol `audio.speech.Synthesizer`.

    `voice` is "heart" (included) or another of hibari's, fetched once. `workers` sentences are
    spoken at once. Loaded with the first call or `warm_up`.
    """

    def __init__(self, voice: str = "heart", workers: int = 1, queue_limit: int = 32) -> None:
        self._voice = voice
        self._pool = WorkerPool("voice", workers, queue_limit)
        self._loading = threading.Lock()
        self._loaded: Hibari | None = None

    @property
    def model(self) -> str:
        """Name of the model: "hibari/" and the voice."""
        return f"hibari/{self._voice}"

    @property
    def sample_rate(self) -> int:
        """Sample rate in Hz: VOICE_RATE."""
        return VOICE_RATE

    async def warm_up(self) -> None:
        """Load the voice and the dictionaries. Raises SpeechRejected if there is no such voice."""
        await self._pool.run(self._load)

    def speak(
        self, text: str, *, speed: float = 1.0, facts: SpokenFacts | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yield mono PCM16 at VOICE_RATE, one piece a sentence, each as soon as it is made.

        The same text gives the same bytes, text without a word gives none. `speed` is hibari's own:
        0.5 (slow) to 2 (fast). Raises, while iterated, SpeechBusy if too much is waiting,
        SpeechRejected for an unknown voice.
        """
        if facts is not None:
            facts.provider, facts.model = LOCAL, self.model
        report(Consumption(Service.SPEAKING, LOCAL, self.model, characters=len(text)))
        return self._pool.stream(partial(self._pieces, text, speed))

    async def close(self) -> None:
        """Stop the threads and free the voice."""
        await self._pool.close()
        self._loaded = None

    def _pieces(self, text: str, speed: float) -> Iterator[bytes]:
        hibari = self._load()
        for sentence in hibari.split_sentences(speakable(text)):
            for piece in _clauses(sentence):
                sound = _trimmed(_read(hibari, piece, speed))
                if sound.size:
                    yield to_int16(_faded(sound)).astype("<i2", copy=False).tobytes()

    def _load(self) -> "Hibari":
        with self._loading:
            if self._loaded is None:
                self._loaded = _load_voice(self._voice)
            return self._loaded


_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"']+", re.IGNORECASE)
_TYPE = re.compile(r"(?<=\w)<\s*((?:[A-Z]|(?:int|str|string|bool|float|double|char)\b)[\w ,]*)>")
_HTML = re.compile(r"</?[a-zA-Z][^<>]*>")
_LINE_MARK = re.compile(r"^\s*(?:#{1,6}|[-*•>]|\d+\))\s+", re.MULTILINE)
_MARKS = re.compile(r"(?<!\w)[*_`~|]{1,3}|[*_`~|]{1,3}(?!\w)")
_LONG_NUMBER = re.compile(r"\d{13,}")
_NO_AT_THE_END = re.compile(r"\b(no)\.(?!\s*\d)")
_CLAUSE_END = re.compile(r"(?<=[,;:—–])\s+")

_UNREADABLE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk", "Me", "Mn"))


def speakable(text: str) -> str:
    """Return plain text from what a language model may write; "" if no word is left.

    Markdown, HTML, control characters and emoji go; of a web address the host stays; the digits of
    a very long number are read one by one (hibari knows no number words from 10^36 on, and nobody
    wants to hear them).
    """
    text = html.unescape(text)
    while text != (text := _TYPE.sub(r" \1 ", text)):
        pass  # the innermost of several first
    text = _LINK.sub(r"\1", _HTML.sub(" ", text))
    text = _URL.sub(_host, text)
    text = _MARKS.sub("", _LINE_MARK.sub("", text))
    text = _LONG_NUMBER.sub(lambda number: " ".join(number.group()), text)
    text = _NO_AT_THE_END.sub(r"\1 .", text)  # or hibari reads "number"
    text = unicodedata.normalize("NFC", text)
    text = "".join(char if _is_readable(char) else " " for char in text)
    return text.strip() if any(char.isalnum() for char in text) else ""


def _host(address: re.Match[str]) -> str:
    found = address.group()
    end = found[len(found.rstrip(".,;:!?)")) :]
    try:
        host = urlsplit(found if "://" in found else f"//{found}").hostname or ""
    except ValueError:  # for example an unclosed IPv6 bracket
        host = ""
    return host.removeprefix("www.").rstrip(".,;:!?)") + end


def _is_readable(char: str) -> bool:
    """Return False for control, surrogate, private and unassigned characters and emoji."""
    if char == "\n" or " " <= char <= "~" or "\xa0" <= char <= "\xff":
        return char != "\xad"  # a soft hyphen is no sound
    return unicodedata.category(char) not in _UNREADABLE


def _clauses(sentence: str) -> Iterator[str]:
    """Yield the sentence in pieces of MAX_PIECE_CHARS at most, cut after clauses if it has some."""
    if len(sentence) <= MAX_PIECE_CHARS:
        yield sentence
        return
    piece = ""
    for part in _CLAUSE_END.split(sentence):
        for bit in _words(part):
            if piece and len(piece) + 1 + len(bit) > MAX_PIECE_CHARS:
                yield piece
                piece = ""
            piece = f"{piece} {bit}" if piece else bit
    if piece:
        yield piece


def _words(part: str) -> Iterator[str]:
    """Yield a clause whole if it fits, else its words, the longest of them cut."""
    if len(part) <= MAX_PIECE_CHARS:
        yield part
        return
    for word in part.split():
        for at in range(0, len(word), MAX_PIECE_CHARS):
            yield word[at : at + MAX_PIECE_CHARS]


def _read(hibari: "Hibari", piece: str, speed: float) -> NDArray[np.float32]:
    """Return mono float32 at VOICE_RATE; empty where hibari has nothing to read, or fails twice."""
    for attempt in (piece, _simplified(piece)):
        try:
            sound: NDArray[np.float32] = hibari(attempt, speed=speed, seed=SEED)
        except Exception as error:  # its reader raises what its tables happen to raise
            log.warning(
                "text cannot be voiced", characters=len(attempt), error=type(error).__name__
            )
        else:
            return sound
    return np.zeros(0, np.float32)


def _simplified(piece: str) -> str:
    """Return letters and the plainest punctuation, with digits apart from each other."""
    return re.sub(r"[^a-zA-Z0-9.,?!' ]", " ", re.sub(r"(\d)", r" \1 ", piece))


def _trimmed(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cut the silence around a sound to LEAD_MS and TAIL_MS.

    Returns an empty array if it is all silence.
    """
    loud = np.flatnonzero(np.abs(sound) > SILENCE_AMPLITUDE)
    if loud.size == 0:
        return sound[:0]
    first = max(0, int(loud[0]) - LEAD_MS * VOICE_RATE // 1000)
    return sound[first : int(loud[-1]) + 1 + TAIL_MS * VOICE_RATE // 1000]


def _faded(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    samples = min(FADE_MS * VOICE_RATE // 1000, sound.size // 2)
    ramp = np.linspace(0.0, 1.0, samples, dtype=np.float32)
    sound = sound.copy()
    sound[:samples] *= ramp
    sound[sound.size - samples :] *= ramp[::-1]
    return sound


def _load_voice(voice: str) -> "Hibari":
    from hibari import Hibari
    from hibari.voices import VOICES

    if voice not in VOICES:
        raise SpeechRejected(
            f"There is no local voice '{voice}'. Available: {', '.join(VOICES)}"
            " (all but heart are fetched once)."
        )
    try:
        hibari = Hibari(voice=voice, threads=1)
        # Reads its dictionaries, and a made-up word the model for unknown ones, while locked.
        hibari("Viva is ready, zorbly.", seed=SEED)
    except Exception as error:  # a failed fetch, a damaged file
        raise SpeechRejected(
            f"The local voice '{voice}' cannot be loaded. The voice heart is included;"
            " others need this machine to reach huggingface.co once."
        ) from error
    return hibari
