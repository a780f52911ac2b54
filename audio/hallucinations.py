"""Hallucination filter: which of Whisper's words nobody said. Pure: text and numbers in, text out.

On silence, noise and music Whisper writes what its training data had there: thanks, farewells,
subtitle credits, the prompt itself, or one phrase over and over. A candidate may really say "thank
you", so a phrase alone is not enough: the sound must speak against it too.

Measured with tiny.en and the window of `audio.local_whisper`: spoken answers, clean and noisy, have
a no-speech probability of 0.01 to 0.24; silence, noise, hum, clicks and music 0.58 to 0.99, hold
music 0.75 with a log-probability of -0.83.
"""

import math
import re
import zlib
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from audio.doubled_words import MIN_GROUP, repeats_words, unsaid_by_rate

NO_SPEECH = 0.5
"""No-speech probability from which on the sound speaks against the text (between 0.24, the highest
of speech, and 0.58, the lowest of noise)."""

UNSURE_LOGPROB = -0.4
"""Mean token log-probability below which a stock phrase over NO_SPEECH is a hallucination.
Measured: hallucinations -0.53 to -2.6; the same phrases really spoken -0.03 to -0.46, far below
NO_SPEECH."""

LOW_LOGPROB = -1.0
"""Mean token log-probability below which any text over NO_SPEECH is a hallucination:
`logprob_threshold` of OpenAI's Whisper (whisper/transcribe.py), which applies it with a no-speech
probability of 0.6."""

LOOP_COMPRESSION = 2.4
"""Compression ratio (zlib) above which a repetition is a decoding loop:
`compression_ratio_threshold` of OpenAI's Whisper (whisper/transcribe.py)."""

LOOP_REPEATS = 4
"""Number of times a group of words must come in a row for its compression to count."""

LOOP_WORDS = 8
"""Number of words in the longest group that is looked for."""

MAX_WORDS_PER_S = 7.0
"""Highest plausible rate of words in a second of speech: lively English conversation is at 3 to 5
words a second, and articulation ends at about 8 syllables a second."""

NO_SPEECH_MS = 40
"""Length of sound above the noise below which there is no word."""

FRAME_MS = 20
"""Length of the frames whose level is measured."""

QUIETEST_SPEECH_DBFS = -55.0
"""Level below which a frame is silence, whatever the noise floor is."""

ABOVE_FLOOR_DB = 6.0
"""Level above the clip's noise floor from which on a frame counts as sound."""

FLOOR_PERCENTILE = 10
"""Percentile of the frames' levels that is the noise floor: speech pauses that often."""

STOCK_PHRASES = frozenset(
    (
        "you", "thank you", "thanks", "thank you very much", "thank you so much", "thank you bye",
        "thanks for watching", "thank you for watching", "thank you for your watching",
        "thank you for listening", "thanks for listening", "please subscribe",
        "please subscribe to my channel", "like and subscribe", "dont forget to subscribe",
        "bye", "bye bye", "goodbye", "good night", "see you", "see you next time",
        "ill see you next time", "see you in the next video", "ill see you in the next video",
        "well be right back", "okay", "ok", "oh", "so", "i", "im", "hmm", "um", "uh", "mm", "ah",
        "im sorry", "im so sorry", "the end", "to be continued", "silence", "music",
    )
)  # fmt: skip
"""Phrases that Whisper writes where nobody speaks, in the form that `_plain` gives them."""

CREDITS = re.compile(
    r"(subtitles|subtitled|captions|captioned|captioning|transcribed|transcription|translated|"
    r"translation|edited)( (and|made|provided|created|transcribed|edited))* (by|for) .{1,60}"
    r"|.{0,40}\bamara ?org\b.{0,20}|otter ?ai|www .{1,40} com"
)
"""Credits of subtitle files, in the form that `_plain` gives them."""

NEVER_SAID = re.compile(
    r"(thank you|thanks)( so much| very much)? for( your)? watching"
    r"|(please |dont forget to )?(like and )?subscribe( to (my|our|the) channel)?"
    r"|(ill )?see you in the next video"
)
"""Phrases of video channels, in the form that `_plain` gives them: no whole answer in an interview,
so that they go where nothing tells what the sound was."""

MAX_TERM_MS = 900.0
"""Mean time of sound per word above which one or two words do not explain their sound: a word of
four syllables takes as long."""

_SQUARE = re.compile(r"\[[^\]]*\]|♪[^♪]*♪|[♪♫♬♩]+")
_TAG_WORDS = (
    r"music|applause|laugh\w*|chuckl\w*|sigh\w*|cough\w*|sneez\w*|silence|noise|static|inaudible|"
    r"unintelligible|indistinct|beep\w*|click\w*|typing|keyboard|ring\w*|buzz\w*|breath\w*|"
    r"gasp\w*|groan\w*|grunt\w*|cheer\w*|clears? throat|clearing throat|foreign language|"
    r"speaking foreign language|speaking in foreign language|blank audio|crickets|birds|wind|engine"
)
_ROUND = re.compile(
    rf"[(*]\s*(?:(?:\w+\s+){{0,3}}(?:{_TAG_WORDS})(?:\s+\w+){{0,3}})\s*[)*]", re.IGNORECASE
)
_ONLY_BRACKETS = re.compile(r"^\s*(?:\([^)]*\)|\*[^*]*\*)[\s.!?]*$")


@dataclass(frozen=True, slots=True)
class Piece:
    """Stretch of transcript with the model's own scores."""

    text: str
    """Words of the piece."""

    no_speech_prob: float | None = None
    """Probability that there is no speech, 0..1; None where the provider does not report it."""

    avg_logprob: float | None = None
    """Mean log-probability of the tokens; None where the provider does not report it."""

    tokens: int = 1
    """Number of tokens: the piece's weight in the confidence."""


def without_hallucinations(
    pieces: Sequence[Piece], *, speech_ms: int, prompt: str = "", settled: bool = False
) -> list[Piece]:
    """Return the pieces that were said; sound tags and decoding loops are cut out of them.

    `speech_ms` is how much of the audio was sound at all, from `speech_ms_of`; `prompt` is what the
    model was given, which it may echo. `settled`: the time of each word has shown which repetitions
    of MIN_GROUP and more words were said, so that the rate of the whole does not judge them again.
    """
    kept = []
    for piece in pieces:
        text = _without_tags(piece.text)
        text, looped = _without_loops(text, speech_ms, settled)
        if _has_words(text) and not _is_hallucination(text, looped, piece, speech_ms, prompt):
            kept.append(replace(piece, text=text))
    return kept


def needs_second_hearing(pieces: Sequence[Piece], *, speech_ms: int, prompt: str) -> bool:
    """Return whether a clip must be heard again without the prompt.

    So it is where a run of words comes twice, or where a provider without `no_speech_prob` may have
    written what is in its prompt.
    """
    text = text_of(pieces)
    if not prompt or not text:
        return False
    if repeats_words(text, prompt):
        return True
    if any(piece.no_speech_prob is not None for piece in pieces) or not _echoes(text, prompt):
        return False
    words = len(text.split())
    return words >= 3 or _too_fast(text, speech_ms) or speech_ms > words * MAX_TERM_MS


def settled(
    first: Sequence[Piece], second: Sequence[Piece], *, speech_ms: int, prompt: str
) -> list[Piece]:
    """Return what two hearings of a clip, with the prompt and without, say together.

    An echo of the prompt stays where the second hearing has much the same words; what the first
    has twice and the second once is cut to once.
    """
    text, again = text_of(first), text_of(second)
    if _echoes(text, prompt) and not _alike(text, again):
        return list(second)
    unsaid = unsaid_by_rate(text, again, speech_ms, prompt)
    return without_words(first, unsaid)


def without_words(pieces: Sequence[Piece], unsaid: Container[int]) -> list[Piece]:
    """Return the pieces without the words at these indexes, counted over all of them."""
    kept = []
    at = 0
    for piece in pieces:
        words = piece.text.split()
        text = " ".join(word for n, word in enumerate(words, at) if n not in unsaid)
        kept.append(replace(piece, text=text))
        at += len(words)
    return kept


def repeats_itself(text: str) -> bool:
    """Return whether most of a text is one group of words repeated.

    Half of a group at the end counts as a repetition.
    """
    words = [_plain(word) for word in text.split()]
    for at in range(len(words)):
        for group in range(1, min(LOOP_WORDS, len(words) - at) + 1):
            end = at + group
            while end < len(words) and words[end] == words[end - group]:
                end += 1
            again = end - at - group
            enough = again >= group or (end == len(words) and again * 2 >= group)
            if enough and (end - at) * 2 > len(words):
                return True
    return False


def text_of(pieces: Sequence[Piece]) -> str:
    """Return the pieces as one line of text."""
    return " ".join(piece.text for piece in pieces)


def confidence_of(pieces: Sequence[Piece]) -> float | None:
    """Return exp(mean token log-probability), 0..1, over all pieces; None if no piece has one."""
    known = [(p.avg_logprob, max(1, p.tokens)) for p in pieces if p.avg_logprob is not None]
    if not known:
        return None
    mean = sum(logprob * tokens for logprob, tokens in known) / sum(n for _, n in known)
    return min(1.0, math.exp(mean))


def speech_ms_of(audio: NDArray[np.int16], rate: int) -> int:
    """Return how much of a clip, in ms, is louder than its own noise floor.

    `audio` is mono PCM16 at `rate` Hz, shape (samples,). This is not a voice detector: steady noise
    and hum give 0, music does not.
    """
    return int(np.count_nonzero(sound_frames(audio, rate))) * FRAME_MS


def sound_frames(audio: NDArray[np.int16], rate: int) -> NDArray[np.bool_]:
    """Return which frames of FRAME_MS of a clip are louder than its own noise floor.

    `audio` is mono PCM16 at `rate` Hz, shape (samples,); the result has the shape (frames,).
    """
    frame = rate * FRAME_MS // 1000
    count = audio.size // frame
    if count == 0:
        return np.zeros(0, np.bool_)
    frames = audio[: count * frame].reshape(count, frame).astype(np.float32)
    # Without its mean: a microphone's constant offset is no sound.
    rms = np.maximum(frames.std(axis=1), 1.0)
    level = 20.0 * np.log10(rms / 32_768.0)
    floor = np.percentile(level, FLOOR_PERCENTILE)
    loud: NDArray[np.bool_] = (level >= QUIETEST_SPEECH_DBFS) & (level >= floor + ABOVE_FLOOR_DB)
    return loud


def _is_hallucination(text: str, looped: bool, piece: Piece, speech_ms: int, prompt: str) -> bool:
    no_speech, logprob = piece.no_speech_prob, piece.avg_logprob
    nothing_heard = speech_ms < NO_SPEECH_MS
    if no_speech is None:
        # Without a score of the sound, its length is the evidence, and the doubt of the model.
        if nothing_heard or NEVER_SAID.fullmatch(_plain(text)) or CREDITS.fullmatch(_plain(text)):
            return True
        doubtful = logprob is not None and logprob < UNSURE_LOGPROB
        return (doubtful or _too_fast(text, speech_ms)) and (
            _is_stock(text) or _echoes(text, prompt)
        )
    if no_speech < NO_SPEECH:
        return False
    unsure = logprob is None or logprob < UNSURE_LOGPROB
    if logprob is not None and logprob < LOW_LOGPROB:
        return True
    if looped:  # a loop is sure of itself, so its log-probability says nothing
        return True
    return (unsure or nothing_heard) and (_is_stock(text) or _echoes(text, prompt))


def _is_stock(text: str) -> bool:
    """Return whether the text is one stock phrase, several in a row, or a credit line."""
    if CREDITS.fullmatch(_plain(text)):
        return True
    parts = [plain for part in re.split(r"[.!?,…]+", text) if (plain := _plain(part))]
    return _plain(text) in STOCK_PHRASES or all(part in STOCK_PHRASES for part in parts)


def _echoes(text: str, prompt: str) -> bool:
    """Return whether a text is a piece of the prompt, or three and more of its words."""
    said, known = _plain(text), _plain(prompt)
    words = said.split()
    return f" {said} " in f" {known} " or (len(words) >= 3 and set(words) <= set(known.split()))


def _alike(text: str, other: str) -> bool:
    """Return whether two hearings are of the same words: half of the letters in the same order."""
    return SequenceMatcher(None, _plain(text), _plain(other), autojunk=False).ratio() >= 0.5


def _too_fast(text: str, speech_ms: int) -> bool:
    return len(text.split()) * 1000 > MAX_WORDS_PER_S * speech_ms


def _without_tags(text: str) -> str:
    """Remove [Music], (applause), *sighs* and notes; other round brackets are words."""
    text = _ROUND.sub(" ", _SQUARE.sub(" ", text))
    return "" if _ONLY_BRACKETS.match(text) else " ".join(text.split())


def _without_loops(text: str, speech_ms: int, settled: bool) -> tuple[str, bool]:
    """Cut each run of one group of words that cannot have been said to its first.

    Returns the text, and whether there was such a run.
    """
    words = text.split()
    plain = [_plain(word) for word in words]
    too_fast = _too_fast(text, speech_ms)
    kept: list[str] = []
    looped = False
    at = 0
    while at < len(words):
        group, end = _run_at(plain, at)
        run = " ".join(plain[at:end])
        repeats = (end - at) // group
        unsaid = too_fast and not (settled and group >= MIN_GROUP)
        if repeats > 1 and (unsaid or (repeats >= LOOP_REPEATS and _compression(run))):
            looped = True
            kept += words[at : at + group]
            at = end
        else:
            kept.append(words[at])
            at += 1
    return " ".join(kept), looped


def _run_at(words: list[str], at: int) -> tuple[int, int]:
    """Return the group length of the longest run that begins at `at`, and where the run ends.

    A last, broken-off repetition at the very end of the text belongs to the run.
    """
    best = (1, at + 1)
    for group in range(1, min(LOOP_WORDS, (len(words) - at) // 2) + 1):
        end = at + group
        while end < len(words) and words[end] == words[end - group]:
            end += 1
        if (end - at) // group < 2:
            continue
        if end < len(words):
            end -= (end - at) % group
        if end > best[1]:
            best = (group, end)
    return best


def _compression(text: str) -> bool:
    data = text.encode()
    return len(data) / len(zlib.compress(data)) > LOOP_COMPRESSION


def _has_words(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _plain(text: str) -> str:
    """Return the text in lower case, without punctuation, with single spaces."""
    return " ".join(re.sub(r"[^\w\s]", "", re.sub(r"[.\-–—/]", " ", text.casefold())).split())
