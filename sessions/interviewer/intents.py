"""Intents: what a candidate asks for with an utterance, found by patterns, without a model.

Only short utterances that are a request as a whole count as one; within a longer answer the same
words ("I don't know whether ...") are part of the answer. The patterns are English.
"""

import re

from sessions.interviewer.enquiries.features import kind_by_features
from sessions.interviewer.enquiries.matching import found_in_parts, question_beside_excuses
from sessions.interviewer.enquiries.request_wordings import PARTS, QUESTION_KEYS, WHOLE, Intent
from sessions.interviewer.leaving import wants_to_leave

_WEAK = (None, Intent.WAIT, Intent.YES, Intent.NO)
"""What counts for less than what the words of an utterance ask for in detail."""

MAX_REQUEST_WORDS = 16
"""Number of words above which an utterance is taken for an answer, whatever it holds."""

MAX_QUESTION_WORDS = 30
"""Number of words above which a sentence is taken for no question of the candidate's own."""

MAX_WISH_WORDS = 25
"""Number of words above which a wish to leave is left to the interviewer to notice."""

_ONLY_WHOLE = (None, Intent.YES, Intent.NO)
"""What is not looked for in the parts of an utterance."""

_FILLERS = re.compile(
    r"\b(uh+|um+|uhm+|hm+|mm+|er+|erm|ah+|oh|well|okay|ok|so|please|yeah|right|now|just|actually|"
    r"sorry but|thanks|thank you|i think|maybe)\b",
    re.IGNORECASE,
)

_PATTERNS = tuple((intent, re.compile(rf"(?:{pattern})")) for intent, pattern in WHOLE)
_PARTS = tuple((intent, re.compile(rf"(?:{pattern})")) for intent, pattern in PARTS)
_KEYS = tuple((intent, re.compile(pattern)) for intent, pattern in QUESTION_KEYS)

_PERMISSION = re.compile(
    r"(?:is it|would it be|is that|can i|may i|could i|should i|shall i|do you want me)\b.{0,120}"
)
_QUESTION = re.compile(
    r"(?:and |but )?(?:what|who|whom|whose|where|when|why|how|which|is|are|was|were|do|does|did|"
    r"can|could|will|would|should|have|has|may)\b.*"
)


_LEAD = re.compile(
    r"(?:(?:uh+|um+|uhm|er|erm|hm+|oh|ah|okay|ok|right|well|so|and|but|no|yes|yeah|sorry|please|"
    r"actually|wait|hang on|hold on|excuse me|pardon me|pardon|i'm sorry|i am sorry|i'm so sorry|"
    r"sorry about that|my apologies|apologies|hello|hi|hey|stop|one moment|one second|"
    r"just a second|just a moment|a moment|one sec|thank you|thanks|good question|"
    r"that's a good question) )+"
)
"""Interjections and apologies in front of a request, in however many sentences."""

_TRAIL = re.compile(r"(?: (?:please|sorry|thanks|thank you|okay|ok|i'm sorry|if you don't mind))+$")


def intent_of(text: str) -> Intent:
    """Return what an utterance asks for; ANSWER when it asks for nothing."""
    plain = _plain(text)
    if not plain:
        return Intent.NOTHING
    bare = _plain(_FILLERS.sub(" ", plain))
    if not bare:
        return Intent.YES if _is_assent(plain) else Intent.WAIT
    if len(bare.split()) <= MAX_REQUEST_WORDS:
        for candidate in (plain, bare):
            if (found := _whole(candidate)) not in _WEAK:
                return found
    if (kind := kind_by_features(text)) is not None:
        if isinstance(kind, Intent):
            return kind
        return Intent.QUESTION if text.rstrip().endswith("?") else Intent.ANSWER
    if len(bare.split()) <= MAX_REQUEST_WORDS:
        rest = _peeled(text)
        if rest and (found := _whole(rest)) is not None:
            return found
        for candidate in (plain, bare):
            if (found := _whole(candidate)) is not None:
                return found
    if (found := found_in_parts(text, (*_PARTS, *_PATTERNS), _KEYS)) not in _ONLY_WHOLE:
        return found or Intent.ANSWER
    if len(plain.split()) <= MAX_WISH_WORDS and wants_to_leave(text):
        return Intent.MAY_STOP
    asked = question_beside_excuses(text) or _without_interjections(text)
    if text.rstrip().endswith("?") and _is_one_question(asked, _plain(_FILLERS.sub(" ", asked))):
        bare = _plain(_FILLERS.sub(" ", _plain(asked)))
        return Intent.PERMISSION if _PERMISSION.fullmatch(bare) else Intent.QUESTION
    return Intent.ANSWER


def _whole(words: str) -> Intent | None:
    """Return the request that plain words are as a whole."""
    return next((intent for intent, pattern in _PATTERNS if pattern.fullmatch(words)), None)


def _peeled(text: str) -> str:
    """Return the plain words behind leading interjections and apologies, and before trailing ones.

    "Wait. Could you repeat the question? Sorry." asks for a repetition, and not for time.
    """
    words = _plain(text)
    lead, trail = _LEAD.match(f"{words} "), _TRAIL.search(words)
    begin = lead.end() if lead else 0
    end = trail.start() if trail else len(words)
    return words[begin:end].strip() if begin or trail else ""


def _without_interjections(text: str) -> str:
    """Return a text without sentences in front that are interjections only."""
    sentences = re.split(r"(?<=[.!?,])\s+", text.strip())
    while len(sentences) > 1 and _LEAD.fullmatch(f"{_plain(sentences[0])} "):
        del sentences[0]
    return " ".join(sentences)


def has_question(text: str) -> bool:
    """Return whether something is asked anywhere in an utterance."""
    return any(
        part.endswith("?") or _QUESTION.fullmatch(_plain(_FILLERS.sub(" ", _plain(part))))
        for part in re.findall(r"[^.!?]+[.!?]*", text)
    )


def word_count(text: str) -> int:
    """Count the words, without fillers."""
    return len(_FILLERS.sub(" ", _plain(text)).split())


def _plain(text: str) -> str:
    """Return a text in lower case, with straight apostrophes and no other punctuation."""
    text = text.lower().replace("’", "'")
    return " ".join(re.sub(r"[^\w' ]+", " ", text).split())


def _is_assent(plain: str) -> bool:
    return bool({"yeah", "okay", "ok", "right"} & set(plain.split()))


def _is_one_question(text: str, bare: str) -> bool:
    sentences = [part for part in re.split(r"(?<=[.!?])\s+", text.strip()) if part]
    return (
        len(sentences) == 1
        and len(bare.split()) <= MAX_QUESTION_WORDS
        and _QUESTION.fullmatch(bare) is not None
    )
