"""How the words of an answer end.

Could they be all, or does the sentence want more?

Whisper closes half a sentence with a full stop as soon as sound ceases, and writes "it" or "end"
for an "a" or an "and" that nothing follows. These rules look for what English grammar leaves open
all the same. They are about wording only; `pause_rules` decides how long to wait.
"""

import re
from enum import StrEnum


class Ending(StrEnum):
    """How the words so far end."""

    UNKNOWN = "unknown"  # no words yet
    THINKING = "thinking"  # asks for time, aloud
    FILLER = "filler"  # trails off: um, well, so
    OPEN = "open"  # a word that needs another after it: and, because, the, to
    DANGLING = "dangling"  # the same kind of word, with an end of a sentence after it
    UNPUNCTUATED = "unpunctuated"  # the transcriber heard no end of a sentence
    POINTING = "pointing"  # a pronoun where Whisper may have missed an article
    FRAGMENT = "fragment"  # a beginning without a verb, after a whole sentence
    COUNTING = "counting"  # digits or letters one by one
    COMPLETE = "complete"  # could be all


def ending_of(text: str, expects: str = "") -> Ending:
    """Return how `text` ends; `expects` is the plan's shape of the answer."""
    words = words_of(text)
    if not words:
        return Ending.UNKNOWN
    tail = " ".join(words[-8:])
    if any(tail.endswith(phrase) for phrase in THINKING_PHRASES):
        return Ending.THINKING
    last = words[-1]
    if last in FILLERS or _pair(words) in FILLER_PAIRS or words == ["huh"]:
        return Ending.FILLER
    closed = _is_closed(text)
    if expects in ("number", "spelling") and _counts(words):
        one_number = expects == "number" and closed and not _counts(words[:-1])
        if not one_number:
            return Ending.COUNTING
    denied = closed and _pair(words) in DENIALS
    if (
        (last in NEVER_LAST and not denied)
        or (last in SELDOM_LAST and not closed)
        or _misheard_and(words)
    ):
        return Ending.OPEN
    if _dangles(words, _last_sentence(text), expects):
        return Ending.DANGLING
    if expects not in BRIEF and _is_fragment(text):
        return Ending.FRAGMENT
    if len(words) > 2 and (last in OBJECTS or (words[-2] in GIVING and last in RECEIVERS)):
        return Ending.POINTING
    named = expects == "short" and len(words) <= MAX_NAME_WORDS
    named |= expects == "yes_no" and words[0] in YES_NO_WORDS and len(words) <= MAX_YES_NO_WORDS
    return Ending.COMPLETE if closed or named else Ending.UNPUNCTUATED


def words_of(text: str) -> list[str]:
    """Return the words of `text` in lower case; "52,000" is one."""
    return _WORD.findall(_GROUPING.sub("", text.lower()))


def sentences_in(text: str) -> int:
    """Count the sentences that the transcriber has closed in it."""
    return len([part for part in _SENTENCES.split(text.strip()) if part])


BRIEF = frozenset(("yes_no", "short", "number", "spelling", "questions"))
"""Shapes of answers that need no whole sentence."""

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_GROUPING = re.compile(r"(?<=\d),(?=\d{3})")

MAX_NAME_WORDS = 3
"""A name or a choice comes without the melody of a sentence, and Whisper writes no full stop."""

MAX_YES_NO_WORDS = 4
"""A bare yes or no, with a word or two around it; Whisper writes no full stop after many."""

YES_NO_WORDS = frozenset(
    "yes no yeah yep nope sure definitely absolutely certainly correct not never always "
    "of course".split()
)

DENIALS = frozenset(("not really", "not quite"))
"""Ends of a whole sentence, whose last word ends none otherwise."""

THINKING_PHRASES = (
    "let me think",
    "let me think about it",
    "let me think about that",
    "let me see",
    "let me look",
    "let me check",
    "let me remember",
    "give me a second",
    "give me a moment",
    "give me a minute",
    "just a second",
    "just a moment",
    "one moment",
    "one second",
    "hold on",
    "i have to think",
    "i need to think",
    "need a moment",
    "that's a good question",
    "good question",
)
"""Said in order to keep the floor while thinking."""

FILLERS = frozenset("um uh uhm er erm hmm hm mm ah eh well so like".split())

FILLER_PAIRS = frozenset(("you know", "i mean", "kind of", "sort of", "i guess", "let's see"))

NEVER_LAST = frozenset(
    # conjunctions
    "and but or nor because since although though while whereas if unless until than as whether "
    # prepositions that take their noun along
    "of into onto between during per via "
    # articles and possessives
    "a an the my your its our their every "
    # relatives and what else announces more
    "which who whose i we they he she i'm we're they're it's very really quite even especially "
    "called including".split()
)
"""Words with which no English sentence ends, whatever full stop the transcriber put there."""

SELDOM_LAST = frozenset(
    "when where that this these those his her some any each another also mostly usually basically "
    "to in on at by for with from about through without within under over after before against "
    "like you is are was were am be been being has have had do does did will would can could "
    "should might must may shall just then first second actually maybe perhaps probably".split()
)
"""Words that can end a sentence ("how large the team is"), but hardly do without its melody."""

DANGLING_LAST = frozenset(
    "to in on at for with from about into by than some any each another after before near beside "
    "behind towards around among these those this mine just eye".split()
)
"""Words that hold an open place for a noun or a verb."""

AUXILIARIES = frozenset(
    "is are was were am has have had do does did would can could should might must will "
    "shall isn't aren't wasn't weren't hasn't haven't hadn't don't doesn't didn't wouldn't can't "
    "couldn't shouldn't won't".split()
)
SUBJECTS = frozenset("i you we they he she it there that this".split())

ASKED_FOR = frozenset("how where who whether as than".split())
MAX_ASKED_WORDS = 6
"""After one of these, so near, a verb may end the sentence ("how large the team is")."""

TAKES_THAT = frozenset(
    "do did does done doing like after before than of with for beyond despite know knew "
    "enjoy enjoyed love loved hate said say".split()
)
"""After these, "that" points back and ends a sentence; elsewhere it mostly begins a clause."""

TAKES_YOU = frozenset(
    "thank for with to of see help about from than like as tell ask asked show give at on by meet "
    "and between behind before after".split()
)
"""After these, "you" ends a sentence; elsewhere its verb is still to come ("for two weeks you")."""

POINTED_AT = ASKED_FOR | frozenset(("what", "all"))
"""After one of these a verb's object has been named already ("all I needed")."""

WANTS_OBJECT = frozenset(
    "sent put made took gave brought told got wanted needed used let bought sold built says found "
    " carried filled called".split()
)
"""Verbs that hardly end a clause right after their subject ("so I sent")."""

LINKING = frozenset("is was are were it's that's he's she's i'm i'd we'd they'd you'd".split())
ADVERBS = frozenset("now then also never always only normally usually basically typically".split())
"""Between a subject and its verb; after one of LINKING they announce the rest."""

HALF_NAMED = frozenset("wrong new old whole big small little main entire next real good".split())
DETERMINERS = frozenset("the a an my our their his her".split())
"""Before one of HALF_NAMED a noun is still to come ("I put the wrong")."""

OBJECTS = frozenset("it them him us".split())
"""What Whisper makes of an article that nothing follows ("I work for it" for "for a")."""

GIVING = frozenset(
    "give gives gave get gets got make makes made let lets keep keeps kept put puts take takes "
    "took find finds found show shows showed bring brings brought with".split()
)
RECEIVERS = frozenset("me us him her them it you".split())
"""After one of GIVING, what is given is still to come ("he asked me to give him")."""

SHORT_REPLY = 5
"""A sentence of so many words may end with its auxiliary ("Yes, I think I would")."""

ALONE = frozenset(
    "only just mainly mostly probably perhaps maybe usually basically honestly actually possibly "
    "sometimes often generally first normally typically".split()
)
"""An answer that is nothing but one of these has only begun."""

AGREEING = frozenset("yes yeah sure okay ok right alright certainly of course".split())
"""Before the name or the number that was asked for."""

HEDGES = ("it depends", "that depends")
"""Said before the answer proper."""

SUBORDINATORS = frozenset("if when whenever while although because since once unless".split())
"""A sentence that begins with one owes its main clause; Whisper writes a comma in front of it."""

ANYBODY = frozenset("nobody everybody somebody anybody everyone someone nothing everything".split())

CLAUSE_OPENERS = frozenset("and but so because that then".split())

AND_MISHEARD = frozenset("up odd awe or all a ah oh uh er add".split())
"""What Whisper makes of "uh" after an "and"."""

END_OF = frozenset("the this that an any no dead other very of year to week month front".split())
"""Before "end" where it is one; elsewhere it is an "and" that nothing follows."""

MAX_FRAGMENT_WORDS = 6

VERBS = frozenset(
    (
        "be been being is are was were am has have had do does did would can could should might "
        "must will shall may go goes went gone come comes came get gets got make makes made take "
        "takes took taken say says said see sees saw seen know knows knew known think thinks "
        "thought give gives gave find finds found tell tells told become became leave leaves left "
        "feel feels felt put puts bring brings brought begin begins began keep keeps kept hold "
        "holds held write writes wrote stand stands stood hear hears heard let lets mean means "
        "meant set sets meet meets met run runs ran pay pays paid sit sits sat speak speaks spoke "
        "lie lies lay lead leads led read reads grow grows grew lose loses lost fall falls fell "
        "send sends sent build builds built understand understood draw draws drew break breaks "
        "broke spend spends spent cut cuts rise rose drive drives drove buy buys bought wear wore "
        "choose chose sell sells sold teach taught catch caught fight fought win won sleep slept "
        "eat eats ate drink drank forget forgot forgive sing sang fly flew want wants need needs "
        "like likes love loves help helps work works live lives try tries ask asks use uses turn "
        "turns start starts stop stops play plays move moves happen happens call calls learn "
        "learns talk talks show shows look looks change changes depend depends wait waits hope "
        "hopes enjoy enjoys believe believes agree agrees plan plans sound sounds open opens "
        "close closes finish finishes care cares matter matters thank thanks sorry"
    ).split()
)
"""The most common English verbs; with those in -ed and -ing, hardly a clause has none of them."""


def _dangles(words: list[str], sentence: list[str], expects: str) -> bool:
    """Tell whether the last word wants another, although a sentence was closed after it."""
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last == "that":
        return before not in TAKES_THAT
    if last == "any":  # "I don't have any"
        return not any(word in ("not", "no", "without") or word.endswith("n't") for word in words)
    if last == "you":
        return bool(before) and before not in TAKES_YOU and before not in VERBS
    if last in AUXILIARIES or last in WANTS_OBJECT:
        return _wants_its_verb_or_object(words, sentence)
    if expects in ("short", "number", "spelling") and all(word in AGREEING for word in words):
        return True
    if all(word in ALONE for word in words) or " ".join(words[-2:]) in HEDGES:
        return True
    if sentence[0] in SUBORDINATORS and "," not in sentence:
        return True
    going_on = words[-2:] == ["and", "then"] and words[-3:-2] != ["now"]
    return going_on or last in DANGLING_LAST or _half_named(last, before, expects)


def _half_named(last: str, before: str, expects: str) -> bool:
    """Tell whether the two last words open what only more words can close."""
    return (
        (last in ANYBODY and before in CLAUSE_OPENERS)
        or (last in ADVERBS and before in LINKING)
        or (last in HALF_NAMED and before in DETERMINERS)
        or (expects == "short" and last in OBJECTS)
    )


def _wants_its_verb_or_object(words: list[str], sentence: list[str]) -> bool:
    """Tell whether the sentence ends with an auxiliary or a verb that something has to follow.
    "Yes, I would" is whole: the question has said the rest."""
    last, before, near = words[-1], words[-2] if len(words) > 1 else "", words[-MAX_ASKED_WORDS:]
    subject = before in SUBJECTS or before in ADVERBS or before.endswith(("'d", "'ve"))
    if last in AUXILIARIES:
        short = len(_said_once(sentence)) <= SHORT_REPLY and not SUBORDINATORS.intersection(
            sentence
        )
        return bool(before) and not ASKED_FOR.intersection(near) and not (subject and short)
    return subject and not POINTED_AT.intersection(near)


def _said_once(sentence: list[str]) -> list[str]:
    """Return a sentence without the yes or no that it begins with twice ("No, no, I haven't")."""
    while sentence[:1] == sentence[2:3] and sentence[1:2] == [","] and sentence[0] in YES_NO_WORDS:
        sentence = sentence[2:]
    return sentence


def _misheard_and(words: list[str]) -> bool:
    """Tell whether the words end with an "and", or an "and, uh", that Whisper took for
    something."""
    if len(words) < 3:
        return False
    if words[-1] == "end":
        return words[-2] not in END_OF
    return words[-2] == "and" and words[-1] in AND_MISHEARD


def _is_fragment(text: str) -> bool:
    """Tell whether a whole sentence is followed by a few words without a verb ("It was a list. Now
    the city."). Where the sentence before is open itself, they complete it."""
    sentences = [part for part in _SENTENCES.split(text.strip()) if part.strip()]
    if len(sentences) < 2 or not _is_closed(text):
        return False
    words = words_of(sentences[-1])
    acts = any(_is_verb(word) for word in words) or any(word.endswith("s") for word in words[:-1])
    if len(words) > MAX_FRAGMENT_WORDS or acts:  # "the city prints it"
        return False
    return ending_of(sentences[-2]) is Ending.COMPLETE


def _is_verb(word: str) -> bool:
    return word in VERBS or word.endswith(
        ("ed", "ing", "'s", "'m", "'re", "'ve", "'ll", "'d", "n't")
    )


_SENTENCES = re.compile(r"(?<=[.!?])\s+")
_TOKENS = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|,")


def _last_sentence(text: str) -> list[str]:
    """Return the words of the last sentence in lower case, and its commas."""
    return _TOKENS.findall(_SENTENCES.split(_GROUPING.sub("", text.strip().lower()))[-1]) or [""]


def _is_closed(text: str) -> bool:
    """Tell whether the transcriber heard the end of a sentence: a full stop, not three."""
    stripped = text.rstrip().rstrip("\"')”’")
    return stripped.endswith((".", "!", "?")) and not stripped.endswith("...")


def _pair(words: list[str]) -> str:
    return " ".join(words[-2:])


def _counts(words: list[str]) -> bool:
    """Tell whether the answer is in the middle of digits or letters, one by one."""
    last = words[-1] if words else ""
    return last.isdigit() or len(last) == 1 or last in NUMBER_WORDS


NUMBER_WORDS = frozenset(
    "zero one two three four five six seven eight nine ten double triple hundred thousand".split()
)
