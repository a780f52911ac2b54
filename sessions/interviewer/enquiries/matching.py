"""Matching: which topic somebody asks about, if that is all of what is said."""

import re

from sessions.interviewer.enquiries.question_words import QUESTIONS
from sessions.interviewer.enquiries.wordings import PATTERNS, Topic, compiled

MAX_WORDS = 22
"""Number of words above which an utterance is taken for an answer."""

INTERJECTIONS = (
    r"(?:uh+|um+|uhm|er|erm|hm+|oh|ah|okay|ok|right|well|so|and|but|sorry|please|actually|wait|"
    r"hang on|hold on|excuse me|pardon me|pardon|i'm sorry|i am sorry|my apologies|apologies|"
    r"hello|hi|hey|stop|one moment|one second|just a second|just a moment|thank you|thanks|"
    r"by the way|no wait|oh no|good question|that's a good question|just|maybe|listen|look)"
)
"""What stands in front of a request, within a sentence or as one of its own."""

_LEAD = re.compile(rf"(?:{INTERJECTIONS} )+")
_ASKING = re.compile(
    r"(?:(?:(?:quick|another|one|a|one more|a quick|small|just a|i have a|i have one|can i ask a|"
    r"may i ask a) )?question |(?:can|may|could) i (?:just |quickly |please )*ask(?: you)?"
    r"(?: something| a question| one thing| whether| if)? |i (?:wanted|want|would like|'d like) to "
    r"(?:ask|know)(?: whether| if)? |i was (?:just )?wondering(?: whether| if)? |"
    r"(?:can|could|would) you (?:please )?tell me(?: whether| if)? |do you (?:happen to )?know "
    r"(?:whether |if )?|tell me |out of curiosity |before (?:i|we) (?:start|begin|go on|continue|"
    r"answer) |i'm (?:just )?(?:curious|wondering)(?: whether| if)? |let me ask(?: you)?(?: "
    r"something| a question)? |may i know |first(?: of all)? )+"
)
_TRAIL = re.compile(r"(?: (?:please|thanks|thank you|sorry|right|yes|no|huh|then|okay|ok))+$")
_INVERTED = re.compile(
    r"^((?:this|that|it|you|i|we|there|they|my \w+|the \w+))('s| is| are| was| "
    r"will| can| am| do| does| did) (.+)$"
)
_SENTENCES = re.compile(r"(?<=[.!?])\s+")
_SHORT = (
    (re.compile(r"\bi'm\b"), "i am"),
    (re.compile(r"(?<=\w)'re\b"), " are"),
    (re.compile(r"(?<=\w)'ve\b"), " have"),
    (re.compile(r"(?<=\w)'ll\b"), " will"),
    (re.compile(r"(?<=\w)'d\b"), " would"),
    (re.compile(r"\b(who|what|where|when|how|that|there|it|this|he|she)'s\b"), r"\1 is"),
)
_QUESTION = re.compile(
    r"(?:who|whom|what|when|where|why|how|which|is|are|am|was|were|do|does|did|can|could|may|"
    r"might|will|would|shall|should|have|has|about how)\b.*"
)
MAX_QUESTION_WORDS = 16
"""Number of words above which a question is not only about the interview."""

_KEYS = tuple((topic, re.compile(pattern)) for topic, pattern in QUESTIONS)
_COMPILED = tuple((topic, compiled(one)) for topic, many in PATTERNS.items() for one in many)


def topic_of(text: str) -> Topic | None:
    """Return the topic that somebody asks about; None where it is an answer, or another request."""
    if len(text.split()) > MAX_WORDS:
        return None
    readings = _readings(text)
    for words in readings:
        for topic, pattern in _COMPILED:
            if pattern.fullmatch(words):
                return topic
    return _topic_of_question(readings[-1]) if _is_question(text, readings[-1]) else None


def _is_question(text: str, words: str) -> bool:
    """Tell whether a text is one question, and certainly so."""
    sentences = [part for part in _SENTENCES.split(text.strip()) if plain(part)]
    alone = all(_LEAD.fullmatch(f"{plain(part)} ") for part in sentences[:-1])
    asks = text.rstrip().endswith("?") and _QUESTION.fullmatch(words) is not None
    return alone and asks and len(words.split()) <= MAX_QUESTION_WORDS


def _topic_of_question(words: str) -> Topic | None:
    return next((topic for topic, pattern in _KEYS if pattern.search(words)), None)


def peeled(text: str) -> str:
    """Return plain words without the interjections in front of them, in however many sentences."""
    words = plain(text)
    lead = _LEAD.match(f"{words} ")
    return words[lead.end() :] if lead else words


def plain(text: str) -> str:
    """Return a text in lower case, with straight apostrophes and no other marks."""
    text = text.lower().replace("\u2019", "'")
    return " ".join(re.sub(r"[^\w' ]+", " ", text).split())


def _readings(text: str) -> list[str]:
    """Return the words that may be the whole of an enquiry: all, and without their politeness."""
    found = [plain(text)]
    words = peeled(text)
    for _ in range(3):
        words = _TRAIL.sub("", words)
        asking = _ASKING.match(f"{words} ")
        words = words[asking.end() :] if asking else words
        lead = _LEAD.match(f"{words} ")
        words = words[lead.end() :] if lead else words
        found.append(words)
    statement = _INVERTED.match(words)
    if statement and found[-1] != found[0] and _ASKING.search(f"{found[0]} "):
        verb = {"'s": "is"}.get(statement[2], statement[2].strip())
        found.append(f"{verb} {statement[1]} {statement[3]}")
    found += [_expanded(one) for one in found]
    return list(dict.fromkeys(one for one in found if one)) or [""]


def _expanded(words: str) -> str:
    """Return plain words without their short forms."""
    for pattern, whole in _SHORT:
        words = pattern.sub(whole, words)
    return words
