"""Clauses: how each part of an utterance is put (asked, ordered, wanted, stated), in bare words.

What a request is about is told by its words, whoever chooses them; that it is a request is told by
how it is put. Both are needed: "I ask them to repeat it" has the words only.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from sessions.interviewer.enquiries.lexicon import CONTRACTIONS
from sessions.interviewer.enquiries.parts import goes_along, is_excuse, is_tag, parts_of


class Force(StrEnum):
    """Force of a clause: what a speaker does with it."""

    ASK = "a"
    ORDER = "o"
    WISH = "w"
    STATE = "s"


@dataclass(frozen=True, slots=True)
class Clause:
    """Clause: its bare words, how it is put, and what it may be beside a request.

    It may stand beside any request, or near a question only; it may go along with any, and ask for
    nothing itself ("is that okay?"); and it may tell of something that is not this talk.
    """

    words: str
    force: Force
    beside: bool
    near: bool
    along: bool
    told: bool


_SHORT = (
    (re.compile(r"\bcan't\b|\bcannot\b"), "can not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"\bshan't\b"), "shall not"),
    (re.compile(r"n't\b"), " not"),
    *CONTRACTIONS,
    (re.compile(r"\blet's\b"), "let us"),
    (re.compile(r"\b(who|what|where|when|how|that|there|it|this|here|everything)'s\b"), r"\1 is"),
    (
        re.compile(r"\b(phone|mind|wife|husband|child|baby|something|somebody|someone)'s\b"),
        r"\1 is",
    ),
    (re.compile(r"\bwanna\b"), "want to"),
    (re.compile(r"\bgotta\b|\bgot to\b"), "have to"),
    (re.compile(r"\bgonna\b"), "going to"),
    (re.compile(r"\ballright\b|\ball right\b|\balright\b"), "okay"),
    (re.compile(r"\bok\b"), "okay"),
)
_FILLERS = re.compile(
    r"\b(?:uh+|um+|uhm+|hm+|mm+|er+m?|ah+|oo+h|oh|just|really|actually|quickly|maybe|perhaps|"
    r"basically|simply|kindly|honestly|literally|possibly|quite|also|please|somehow|sort of|"
    r"kind of|exactly|by any chance|i mean|you know|at all)\b"
)
_LEAD = re.compile(
    r"^(?:(?:okay|right|well|so|and|but|or|sorry|i am sorry|i am so sorry|i am afraid|excuse me|"
    r"pardon(?: me)?|hello|hi|hey|thanks|thank you|no|yes|yeah|then|because|since|as|by the way|"
    r"first(?: of all)?|listen|look|wait|hang on|hold on|stop|one moment|a moment|a second|"
    r"before (?:we|i) (?:start|begin|go on|move on|continue|carry on|answer|say anything|"
    r"go any further)|unfortunately|i think(?: that)?|i believe|i guess|i have a (?:quick )?"
    r"question|quick question|one question|out of curiosity|i am (?:just )?curious) )+"
)
_POLITE = re.compile(
    r"^(?:(?:can|could|may) i ask(?: you)?(?: something)?|(?:can|could|would|will) you tell me|"
    r"do you know|tell me|i (?:would like|want|wanted|need|would love) to (?:know|ask|understand|"
    r"find out)|i (?:am|was) wondering|i wonder|i can not tell|"
    r"let me ask(?: you)?|may i know|am i allowed to ask)(?: (?:if|whether))? (?=\w+ \w+)"
)
_AUXILIARY = (
    r"(?:is|are|am|was|were|do|does|did|can|could|may|might|will|would|shall|should|must|have|"
    r"has|had)"
)
_ASKS = re.compile(
    rf"^(?:{_AUXILIARY}(?: not)? (?:i|you|we|it|this|that|there|the|my|your|anyone|anybody|"
    r"someone|somebody|everything|people|a|an|any|these|they)\b|any chance)"
)
_ORDERS = re.compile(
    r"^(?:do not |you (?:can|may|should|must|have to) |(?:can|could|would|will) you )?(?:let|give|"
    r"repeat|say|ask|tell|explain|rephrase|skip|pass|next|move|go|wait|hold|hang|bear|stop|end|"
    r"finish|cancel|delete|erase|remove|forget|ignore|scratch|strike|change|correct|fix|put|leave|"
    r"take|turn|speak|talk|slow|connect|transfer|call|come|make|read|continue|interrupt|cut|"
    r"record|be|close|terminate|withdraw|pause|have|start|begin|once more|again|one more time|"
    r"allow|keep|switch|show|write|add|louder|slower)\b"
)
_WANTS = re.compile(
    r"^(?:(?:i|we)(?: would| will| am going to| might| may| still| only| rather| much| also)* "
    r"(?:like|love|want|wanted|wish|need|prefer|rather|have to|must|should|had better|ought to|"
    r"intend|do not want|would not|not want|not wish|not like|will have to)\b|i (?:would|will)\b|"
    r"let (?:me|us)\b|allow me\b)"
)
_ALONG = re.compile(
    r"(?:or|something about|something with)\b|(?:it )?is (?:it )?(?:possible|okay|ok|allowed)$|"
    r"(?:and |so )?what (?:do|should|can|shall) (?:i|we) do(?: now)?$|"
    r"(?:are|am|is|do|does|did|can) (?:you|i|it|this|that)$"
)
"""Words that only go along with what is asked beside them."""

_DOUBTS = re.compile(r"^i (?:can not say|do not know|could not say|would say|can not tell)\b")
"""Words of somebody who is not sure of the own answer, which no question mark makes a question."""

_INDIRECT = re.compile(
    r"\b(?:do you know|tell me|(?:like|want|wanted|love|need) to (?:know|ask|find out)|wondering|"
    r"curious|may i know|can i ask|could i ask|let me ask|and after|"
    r"question (?:was|is) (?:what|how))\b"
)
"""Words that make a question of the clause they stand in."""
_PLEASE = re.compile(r"\bplease\b")
_HERE = re.compile(
    r"\b(?:questions?|answer(?:s|ed|ing)?|hear|heard|listen(?:ing)?|mic|microphone|sound|audio|"
    r"line|voice|camera|video|interview|english|language|word|understand|understood|minutes?|"
    r"moments?|seconds?|time|think|thinking|thoughts|example|notes|phone|bell|doorbell|door|child|"
    r"baby|kids?|dog|muted?|unmuted?|today|dressed|froze|frozen|connection|connected|screen|internet|wifi|sorry|blank|talking|"
    r"speaking|sentence|nervous|accent|personal|private|distracted|job|position|company|role|"
    r"robot|machine|computer|appointment|bus|train|recorded|data|finished|done|mistake|wrong|"
    r"tricky|hard|tough|difficult|confused|lost you|cut(?:ting)? out|broke up|add|mention|"
    r"said|missed|caught|forgot|remember(?:ed)?|asked|nothing|toilet|bathroom|quiet|noise|noisy|"
    r"neighbou?rs?|headphones|headset|laptop|browser|page|app|battery|water)\b"
)
_TALE = re.compile(
    r"\b(?:they|he|she|them|him|her|his|their|we had|we were|we did|us|our|customers?|clients?|"
    r"guests?|patients?|users?|team|project|colleagues|boss|says|asks|tells|told (?!you)\w+|"
    r"always|usually|often|sometimes|never|every|everybody|everyone|years?|months?|weeks?|once|"
    r"used to|built|made (?!a mistake|an error)|learned|worked|decided|went|came|found|took|became|"
    r"i ask|i say|i was the|thousand|times|managed|led|developed)\b"
)
_TOLD = re.compile(
    r"\b(?:they|he|she|them|him|her|his|their|our|ours|who|which|nobody|everybody|everyone|"
    r"somebody promises|customers?|clients?|guests?|patients?|users?|students?|vendor|teams?|"
    r"projects?|colleagues?|school|thesis|exam|migration|release|meetings?|workshop|servers?|"
    r"machines? was|deadlines?|orders|research|conference|version of|databases?|testing|tests|"
    r"production|offices|always|usually|often|sometimes|never|every|each|once|years?|months?|weeks?|"
    r"days?|day one|yesterday|used to|learned|decided|went|came back|found|took|became|built|"
    r"station|announcements|laptop was|table|queue|query|whole time|whole team|happened|happy|"
    r"norm\w+|because we|we (?!have (?:\w+ )?(?:covered|talked|discussed|been|had|done|gone)|"
    r"(?:already )?(?:talked|covered|discussed|spoke)|can|should|could|stop|end|finish)\w+|"
    r"as before|safety|code|value|skill|wife|husband|children|dropped|knew|until (?!i)|than|"
    r"(?:when|if|before|after|until|that) (?:i|we|it|somebody|something|people) (?!.*\byou\b)"
    r"(?!answer|reply|start|go on|finish|can|am|may|could|continue|begin|say|respond|speak|talk))\b"
)
"""Words of what is told: in a statement or a wish they make it no request."""

_FIRST = re.compile(
    r"(?:i|my|it|there|that|this|you|your|the|someone|somebody|something|of|ask|speak|be|do not)\b"
)
MAX_NEAR, MAX_FRAGMENT = 9, 3
"""Numbers of words, at most, of a clause and of a mere fragment that stand near a question."""

MAX_BESIDE = 14
"""Number of words, at most, of what stands beside a request and is about this talk."""


def clauses_of(text: str) -> list[Clause]:
    """Return the clauses of an utterance; none where it is too long to be a request."""
    parts = parts_of(text)
    plain = [_plain(part) for part in parts]
    later = [*plain[1:], ""][: len(parts)]
    return [
        _clause(part, words, is_tag(after) and parts[place + 1].endswith("?"))
        for place, (part, words, after) in enumerate(zip(parts, plain, later, strict=True))
        if not (place and is_tag(words))
    ]


def bare(text: str) -> str:
    """Return plain words with their short forms in full, without fillers and politeness."""
    words = _plain(text)
    for pattern, whole in _SHORT:
        words = pattern.sub(whole, words)
    words = " ".join(_FILLERS.sub(" ", words).split())
    for _ in range(2):
        words = _LEAD.sub("", f"{words} ").strip()
        words = _POLITE.sub("", f"{words} ").strip()
    return words


def _clause(part: str, plain: str, tagged: bool) -> Clause:
    words = bare(part)
    force = Force.ASK if tagged else _force(part, plain, words)
    return Clause(
        words,
        force,
        not words or _beside(plain, words),
        _near(words),
        goes_along(plain) or _ALONG.match(plain) is not None,
        force in (Force.STATE, Force.WISH) and _TOLD.search(words) is not None,
    )


def _force(part: str, plain: str, words: str) -> Force:
    if _ORDERS.match(words) and not part.endswith("?"):
        return Force.ORDER
    if _DOUBTS.match(words):
        return Force.STATE
    if part.endswith("?") or _ASKS.match(words) or _INDIRECT.search(plain):
        return Force.ASK
    if _WANTS.match(words):
        return Force.WISH
    return Force.ORDER if _PLEASE.search(part.lower()) else Force.STATE


def _beside(plain: str, words: str) -> bool:
    """Tell whether a clause may stand beside a request: an excuse, or a word about this talk."""
    if is_excuse(plain):
        return True
    return (
        len(words.split()) <= MAX_BESIDE
        and _HERE.search(words) is not None
        and _TALE.search(words) is None
        and _TOLD.search(words) is None
    )


def _near(words: str) -> bool:
    """Tell whether a clause is short and tells nothing of another place or time."""
    many = len(words.split())
    return (
        many <= MAX_FRAGMENT or (many <= MAX_NEAR and _FIRST.match(words) is not None)
    ) and not (_TALE.search(words) or _TOLD.search(words))


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w' ]+", " ", text.lower().replace("\u2019", "'")).split())
