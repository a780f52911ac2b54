"""Intents: what a candidate asks for with an utterance, found by patterns, without a model.

Only short utterances that are a request as a whole count as one; within a longer answer the same
words ("I don't know whether ...") are part of the answer. The patterns are English.
"""

import re
from enum import StrEnum


class Intent(StrEnum):
    """Intent of an utterance: what it asks for."""

    ANSWER = "answer"  # none of the others
    NOTHING = "nothing"  # no words at all
    WAIT = "wait"  # time to think, or only a filler
    REPEAT = "repeat"
    REPHRASE = "rephrase"
    SKIP = "skip"  # does not know, or wants the next question
    STOP = "stop"  # wants to end the interview, and says so
    MAY_STOP = "may_stop"  # perhaps: asks whether to stop, or only says a word of leaving
    SLOWER = "slower"
    FASTER = "faster"
    PRESENCE = "presence"  # is anybody there?
    PERMISSION = "permission"  # may I ...?
    QUESTION = "question"  # a question of the candidate's own
    YES = "yes"
    NO = "no"


MAX_REQUEST_WORDS = 16
"""Number of words above which an utterance is taken for an answer, whatever it holds."""

MAX_QUESTION_WORDS = 30
"""Number of words above which a sentence is taken for no question of the candidate's own."""

_FILLERS = re.compile(
    r"\b(uh+|um+|uhm+|hm+|mm+|er+|erm|ah+|oh|well|okay|ok|so|please|yeah|right|now|just|actually|"
    r"sorry but|thanks|thank you|i think|maybe)\b",
    re.IGNORECASE,
)

_THAT = r"(that|it|this|the question|your question|that question|this question|this one|that one)"
_YOU = r"(can|could|would|will) you( please| maybe| possibly)?"
_AGAIN = r"( again| once more| one more time| for me| a little| please)*"
_A_BIT = r"( a (little|bit)( bit)?| much| slightly)?"
_PART = (
    r"(first|second|third|last|other|next|middle|beginning|end|start|rest)"
    r"( (part|half|bit|one|thing|question|word|words|point|sentence|few words|section))?"
)
_HERE = (
    r"( it| this| that| here| now| today| there| the interview| this interview| the call| then)*"
)

_WHOLE: tuple[tuple[Intent, str], ...] = (
    (
        Intent.STOP,
        r"((can|could|may|shall|should) we |let'?s )?"
        r"(stop|end|finish|terminate|quit|cancel) (the|this|our) (interview|call|conversation)"
        rf"{_HERE}|"
        r"i(( would|'d) like| want| need| have| must| wish)( to)? (stop|end|finish|quit|leave|go)"
        rf"{_HERE}",
    ),
    (
        Intent.MAY_STOP,
        rf"((can|could|may|shall|should) we (stop|end|finish|quit)|let'?s (stop|end|finish|quit)|"
        rf"stop|goodbye|good bye|bye|bye bye|i('m| am) (done|finished)){_HERE}",
    ),
    (
        Intent.SLOWER,
        r"((a (little|bit)( bit)?|much|slightly) )?(more )?(slower|slowly)|"
        r"not (so )?(fast|quick|quickly)( please)?|"
        rf"({_YOU} |sorry |would you mind )*"
        rf"(repeat|say|read|ask|speak|talk|go|put|speaking|talking|going|repeating|saying)"
        rf"( {_THAT})?( again| once more| one more time)?{_A_BIT}( more)? (slower|slowly)"
        rf"( .{{0,20}})?|"
        rf"({_YOU} |would you mind )?slow(ing)? (it )?down{_A_BIT}( .{{0,20}})?|"
        r"(sorry )?(you('re| are) |you (speak|talk|go) |(that|it|this)( is|'s| was) )?"
        r"(speaking |talking |going )?(too|very|so|a bit|a little) (fast|quick|quickly)"
        r"( for me)?",
    ),
    (
        Intent.FASTER,
        r"((a (little|bit)( bit)?|much|slightly) )?(faster|quicker|more quickly)|"
        rf"({_YOU} |you (can|may) )?(speak|talk|go){_A_BIT}( more)? (faster|quicker|quickly)"
        rf"( .{{0,20}})?|"
        rf"({_YOU} |you (can|may) )?(speak|talk) (normally|at (a )?normal (speed|pace))( again)?|"
        rf"({_YOU} )?speed up( .{{0,20}})?|"
        r"(you('re| are) )?(speaking |talking |going )?(too|very|so) (slow|slowly)( for me)?",
    ),
    (
        Intent.REPEAT,
        rf"((sorry|pardon|excuse me|what|huh|come again|repeat|again)( me)?( |$))+|"
        rf"(i'?m )?(sorry |pardon )?(me )?{_YOU} (repeat|say|read|ask)( {_THAT})?{_AGAIN}|"
        rf"(sorry )?(repeat|say) {_THAT}{_AGAIN}|(i beg your pardon)|"
        rf"(i'?m )?(sorry )?(but )?i (didn'?t|did not|couldn'?t|could not) "
        rf"(quite |really )?(catch|hear|get) ({_THAT}|you|what you said)( .{{0,40}})?|"
        rf"(sorry )?(what was|what were|what'?s) (the|your|that) (question|last question)( again)?|"
        rf"(sorry )?what did you (say|ask)( me)?( again)?|one more time|once more|"
        rf"(sorry )?i missed {_THAT}( .{{0,40}})?|"
        rf"((what|which) (was|is|were) )?the {_PART}( of {_THAT})?( again| please)*|"
        rf"{_YOU} (repeat|say|read|tell me) (me )?(only |just )?the {_PART}( of {_THAT})?{_AGAIN}|"
        rf"i (only |just )?(heard|got|caught|understood|missed|forgot|lost|"
        rf"didn'?t (get|hear|catch))"
        rf" (only )?(the )?(half|{_PART})( of {_THAT})?( .{{0,20}})?|"
        rf"(i (forgot|lost|have forgotten|don'?t remember) |what was )(the question|what you asked|"
        rf"what the question was|your question)( again)?|you (broke up|cut out|were gone)"
        rf"( .{{0,30}})?|(what|where) were (we|you)( talking about| saying)?( again)?|"
        rf"(would|do) you mind (repeating|saying)( {_THAT})?{_AGAIN}|"
        rf"(can|could|may) i (please )?(hear|have|get) {_THAT}( again| once more| one more time)+",
    ),
    (
        Intent.REPHRASE,
        rf"(sorry )?what (do|did) you mean( .{{0,60}})?|"
        rf"(sorry )?i (don'?t|do not|didn'?t|did not) (quite |really )?(understand|follow)"
        rf"( {_THAT}| you| what you mean| .{{0,40}})?|"
        rf"(i'?m )?not sure (i|if i|what you|that i) (understand|understood|follow|mean)( .*)?|"
        rf"{_YOU} (rephrase|explain|clarify|reword|simplify)( .{{0,60}})?|"
        rf"{_YOU} (put|say|ask|phrase) {_THAT} (differently|(in )?another way|in other words)|"
        rf"{_YOU} give (me |us )?an example( .{{0,40}})?|"
        rf"what does (.{{1,40}}) mean|in what sense|(how|what) do you mean( {_THAT})?",
    ),
    (
        Intent.SKIP,
        r"(sorry )?i (really |honestly )?(don'?t|do not) know"
        rf"( {_THAT}| the answer| about .{{0,40}})?|"
        r"(sorry )?(i (have|'ve got|got) )?no (idea|clue|answer)( .{0,30})?|"
        r"(i'?m )?(really )?not sure|i can'?t (answer|think of)( .{0,40})?|pass|"
        r"(can|could|may|shall) (we|i|you) (please )?(skip|pass|move on|go on)( .{0,40})?|"
        r"(let'?s |i(( would|'d) (like|rather)| want)( to)? )?(skip|pass on|move on)( .{0,40})?|"
        r"(the |let'?s (go|move) to the |go to the )?next( question| one)( please)?|"
        r"i('d| would) (rather|prefer)( to)? not( .{0,40})?|nothing comes to mind|"
        rf"(can|could|may) (we|i) come back to {_THAT}( later)?",
    ),
    (
        Intent.WAIT,
        rf"({_YOU} )?(please )?(give|allow) me (a|one|another|some|just a) "
        r"(moment|second|minute|sec|bit|time|little|few)s?( .{0,40})?|"
        r"(let|lemme) ?(me)? (think|see|remember)( .{0,40})?|lemme (think|see)( .{0,40})?|"
        r"(just )?(one|a) (moment|second|minute|sec)( .{0,30})?|(hold|hang) on( .{0,30})?|wait( "
        r".{0,20})?|"
        r"(can|could|may) i (have|take|get|think) (a|one|about|for|some)( .{0,40})?|"
        r"i('m| am) (still )?thinking( .{0,30})?|i need (a|some|one) (moment|second|minute|time)"
        r"( .{0,30})?|(that'?s )?(a )?good question|let me have a think|"
        r"((can|could|may) (we|i) (have|take) a|i need a) (short |quick |little )?break( .{0,30})?|"
        r"(can|could|may) we pause( .{0,30})?",
    ),
    (
        Intent.PRESENCE,
        r"(hello )?(are you|is anyone|is anybody|anyone|anybody) (still )?there( .{0,20})?|"
        r"hello|hi|"
        r"(hello )?(can|do|could) you (still )?hear me( .{0,20})?|is this( thing)? (on|working)",
    ),
    (
        Intent.YES,
        r"(yes|yep|yeah|sure|of course|certainly|go ahead|please do|fine|absolutely|yes yes|"
        r"yes sure|yes of course|that'?s fine|i do|yes i do|yes i have|i have)",
    ),
    (
        Intent.NO,
        r"(no )*(no|nope|not really|nothing|none|not (at the moment|yet|right now)|questions|"
        r"i('m| am) (good|fine|okay)|(i think )?that('s| is) (all|it|everything|fine|okay)|"
        r"(i )?(don'?t|do not)( have (any|more|a)( .{0,30})?| think so)?|no (more )?questions|"
        r"i (have|'ve got) (no|nothing|none)( .{0,30})?|(all|everything)( is)? (clear|good))"
        r"( .{0,12})?",
    ),
)
_PATTERNS = tuple((intent, re.compile(rf"(?:{pattern})")) for intent, pattern in _WHOLE)

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
            if (found := _whole(candidate)) is not None and found is not Intent.WAIT:
                return found
        rest = _peeled(text)
        if rest and (found := _whole(rest)) is not None:
            return found
        for candidate in (plain, bare):
            if _whole(candidate) is Intent.WAIT:
                return Intent.WAIT
    asked = _without_interjections(text)
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
