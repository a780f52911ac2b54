"""First words: what those of the far end mean before consent, a person's or a machine's. Pure.

Phones answer with a person, with an assistant that screens calls (it asks for name and purpose, and
shows the answer to whoever was called), or with a mailbox. The patterns are English.
"""

import re
from enum import Enum, auto
from itertools import pairwise

from sessions.interviewer.enquiries.request_wordings import Intent
from sessions.interviewer.intents import has_question, intent_of

YES_KEY, NO_KEY = "1", "2"


class FirstWords(Enum):
    """What an answer to the question for consent is."""

    YES = auto()
    NO = auto()
    ASKS = auto()  # did not hear, or not understand; who or what is it; only says hello
    SCREEN = auto()  # a machine, or somebody else, asks for name and purpose
    HOLD = auto()  # somebody else is about to come to the telephone
    MAILBOX = auto()
    SILENCE = auto()
    OTHER = auto()


_AGREES = frozenset(
    "i agree|agreed|i consent|i do agree|yes i agree|yes i do agree|i am ready|i'm ready|"
    "yes i'm ready|that is fine|that's ok|that is okay|that's all right|that's alright|"
    "yes that's all right|yes that's fine|yes please|yes it is|it is".split("|")
)
_REFUSES = frozenset("i don't agree|i do not agree|no thank you|no thanks|i disagree".split("|"))

_SCREEN = re.compile(
    r"\b(say|state|tell|record|leave|give|speak|provide|announce)\b.{0,30}"
    r"\b(your name|who you are|who('s| is) calling|the (reason|purpose))|"
    r"\b(say|state|tell|explain|know)\b.{0,30}\bwhy (you're|you are) calling|"
    r"\b(reason|purpose) (for|of) (your|the|this) call|\breason for calling|"
    r"\bcall(ing)? (assistant|screen)|\bscreening\b|"
    r"\bcall is (being )?screened|\bname after the (tone|beep)|\bsee if (this|the) (person|party)"
)
_HOLD = re.compile(
    r"\b(stay|remain|hold) on( the line)?\b|\bplease (hold|wait|stay)|\bhold (please|the line)|"
    r"\bi'?ll (see if|check|get|put|try|connect|transfer)|(connecting|transferring) (you|your)|"
    r"try(ing)? to (reach|connect|find)|put(ting)? you through|will be (with you|connected)|"
    r"(one|just a|wait a|give me a|hang on a) (moment|second|minute|sec)\b|\bhang on\b"
)
_MAILBOX = re.compile(
    r"\b(leave|record) (me |us )?(a|your|the)? ?(brief |short |detailed )?(voice ?)?message|"
    r"voice ?mail|mailbox|mail box|after the (tone|beep)|at the (tone|beep)|"
    r"(can'?t|cannot|can not|unable to|not able to) "
    r"(come to|take (your|the|this) call|answer (your|the)|get to|pick up)|"
    r"(is|are|am|i'm|we're|currently) (not|un) ?(available|able|here|home)|is unavailable|"
    r"(has|have) been forwarded|you('ve| have) reached|get back to you|call you back as soon"
)
_GREETING = re.compile(
    r"((yes|yeah|oh|um|uh|hello|hi|hey|good (morning|afternoon|evening|day)|there|again|"
    r"i'?m here|speaking|[\w']+ (here|speaking)|(this is|it'?s|my name is)( [\w']+){1,3}) ?)+"
)
_HUMS = re.compile(
    r"((mm*hm+|mm+|hm+|uh huh|aha|oh|ah|okay|ok|yeah|yep|yup|right|sure|all right|alright|great|"
    r"good|fine|i see|got it|of course|understood) ?)+"
)
_ASKS = re.compile(
    r"\b(who|what|why|which|where|how|pardon|repeat|say (that|it) again|once more|again|"
    r"(didn'?t|did not|couldn'?t|could not|can'?t|cannot) (\w+ )?"
    r"(hear|catch|get|understand|follow))\b"
)
_REQUESTS = frozenset(
    {
        Intent.REPEAT,
        Intent.REPHRASE,
        Intent.PRESENCE,
        Intent.QUESTION,
        Intent.PERMISSION,
        Intent.SLOWER,
        Intent.FASTER,
    }
)
_MOST_ASKED = 12
"""Number of words up to which a word that asks makes the whole a question."""


def consent_in(words: str, keys: str) -> bool | None:
    """Return what an answer to the question for consent means; None: neither yes nor no."""
    for key in keys:
        if key in (YES_KEY, NO_KEY):
            return key == YES_KEY
    plain = _plain(words)
    if plain in _REFUSES:
        return False
    intent = intent_of(words)
    if plain in _AGREES or intent is Intent.YES:
        return True
    return False if intent in (Intent.NO, Intent.STOP) else None


def first_words(words: str, keys: str = "") -> FirstWords:
    """Return what the far end has said, or pressed."""
    agreed = consent_in(words, keys)
    if agreed is not None:
        return FirstWords.YES if agreed else FirstWords.NO
    plain = _plain(words)
    if not plain:
        return FirstWords.SILENCE
    if _SCREEN.search(plain):
        return FirstWords.SCREEN
    if _MAILBOX.search(plain) and not words.rstrip().endswith("?"):
        return FirstWords.MAILBOX
    if _HOLD.search(plain):
        return FirstWords.HOLD
    asks = len(plain.split()) <= _MOST_ASKED and _ASKS.search(plain)
    if intent_of(words) in _REQUESTS or asks or has_question(words) or is_greeting(words):
        return FirstWords.ASKS
    return FirstWords.OTHER


def is_hum(words: str) -> bool:
    """Tell whether words are only a listener's, who says "go on" by them."""
    return _HUMS.fullmatch(_plain(words)) is not None


def echo_share(words: str, said: tuple[str, ...]) -> float:
    """Return how much of `words` (0..1) is what we have `said`, by pairs of words in a row."""
    heard, ours = _pairs(words), set(_pairs(" ".join(said)))
    return sum(pair in ours for pair in heard) / max(1, len(heard))


def is_greeting(words: str) -> bool:
    """Tell whether somebody only says hello, or who it is."""
    return _GREETING.fullmatch(_plain(words)) is not None


def _pairs(words: str) -> list[tuple[str, str]]:
    plain = _plain(words).split()
    return list(pairwise(plain))


def _plain(words: str) -> str:
    words = words.lower().replace("\u2019", "'")
    return " ".join("".join(c if c.isalnum() or c == "'" else " " for c in words).split())
