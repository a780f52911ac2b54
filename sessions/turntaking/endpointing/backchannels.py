"""Words that say "go on" rather than "my turn": said over a reply, they do not take the floor."""

import math
import re

LISTENERS = frozenset(
    (
        "mhm mm mmm aha mm-hmm mm-hm mhmm hm hmm hmmm uh-huh uh huh um ah oh okay ok k yeah yep "
        "yes yup right sure alright great good cool nice exactly true indeed wow interesting"
    ).split()
)
"""Single words of the usual English listener responses (after Ward and Tsukahara 2000, Jurafsky et
al. 1998)."""

PHRASES = LISTENERS | frozenset("see got course fine sense".split())
"""The same, and the words that carry a listener's phrase ("I see", "that makes sense")."""

BACKCHANNELS = PHRASES | frozenset("i it of all makes that that's sounds".split())
"""The same, and the words that go with them."""

MAX_WORDS = 3

SHORT_SOUND_MS = 850.0
"""A hum is shorter (backchannels average about 400 ms, two of them in a row 650; Ward and
Tsukahara 2000), and so is a cough; detectors add up to 200 ms. Whisper makes "No." or "Mama." of a
hum, so the words of so short a sound are not trusted, except for those below."""

SHORT_WORDS = 2
"""More words than this are speech, however fast."""

HALF_KNOWN_MS = 1_000.0
"""Two or three words of which one is a listener's, said within this, are all of that kind: the
others are misread ("Okay, short." for "Okay, sure.")."""

SURE_FROM = 0.6
"""Confidence from which on the words of a short sound are trusted. Measured with tiny.en: what it
makes of hums ("Mama.", "Hama?", "If her.") has 0.23 to 0.54; "No.", "Nope.", "Never." and their
like, spoken and quiet, 0.68 to 0.88."""

STOPPING = frozenset(
    (
        "stop wait hold hang sorry pardon excuse what why who which where when how hello help hear "
        "can could may repeat skip again pause break moment second minute time please "
        "slow slower slowly faster quicker loud louder quieter softer speak explain understand "
        "mean but not never cannot wrong false incorrect untrue mistake misunderstood disagree "
        "question actually enough"
    ).split()
)
"""Words that take the floor however short they are: contradictions, questions and requests. So do
all in -n't."""

REFUSING = frozenset("no nope nah neither nor nothing none".split())
"""Words that contradict, and that a hum may be misread as: they take the floor unless the
transcriber doubts them."""

CONTENT_WORDS = 4
"""So many words, with one of content among them, are speech, even if more is still to come: no hum
is read as that many."""

ECHO_SHARE = 0.6
"""Of the words heard, so many stand in the reply in this order. A loudspeaker's sound loses words
on its way through a room; a candidate's own sentence shares a third with a reply by chance."""

ECHO_WORDS = 2
"""Fewer words in common may be chance."""

OWN_WORDS = frozenset("i i'm i've i'd i'll my me yes yeah yep no nope not".split())
"""Words of an answer that repeats the question ("Yes, I have led a team"): where the reply has not
said them itself, they are the candidate's own."""

_WORD = re.compile(r"[^\W_][\w'-]*")


def is_backchannel(text: str, lasted_ms: float = math.inf, confidence: float | None = 0.0) -> bool:
    """Tell whether `text`, said within `lasted_ms`, is empty of content.

    At most three words, all of them listener responses, or a sound too short for words. Numbers and
    words in other scripts are content, and so is what the transcriber is sure of. `confidence` is
    its own (0..1); None where it gives none: then contradictions are believed, and nothing else.
    """
    words = _words(text)
    plain_words = {word.strip("-'") for word in words}
    carried = not words or not plain_words.isdisjoint(PHRASES)
    if carried and len(words) <= MAX_WORDS and plain_words <= BACKCHANNELS:
        return True
    refuses = not plain_words.isdisjoint(REFUSING)
    sure = refuses if confidence is None else confidence >= SURE_FROM
    short = lasted_ms < SHORT_SOUND_MS and len(words) <= SHORT_WORDS and not sure
    half = not plain_words.isdisjoint(LISTENERS)
    half &= not (sure and refuses)
    short |= half and lasted_ms < HALF_KNOWN_MS and len(words) <= MAX_WORDS
    plain = text.isascii() and not any(word.isdigit() for word in words)
    return short and plain and not _stops(words)


def _stops(words: list[str]) -> bool:
    """Tell whether one of them takes the floor however short it is."""
    return any(word in STOPPING or word.endswith("n't") for word in words)


def is_content(text: str) -> bool:
    """Tell whether words that may still change, of a sound that goes on, take the floor already."""
    words = _words(text)
    meant = [word for word in words if word.strip("-'") not in BACKCHANNELS]
    return bool(meant) and (len(words) >= CONTENT_WORDS or _stops(words))


def is_echo(text: str, spoken: str) -> bool:
    """Tell whether `text` is what the interviewer says (`spoken`), come back through a loudspeaker:
    most of its words stand together in it, in their order."""
    heard, said = _words(text), _words(spoken)
    if len(heard) < ECHO_WORDS or not OWN_WORDS.intersection(heard) <= set(said):
        return False
    needed = max(ECHO_WORDS, math.ceil(ECHO_SHARE * len(heard)))
    width = len(heard) + 2
    return any(
        _in_common(heard, said[begin : begin + width]) >= needed
        for begin in range(max(1, len(said) - ECHO_WORDS + 1))
    )


def _in_common(one: list[str], other: list[str]) -> int:
    """Return the length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for word in one:
        before = 0
        for index, that in enumerate(other, 1):
            before, row[index] = row[index], (
                before + 1 if word == that else max(row[index], row[index - 1])
            )
    return row[-1]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("\u2019", "'"))
