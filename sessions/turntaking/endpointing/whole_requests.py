"""Whole requests: what is said to the interviewer and waits for a reply, however short it is.

A request, a question back, "I don't know" and "that's all" are complete: nobody who has said one of
them goes on with the answer. They are told from answers by their form, since an answer tells, and
these ask or refuse. The forms are English; `pause_rules` decides how long to wait.
"""

import re

from sessions.turntaking.endpointing.utterance_end import (
    DANGLING_LAST,
    FILLERS,
    NEVER_LAST,
    words_of,
)

MAX_WORDS = 24
"""Words above which one sentence is taken for an answer, whatever it asks."""

MIN_WORDS = 3
"""Words of a question below which more is to come ("Can I?")."""

ENDING = frozenset("like so well".split())
"""Fillers with which a question may end ("What does the team look like?")."""

_LEAD = re.compile(
    r"(?:(?:uh+|um+|uhm|er|erm|hm+|oh|ah|okay|ok|right|well|so|and|but|yes|yeah|no|sorry|please|"
    r"actually|honestly|to be honest|hello|hi|hey|wait|hang on|hold on|stop|excuse me|pardon me|"
    r"pardon|i'm sorry|i am sorry|my apologies|apologies|one moment|one second|just a second|"
    r"just a moment|good question|that's a good question|thank you|thanks)\s+)+"
)
"""What stands in front of a request, within a sentence or as one of its own."""

_ADDRESSED = re.compile(
    r"(?:can|could|would|will|may|might|shall|should|do|did|does|are|is|have|has|was|were|am)\s+"
    r"(?:you|i|we|it|that|this|the|there|your|my|anybody|anyone|somebody)\b.*|"
    r"(?:can't|couldn't|won't|isn't|aren't|don't|didn't)\s+(?:you|i|we|it|that)\b.*"
)
"""A question that begins with its verb."""

_WH = re.compile(
    r"(?:what|who|whom|whose|where|when|why|how|which|in what|in which|for what|about what|of what|"
    r"at what|on what|with what)\b.*"
)

_TOLD = re.compile(
    r"(?:what|how|why|where|when|who)\s+(?:did|do|could|should|would|was|were)\s+"
    r"(?:we|i|they|he|she)\b.*"
)
"""A question that a story puts to itself ("So what did we do?")."""

_THAT = r"(?:that|it|this|the question|your question|this question|that question|the last part)"
_MORE = r"(?: again| once more| one more time| please| for me| a little| a bit| slower| faster)*"

_NOW = r"| right now| just now| at the moment| offhand| off the top of my head"

_WHOLE = re.compile(
    r"(?:"
    rf"(?:(?:can|could|would|will) you (?:please )?)?(?:repeat|say|rephrase|explain|clarify|reword|"
    rf"read|ask|simplify|put)(?: {_THAT})?(?: (?:differently|in other words|another way))?{_MORE}|"
    r"(?:(?:can|could|would) you )?(?:please )?(?:speak|talk|go)(?: a (?:little|bit))?(?: more)? "
    r"(?:slower|slowly|faster|quicker|quickly|louder|up|softer|clearly)(?: please)?|"
    r"(?:(?:can|could) you )?(?:please )?slow down(?: a (?:bit|little))?(?: please)?|"
    r"(?:(?:a (?:bit|little)|much) )?(?:slower|faster|louder)(?: please)?|not so fast(?: please)?|"
    r"you(?:'re| are) (?:talking |speaking |going )?too (?:fast|slow|quiet|loud)(?: for me)?|"
    r"(?:can|could|may|shall) (?:we|i) (?:please )?(?:skip|pass|move on|go on|stop|pause|go back|"
    rf"take a break|have a break)(?: {_THAT}| here| now| this one| to the next(?: one| question)?)?"
    r"(?: please)?|"
    r"(?:please )?(?:skip|pass|next|next question|next one|skip it|skip this(?: one| question)?|"
    r"skip that(?: one| question)?|move on|let's (?:move on|go on|skip (?:it|this|that)(?: one)?))"
    r"(?: please)?|"
    r"(?:sorry|pardon|what|huh|come again|again|once more|one more time|what was that)"
    r"(?: please)?|"
    r"i (?:didn't|did not|couldn't|could not|can't|cannot|don't|do not) "
    rf"(?:quite |really |fully )?(?:catch|hear|get|understand|follow)(?: {_THAT}| you| what you (?:"
    r"mean|said|meant)| the (?:first|second|last) part)?(?: sorry)?|"
    r"what was the question(?: again)?|what do you mean(?: by that)?|"
    r"(?:i )?(?:really |honestly |just )?(?:(?:don't|do not) (?:know|remember|recall)|"
    r"(?:can't|cannot|couldn't) (?:remember|recall|say|tell))"
    rf"(?: that| it| the answer| sorry| honestly| really{_NOW})*|"
    r"(?:i(?: have|'ve)(?: got)? )?(?:no idea|no clue)(?: sorry| really| honestly)*|dunno|"
    r"i(?:'m| am) not (?:really |so |quite )?sure|"
    r"i(?:'d| would) rather not(?: say| answer(?: that)?)?|"
    r"i (?:can't|cannot|couldn't) (?:really )?(?:answer|think of (?:anything|one|any))"
    rf"(?: that{_NOW})*|nothing (?:comes|springs) to mind(?:{_NOW})*|"
    rf"not that i (?:know(?: of)?|remember|can (?:think of|remember|recall))(?:{_NOW})*|"
    r"i have nothing to add|nothing (?:more|else|to add)(?: to add)?"
    r")"
)
"""Requests and refusals that are all of what is said; the transcriber may have heard no end."""

_DONE = re.compile(
    r"(?:(?:so|and|yeah|yes|well|okay|i think|i guess|i would say|um|uh)\s+)*"
    r"(?:that's|that is|that would be|this is)\s+(?:about |basically |pretty much |really )?"
    r"(?:all|it|everything|my answer|that|all i (?:have|can say|know|wanted to say|can think of))"
    r"(?: from me| for now| really| i think| basically| so far| from my side)*|"
    r"(?:so |and )?(?:i'm|i am) (?:done|finished)|"
    r"(?:that's )?the end of (?:my|the) (?:story|answer)"
)
"""Said behind an answer: it is over."""

_SENTENCES = re.compile(r"(?<=[.!?])\s+")
_MARKED = re.compile(r"[^\w' ]+")


def is_whole_request(text: str) -> bool:
    """Tell whether `text` is all of what somebody wants to say, and wants a reply."""
    sentences = [part for part in _SENTENCES.split(text.strip()) if words_of(part)]
    if not sentences or text.rstrip().endswith("..."):
        return False
    last = _plain(sentences[-1])
    clause = _plain(sentences[-1].rpartition(",")[2])
    if _DONE.fullmatch(last) or _DONE.fullmatch(clause):
        return True
    before = " ".join(_plain(part) for part in sentences[:-1])
    alone = not before or _LEAD.fullmatch(f"{before} ") is not None
    bare = _LEAD.sub("", f"{last} ", count=1).strip() if _LEAD.match(f"{last} ") else last
    if alone and (_WHOLE.fullmatch(bare) or _WHOLE.fullmatch(last)):
        return True
    return sentences[-1].rstrip("\"')”’ ").endswith("?") and _asks_back(bare, alone=alone)


def _asks_back(bare: str, *, alone: bool) -> bool:
    """Tell whether a sentence with a question mark is a whole question to the interviewer."""
    words = words_of(bare)
    if not MIN_WORDS <= len(words) <= MAX_WORDS or words[-1] in NEVER_LAST | (FILLERS - ENDING):
        return False
    wh = _WH.fullmatch(bare) is not None
    if not wh and (words[-1] in DANGLING_LAST - {"this", "that"}):
        return False
    if _TOLD.fullmatch(bare) or not (wh or _ADDRESSED.fullmatch(bare)):
        return False
    return alone or not {"you", "your", "question"}.isdisjoint(words)


def _plain(text: str) -> str:
    """Return a sentence in lower case, without its marks."""
    return " ".join(_MARKED.sub(" ", text.lower().replace("\u2019", "'")).split())
