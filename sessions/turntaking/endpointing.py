"""How long to wait in a pause before the answer counts as over: rules on the words and the speaker.

Nobody can tell every pause from an end; these rules wait longer where the words, the question or
this candidate's own way of speaking say that more will come, and less where nothing more is
expected. Every number is a field of `EndpointingRules`, and every wait says which rule made it.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Ending(StrEnum):
    """How the words so far end."""

    UNKNOWN = "unknown"  # no words yet
    THINKING = "thinking"  # asks for time, aloud
    FILLER = "filler"  # trails off: um, well, so
    OPEN = "open"  # a word that needs another after it: and, because, the, to
    DANGLING = "dangling"  # the same kind of word, with an end of a sentence after it
    UNPUNCTUATED = "unpunctuated"  # the transcriber heard no end of a sentence
    COUNTING = "counting"  # digits or letters one by one
    COMPLETE = "complete"  # could be all


@dataclass(frozen=True, slots=True)
class EndpointingRules:
    """Waits in ms from the last sound of speech, before accommodation."""

    unknown_ms: float = 1_400.0
    """No words yet: long enough for any transcriber that is well (200 ms here, 120 ms to 1 s over
    an API), so that the words decide and not the clock."""

    thinking_ms: float = 8_000.0
    """"Let me think" asks for time; eight seconds pass before anybody would ask again."""

    filler_ms: float = 3_000.0
    """A filler announces a delay, "um" a longer one (Clark and Fox Tree 2002: up to several
    seconds); with this, the thinking pauses of the corpus (2.5 s at most) are waited out."""

    open_ms: float = 3_000.0
    """The sentence cannot end here: as long as the longest thinking pause of the corpus, and a
    margin for those who lost the thread."""

    dangling_ms: float = 2_200.0
    """Whisper puts a full stop after half a sentence ("it is mostly about.") as soon as sound
    ceases. Words like these end about one sentence in fifty of spoken English, and most pauses
    after them are thoughts: as certain as a missing full stop."""

    unpunctuated_ms: float = 2_200.0
    """Whisper writes a full stop where the melody falls and none where it does not; it errs in
    about one of five cases, so this is less certain than the words."""

    counting_ms: float = 1_800.0
    """Groups of a spelled number are about 0.5 to 1.5 s apart."""

    yes_no_ms: float = 300.0
    """A yes or no that was asked for is complete once said. What remains is to hear that no word
    follows at once ("yes, I ..."): gaps inside a phrase are below 300 ms."""

    yes_no_sentence_ms: float = 450.0
    """A yes or no in a whole sentence of its own ("No, that was another team.")."""

    short_ms: float = 1_000.0
    """A name, a number, a choice: complete, but a second thought may follow."""

    answered_ms: float = 600.0
    """A whole sentence of at least `answered_words` to such a question ("I would need about six
    weeks"), or to "do you have any questions?": hardly anybody goes on after it."""

    answered_words: int = 4
    """A subject, a verb and what it needs."""

    explanation_ms: float = 1_050.0
    """A whole sentence of a longer answer, from somebody who stops to think. Conversation analysis
    finds that silences beyond about a second are taken as the end (Jefferson 1989: the "standard
    maximum"); swept on the corpus, where fewer than one pause in ten after a whole sentence is
    longer."""

    story_ms: float = 1_200.0
    """Stories come in many whole sentences, with thoughts between them; swept on the corpus."""

    fluent_ms: float = 800.0
    """The same from somebody who has not stopped to think in this answer: nearly all pauses of
    fluent speech after a whole sentence are shorter (Heldner and Edlund 2010)."""

    fluent_gap_ms: float = 650.0
    """A gap longer than this is a thought and no breath."""

    fluent_words: int = 20
    """So much must have been said before anybody counts as fluent: two sentences."""

    thin_ms: float = 2_400.0
    """An explanation or story of fewer than `thin_words` words has hardly begun."""

    thin_words: int = 12
    """About one sentence (spoken English has 10 to 15 words a sentence)."""

    own_pause_factor: float = 1.2
    """This candidate's own longest pauses after a whole sentence so far, times this, are waited
    for; a little more than what was seen."""

    own_pause_max_ms: float = 2_000.0
    """But never longer for that reason: one long thought must not slow the whole interview."""

    longest_ms: float = 9_000.0
    """Beyond this, whatever multiplies: silence becomes a question of idle prompts."""


@dataclass(frozen=True, slots=True)
class Patience:
    """A wait from the end of speech, and the rule that made it (kept with the turn)."""

    ms: float
    rule: str


def ending_of(text: str, expects: str = "") -> Ending:
    """How `text` ends; `expects` is the plan's shape of the answer."""
    words = _WORD.findall(_GROUPING.sub("", text.lower()))
    if not words:
        return Ending.UNKNOWN
    tail = " ".join(words[-8:])
    if any(tail.endswith(phrase) for phrase in THINKING_PHRASES):
        return Ending.THINKING
    last = words[-1]
    if last in FILLERS or _pair(words) in FILLER_PAIRS:
        return Ending.FILLER
    closed = _is_closed(text)
    if expects in ("number", "spelling") and _counts(words):
        one_number = expects == "number" and closed and not _counts(words[:-1])
        if not one_number:
            return Ending.COUNTING
    if last in NEVER_LAST or (last in SELDOM_LAST and not closed):
        return Ending.OPEN
    if _dangles(words):
        return Ending.DANGLING
    named = expects == "short" and len(words) <= MAX_NAME_WORDS
    return Ending.COMPLETE if closed or named else Ending.UNPUNCTUATED


def patience(
    text: str,
    expects: str,
    own_pause_ms: float,
    accommodation: float,
    rules: EndpointingRules,
    *,
    longest_gap_ms: float | None = None,
) -> Patience:
    """How long to wait after `text`. `expects` is the plan's shape of the answer, "" where no
    question is open; `own_pause_ms` the candidate's longest pause after a whole sentence so far
    (0: none was seen); `longest_gap_ms` is the longest silence inside this answer so far (None: it
    had none); `accommodation` multiplies everything."""
    ending = ending_of(text, expects)
    waits = {
        Ending.UNKNOWN: rules.unknown_ms,
        Ending.THINKING: rules.thinking_ms,
        Ending.FILLER: rules.filler_ms,
        Ending.OPEN: rules.open_ms,
        Ending.DANGLING: rules.dangling_ms,
        Ending.UNPUNCTUATED: rules.unpunctuated_ms,
        Ending.COUNTING: rules.counting_ms,
    }
    chosen = (
        Patience(waits[ending], ending.value)
        if ending in waits
        else _after_whole_sentence(text, expects, own_pause_ms, longest_gap_ms, rules)
    )
    return Patience(min(chosen.ms * accommodation, rules.longest_ms), chosen.rule)


def _after_whole_sentence(
    text: str,
    expects: str,
    own_pause_ms: float,
    longest_gap_ms: float | None,
    rules: EndpointingRules,
) -> Patience:
    words = _WORD.findall(text.lower())
    if expects == "yes_no" and words[0] in YES_NO_WORDS and len(words) <= MAX_YES_NO_WORDS:
        return Patience(rules.yes_no_ms, "yes_no")
    if expects == "yes_no" and words[0] in YES_NO_WORDS and len(words) <= MAX_YES_NO_SENTENCE:
        return Patience(rules.yes_no_sentence_ms, "yes_no")
    if expects in ("yes_no", "short", "number", "spelling", "questions"):
        answered = len(words) >= rules.answered_words
        wait = (
            Patience(rules.answered_ms, "answered")
            if answered
            else Patience(rules.short_ms, "short")
        )
    elif expects in ("story", "explanation") and len(words) < rules.thin_words:
        wait = Patience(rules.thin_ms, "thin")
    elif (
        longest_gap_ms is not None
        and longest_gap_ms <= rules.fluent_gap_ms
        and len(words) >= rules.fluent_words
    ):
        return Patience(rules.fluent_ms, "fluent")
    elif expects == "story":
        wait = Patience(rules.story_ms, "story")
    else:
        wait = Patience(rules.explanation_ms, "explanation")
    own = min(own_pause_ms * rules.own_pause_factor, rules.own_pause_max_ms)
    return Patience(own, "own_pauses") if own > wait.ms else wait


_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_GROUPING = re.compile(r"(?<=\d),(?=\d{3})")

MAX_YES_NO_WORDS = 4
MAX_YES_NO_SENTENCE = 8

MAX_NAME_WORDS = 3
"""A name or a choice comes without the melody of a sentence, and Whisper writes no full stop."""

YES_NO_WORDS = frozenset(
    "yes no yeah yep nope sure definitely absolutely certainly correct not never always "
    "of course".split()
)

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
    "to in on at for with from about into by than some any each another after before".split()
)
"""Words of SELDOM_LAST that hold an open place for a noun or a verb."""

AUXILIARIES = frozenset(
    "is are was were am has have had do does did would can could should might must will "
    "shall".split()
)
SUBJECTS = frozenset("i you we they he she it there that this".split())

ASKED_FOR = frozenset("how where who whether as than".split())
MAX_ASKED_WORDS = 6
"""After one of these, so near, a verb may end the sentence ("how large the team is")."""

TAKES_THAT = frozenset(
    "do did does done doing like after before than of with for all beyond despite know knew "
    "enjoy enjoyed love loved hate said say".split()
)
"""After these, "that" points back and ends a sentence; elsewhere it mostly begins a clause."""


def _dangles(words: list[str]) -> bool:
    """Whether the last word wants another, although a sentence was closed after it."""
    if words[-1] == "that":
        return len(words) < 2 or words[-2] not in TAKES_THAT
    if words[-1] in AUXILIARIES:  # "yes, I would": what it helps was said by the question
        asked = len(words) < 2 or ASKED_FOR.intersection(words[-MAX_ASKED_WORDS:])
        return not asked and words[-2] not in SUBJECTS
    going_on = words[-2:] == ["and", "then"] and words[-3:-2] != ["now"]
    return going_on or words[-1] in DANGLING_LAST


def _is_closed(text: str) -> bool:
    """Whether the transcriber heard the end of a sentence: a full stop, not three."""
    stripped = text.rstrip().rstrip("\"')”’")
    return stripped.endswith((".", "!", "?")) and not stripped.endswith("...")


def _pair(words: list[str]) -> str:
    return " ".join(words[-2:])


def _counts(words: list[str]) -> bool:
    """Whether the answer is in the middle of digits or letters, one by one."""
    last = words[-1] if words else ""
    return last.isdigit() or len(last) == 1 or last in NUMBER_WORDS


NUMBER_WORDS = frozenset(
    "zero one two three four five six seven eight nine ten double triple hundred thousand".split()
)
