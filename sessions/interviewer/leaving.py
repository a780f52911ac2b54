"""Leaving: whether somebody says that they want the interview to end, however long they talk.

It is asked where an interviewer closes the talk by itself, so only a certain wish counts: a clause
of their own, now, about this talk. Wanting to leave a company, what somebody else said, what used
to be and what would be if, are answers. The patterns are English.
"""

import re

_END = (
    r"(?:stop|end|finish|quit|leave(?! it\b| that\b)|terminate|cancel|abort|wrap (?:it |this |"
    r"things )?up|"
    r"break (?:it |this )?off|discontinue|conclude|close)"
)
_TALK = (
    r"(?:the|this|our|my) (?:interview|call|conversation|session|talk|chat|meeting|application|"
    r"process)"
)
_HERE = (
    rf"(?: (?:it|this|that|here|now|right now|right here|today|for today|for now|early|"
    rf"at this point|immediately|please|then|altogether|soon|talking|this here|{_TALK}|"
    rf"with {_TALK}|the whole thing|all this))*"
)
_AT_THIS = rf"(?: (?:it|this|here|there|now|right now|today|at this point|{_TALK}))"
"""What a wish to stop is about where "stop" alone could be about anything."""

_GO = (
    r"(?:go|leave|run|drop|drop off|hang up|be off|head out|log off|rush|get going|get off|be "
    r"going)"
)
_WHY = (
    r"(?:(?: (?:now|right now|please|soon|today|here|already|immediately|sorry|i'm afraid|"
    r"unfortunately|early|this call|the call|this interview|the interview|in (?:a|one|two|five|"
    r"ten) "
    r"(?:minute|minutes|second|seconds|moment)|(?:to|for|into|in) (?:a|an|my|another|the next) "
    r"(?:\w+ )?(?:meeting|appointment|doctor|dentist|train|bus|flight|call|shift|class|lecture)|"
    r"(?:to )?(?:catch|pick up|get|fetch) (?:a|my|the) (?:\w+ )?(?:train|bus|flight|plane|taxi|kid|"
    r"kids|son|daughter|child|children)))+)?(?: (?:because|since|as|so|and) .*)?"
)
_WANT = (
    r"i(?: (?:really|just|actually|do|honestly|simply|definitely|rather|now|also))*"
    r"(?:(?: would|'d)(?: really| rather)? (?:like|prefer|love)(?: to| it if we)?|(?:'d| would) "
    r"rather|(?:'ve| have)(?: really)? (?:got )?to|(?:'ve)? ?gotta|(?:'ve)? got to| want to| want| "
    r"wanna| need to| must| should| ought to| wish to|(?:'m| am) going to|(?:'m| am) gonna| think "
    r"(?:i|we) (?:should|must|have to|need to|better))(?: really| just| now)*"
)
_MORE = (
    r"(?: (?:any ?more|any longer|any further|now|today|here|please|with this|like this|further))*"
)

_ASKS_TO_LEAVE = re.compile(
    "|".join(
        (
            rf"(?:can|could|may|shall|should|might) (?:we|i)(?: please| just| maybe| perhaps)* "
            rf"{_END}{_HERE}",
            rf"(?:let's|let us|lets)(?: please| just| maybe)* {_END}{_AT_THIS}{_HERE}",
            rf"let's {_END}",
            rf"{_WANT} {_END}{_AT_THIS}{_HERE}{_WHY}",
            rf"{_WANT} {_GO}{_WHY}",
            rf"{_WANT} (?:stop|end|finish|quit){_HERE}{_WHY}",
            rf"{_WANT} (?:withdraw|cancel|take back)(?: {_TALK}| from .*)?",
            rf"i(?:'m| am)? (?:withdraw|withdrawing)(?: {_TALK}| from .*)?",
            r"i (?:don't|do not|no longer|really don't|wouldn't like to)(?: really| even)? (?:want|"
            r"wish|feel like|like)?(?: to)? ?(?:go on|going on|continue|continuing|do this|carry "
            r"on|"
            rf"proceed|talk|talking|be interviewed|answer(?: any)?(?: more)? questions){_MORE}"
            rf"(?: with {_TALK})?{_WHY}",
            r"i (?:can't|cannot|can no longer|won't|will not)(?: really)? (?:go on|continue|stay|"
            r"do "
            rf"this|carry on|proceed|keep going){_MORE}(?: with {_TALK})?{_WHY}",
            r"i(?:'m| am) (?:not|no longer)(?: really)? (?:interested|going to continue|going on)"
            rf"(?: in (?:this|the|your) ?(?:job|position|role|interview|company)?)?{_MORE}",
            r"i(?:'m| am) (?:done|finished|through) (?:here|with (?:this|the) (?:interview|call|"
            r"conversation|talk)|for today|talking)",
            r"(?:we're|we are|i think we're|i think we are) (?:all )?(?:done|finished)(?: here| "
            r"now)*",
            r"i(?:'m| am) (?:leaving|hanging up|going to hang up|off|logging off|out)(?: now| "
            r"here)*",
            r"i(?:'ll| will)(?: just)? (?:hang up|leave|stop|end)(?: (?:it|here|now|this|the call|"
            r"the "
            r"interview|there|at this point))+",
            r"(?:i(?:'ll| will)|(?:can|may|could|should) i)(?: just| please)? hang up(?: now)?",
            r"(?:i(?:'ve| have) changed my mind|i (?:don't|do not) (?:want|need) (?:the|this|"
            r"that) (?:job|position)(?: any ?more)?)",
            r"(?:is it|would it be|is that) (?:okay|ok|all right|possible|fine) (?:to|if we|if i) "
            rf"{_END}{_HERE}",
            rf"(?:do|would) you mind if (?:we|i) (?:{_END}|stopped|ended|left){_HERE}",
            rf"how (?:do|can) i (?:end|stop|leave|quit|cancel){_HERE}",
            r"(?:can|could|may|shall) (?:we|i)(?: please)? (?:do|continue|finish|have|hold|move|"
            r"reschedule|postpone|go on|talk|resume)(?: (?:this|it|with this|the rest|that|the "
            r"interview|again))* ?(?:(?:another|some other|a different) (?:time|day)|later|"
            r"tomorrow|"
            r"next week)",
            r"(?:can|could|may) (?:we|i)(?: please)? (?:reschedule|postpone)(?: this| it| the "
            r"interview)*",
            r"let's (?:do|continue|finish|have|reschedule|postpone)(?: (?:this|it|the "
            r"interview))* ?"
            r"(?:(?:another|some other) (?:time|day)|later|tomorrow)?",
            r"let's call it a day|that's enough (?:for (?:today|me)|now|of this|questions)|"
            r"(?:enough|i've had enough)(?: of this)?",
            r"(?:thank you |thanks )?(?:and )?(?:good ?bye|bye(?: bye)?)(?: (?:now|then|and thank "
            r"you|and thanks))*",
            r"(?:this|it)(?:'s| is) not (?:for me|a good time(?: now)?|the right time)"
            r"(?: and (?:i (?:want|would like|'d like) to stop))",
        )
    )
)
_ORDERS = re.compile(
    rf"(?:please )?(?:stop|end|finish|terminate|cancel|quit|close) (?:{_TALK}|this now|it here|"
    rf"it now){_HERE}|"
    r"(?:please |just )+stop(?: here| now| this| it| asking(?: me)?(?: questions)?| please)*|"
    r"stop (?:here|now|this|asking(?: me)?(?: questions)?)(?: now| please)*"
)
_LEAD = re.compile(
    r"(?:(?:uh+|um+|er+|hm+|oh|ah|okay|ok|well|so|and|but|no|yes|yeah|sorry|please|actually|"
    r"i'm (?:so |very |really )?sorry|i am sorry|excuse me|hello|hi|listen|look|unfortunately|"
    r"honestly|to be honest|i think(?: that)?|i guess|i'm afraid(?: that)?|i am afraid(?: that)?|"
    r"maybe|perhaps|you know(?: what)?|thank you|thanks|now|then|because|since|"
    r"i just (?:realised|realized|noticed)(?: that)?|as i said|like i said|if (?:you don't mind|"
    r"possible|that's (?:okay|ok|all right|fine)|it's (?:okay|ok|all right)|i may)|anyway|"
    r"if it's all the same to you|in that case|with that|right|all right) )+"
)
_TRAIL = re.compile(
    r"(?: (?:please|sorry|thanks|thank you|okay|ok|i'm sorry|i'm afraid|unfortunately|if (?:you "
    r"don't"
    r" mind|that's (?:okay|ok|all right|fine)|possible|i may)|you know|really|actually|"
    r"all right|then|is that (?:okay|ok|all right)))+$"
)
_NOT_THEIRS = re.compile(
    # Somebody else's words, a thought of then, a condition, a habit: behind it is no wish of now.
    r"\b(?:said|say|says|saying|told|tell|tells|asked|asks|thought|thinks|wrote|replied|answered|"
    r"decided|realised|realized|felt|shouted|like|goes|if|when|whenever|unless|until|every|each|"
    r"always|usually|often|sometimes|never|used|once|they|he|she|who|which|where|imagine|suppose|"
    r"rule|motto|question|whether)\b"
)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n")
_CLAUSE = re.compile(
    r"\s*[,;:–—]\s*|\s+-\s+|\s+(?:and|but|so|because)\s+(?=i\b|let's\b|can\b|could\b)"
)
NEAR_THE_END = 3
"""Number of sentences, counted from the last, in which a wish stands: behind it one says why, and
thanks."""


def wants_to_leave(text: str) -> bool:
    """Return whether an utterance, however long, says that the speaker wants the talk to end."""
    sentences = [part for part in _SENTENCE.split(text.strip()) if _plain(part)]
    return any(_has_wish(sentence) for sentence in sentences[-NEAR_THE_END:])


def _has_wish(sentence: str) -> bool:
    """Return whether a clause of a sentence is a wish, and what is before it lets it be one."""
    before = ""
    for clause in _CLAUSE.split(sentence):
        words = _plain(clause)
        certain = not _NOT_THEIRS.search(_without_lead(before))
        if certain and (_is_wish(words) or (not _without_lead(before) and _is_order(words))):
            return True
        before = f"{before} {words}".strip()
    words = _plain(sentence)
    return _is_wish(words) or _is_order(words) or _ends_in_wish(words)


def _is_wish(words: str) -> bool:
    bare = _TRAIL.sub("", _without_lead(words))
    return any(_ASKS_TO_LEAVE.fullmatch(one) for one in (words, bare))


def _is_order(words: str) -> bool:
    """Return whether words tell the listener to end: "stop" may be one of many steps of a tale."""
    bare = _TRAIL.sub("", _without_lead(words))
    return any(_ORDERS.fullmatch(one) for one in (words, bare))


def _without_lead(words: str) -> str:
    lead = _LEAD.match(f"{words} ")
    return words[lead.end() :] if lead else words


def _ends_in_wish(words: str) -> bool:
    """Return whether words without any comma end with "i have to go now", or its like."""
    found = _LAST_WISH.search(words)
    return found is not None and not _NOT_THEIRS.search(_without_lead(words[: found.start()]))


_LAST_WISH = re.compile(
    rf"\b{_WANT} (?:go|leave|hang up|stop|end (?:it|this|{_TALK}))(?: right)? (?:now|here)"
    r"(?: sorry| thank you| thanks| please| bye| goodbye)*$"
)


def _plain(text: str) -> str:
    """Return a text in lower case, with straight apostrophes and no other marks."""
    text = text.lower().replace("\u2019", "'")
    return " ".join(re.sub(r"[^\w' ]+", " ", text).split())
