"""Matching: which topic somebody asks about, if that is all of what is said."""

import re
from collections.abc import Sequence
from typing import TypeVar

from sessions.interviewer.enquiries.features import kind_by_features
from sessions.interviewer.enquiries.lexicon import CONTRACTIONS
from sessions.interviewer.enquiries.parts import goes_along, is_excuse, is_tag, parts_of
from sessions.interviewer.enquiries.question_words import PARTS, QUESTIONS
from sessions.interviewer.enquiries.request_wordings import Intent
from sessions.interviewer.enquiries.wordings import PATTERNS, Topic, compiled

Kind = TypeVar("Kind")

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
    r"(?: something| a question| one thing| whether| if)? |i(?:'d| would)? (?:wanted|want|like|"
    r"need|love) to "
    r"(?:ask|know|find out|understand|hear)(?: whether| if| from you)? |i was (?:just "
    r")?wondering(?: whether| if)? |"
    r"(?:can|could|would) you (?:please )?tell me(?: whether| if)? |do you (?:happen to )?know "
    r"(?:whether |if )?|tell me |out of curiosity |before (?:i|we) (?:start|begin|go on|continue|"
    r"answer) |i'm (?:just )?(?:curious|wondering)(?: whether| if)? |let me ask(?: you)?(?: "
    r"something| a question)? |may i know |first(?: of all)? )+"
)
_TRAIL = re.compile(r"(?: (?:please|thanks|thank you|sorry|right|yes|no|huh|then|okay|ok))+$")
_INVERTED = re.compile(
    r"^((?:this|that|it|you|i|we|there|they|(?:my|the|this|your) \w+(?: \w+)?))('s| is| are| was| "
    r"will| can| am| do| does| did) (.+)$"
)
_SENTENCES = re.compile(r"(?<=[.!?])\s+")
_SHORT = (
    *CONTRACTIONS,
    (re.compile(r"\b(who|what|where|when|how|that|there|it|this|he|she)'s\b"), r"\1 is"),
)
_AUXILIARY = (
    r"(?:is|are|am|was|were|do|does|did|can|could|may|might|will|would|shall|should|have|has|must|"
    r"isn't|aren't|wasn't|weren't|don't|doesn't|didn't|can't|couldn't|won't|wouldn't|haven't|"
    r"hasn't)"
)
_QUESTION = re.compile(
    r"(?:about |roughly |approximately |and |but |so |or |then )*(?:(?:who|whom|who's|what|"
    r"what's|when|"
    rf"where|why|how|which|whose)\b|{_AUXILIARY} (?:you|i|we|this|it|that|there|my|the|your|a|an|"
    r"any\w*|"
    r"some\w*|people|everything|all|what)\b|any chance|is it|do you mind|would you mind).*"
)
_WH = re.compile(r"(?:who|whom|what|when|where|why|how|which|whose|about how)\b")
_STATEMENT = re.compile(
    r"(?:and |but |so )*(?:you|you're|it|it's|this|there|there's|i'm|my|we|we're)\b.*"
)
MAX_QUESTION_WORDS = 18
"""Number of words above which a question is not only about the interview."""

Wordings = Sequence[tuple[Kind, re.Pattern[str]]]

_KEYS = tuple((topic, re.compile(pattern)) for topic, pattern in QUESTIONS)
_COMPILED = tuple((topic, compiled(one)) for topic, many in PATTERNS.items() for one in many)


_WIDE = (Topic.ON_TOPIC, Topic.JUDGED, Topic.GOT_IT, Topic.READERS, Topic.REAL_PERSON, Topic.ADD)
"""Topics with wordings so wide that words of another topic count for more."""

_GENERAL = tuple(one for one in _COMPILED if one[0] in _WIDE)
_SPECIFIC = tuple(one for one in _COMPILED if one[0] not in _WIDE)
_IN_PARTS = (*((topic, compiled(pattern)) for topic, pattern in PARTS), *_SPECIFIC)


def topic_of(text: str) -> Topic | None:
    """Return the topic that somebody asks about; None where it is an answer, or another request."""
    kind = kind_by_features(text)
    if isinstance(kind, Topic):
        return kind
    found = _topic_by_wording(text)
    return found if kind is None or (kind is Intent.QUESTION and found is Topic.PAY) else None


def _topic_by_wording(text: str) -> Topic | None:
    alone = len(text.split()) <= MAX_WORDS and _is_one_sentence(text)
    many = readings(text) if alone else []
    return (
        _worded(many, _SPECIFIC)
        or found_in_parts(text, _IN_PARTS, _KEYS, _GENERAL)
        or _worded(many, _GENERAL)
    )


def _is_one_sentence(text: str) -> bool:
    """Tell whether there is one sentence beside interjections."""
    sentences = [plain(part) for part in _SENTENCES.split(text) if plain(part)]
    return sum(_LEAD.fullmatch(f"{words} ") is None for words in sentences) <= 1


def found_in_parts(
    text: str, wordings: Wordings[Kind], keys: Wordings[Kind], general: Wordings[Kind] = ()
) -> Kind | None:
    """Return what the parts of a text ask for; None if one of them is neither that nor an excuse.

    A part asks for something if it is worded so as a whole, or if it is a question with words that
    give it away, and failing that by a `general` wording. Of two that ask, a question counts for
    more than a statement, and then the last.
    """
    found: Kind | None = None
    asked = False
    parts = [(part, readings(part)) for part in parts_of(text)]
    for place, (part, many) in enumerate(parts):
        if _LEAD.fullmatch(f"{many[0]} "):
            continue
        tag = place + 1 < len(parts) and any(map(is_tag, parts[place + 1][1]))
        marked = part.endswith("?") or text.rstrip().endswith("?")
        question = (_is_question(many) and (marked or not _opens_with_wh(many))) or (
            (tag or part.endswith("?")) and _is_statement(many)
        )
        kind = _kind(many, wordings, keys if question else ()) or _worded(many, general)
        if kind is None and not any(map(is_excuse, many)):
            return None
        if kind is not None and (question or not asked) and not _goes_along(many):
            found, asked = kind, asked or question
    return found


def question_beside_excuses(text: str) -> str:
    """Return the part of a text that is a question to the interviewer, if it is the only one.

    What stands beside it has to be an excuse; "" where it is not.
    """
    asked = ""
    for part in parts_of(text):
        many = readings(part)
        if _LEAD.fullmatch(f"{many[0]} ") or _goes_along(many):
            continue
        if part.endswith("?") and _is_question(many) and not asked:
            asked = part
        elif not any(map(is_excuse, many)):
            return ""
    return asked


def _kind(many: list[str], wordings: Wordings[Kind], keys: Wordings[Kind]) -> Kind | None:
    if (worded := _worded(many, wordings)) is not None:
        return worded
    return next((kind for kind, key in keys for words in reversed(many) if key.search(words)), None)


def _worded(many: list[str], wordings: Wordings[Kind]) -> Kind | None:
    return next(
        (kind for words in many for kind, pattern in wordings if pattern.fullmatch(words)), None
    )


def _is_question(many: list[str]) -> bool:
    """Tell whether a part is a question to the interviewer, and certainly so."""
    return any(
        _QUESTION.fullmatch(words) and len(words.split()) <= MAX_QUESTION_WORDS for words in many
    )


def _opens_with_wh(many: list[str]) -> bool:
    """Tell whether a part may begin a statement: "How long it takes depends on the table"."""
    return all(_WH.match(words) for words in many if _QUESTION.fullmatch(words))


def _is_statement(many: list[str]) -> bool:
    """Tell whether a part is a statement about this talk: a question mark makes it a question."""
    return any(_STATEMENT.fullmatch(words) for words in many) and len(many[0].split()) <= 12


def _goes_along(many: list[str]) -> bool:
    """Tell whether a part is what people add to any request: "is that okay?"."""
    return any(map(goes_along, many))


def peeled(text: str) -> str:
    """Return plain words without the interjections in front of them, in however many sentences."""
    words = plain(text)
    lead = _LEAD.match(f"{words} ")
    return words[lead.end() :] if lead else words


def plain(text: str) -> str:
    """Return a text in lower case, with straight apostrophes and no other marks."""
    text = text.lower().replace("\u2019", "'")
    return " ".join(re.sub(r"[^\w' ]+", " ", text).split())


def readings(text: str) -> list[str]:
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
