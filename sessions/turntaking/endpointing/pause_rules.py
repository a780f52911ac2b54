"""How long to wait in a pause before the answer counts as over: rules on the words and the speaker.

Nobody can tell every pause from an end; these rules wait longer where the words, the question or
this candidate's own way of speaking say that more will come, and less where nothing more is
expected. Every number is a field of `EndpointingRules`, and every wait says which rule made it.
"""

from dataclasses import dataclass, replace

from sessions.turntaking.endpointing.utterance_end import (
    BRIEF,
    MAX_YES_NO_WORDS,
    YES_NO_WORDS,
    Ending,
    ending_of,
    sentences_in,
    words_of,
)
from sessions.turntaking.endpointing.whole_requests import is_whole_request


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

    dangling_ms: float = 2_600.0
    """Whisper puts a full stop after half a sentence ("it is mostly about.") as soon as sound
    ceases. Words like these end about one sentence in fifty of spoken English, and most pauses
    after them are thoughts: as long as the longest of them in the corpus, 2.5 s."""

    pointing_ms: float = 2_200.0
    """A pronoun: on the held-out corpus 9 % of what Whisper hears before a thinking pause ends with
    one, and 5 % of what it hears of whole sentences."""

    fragment_ms: float = 2_000.0
    """A few words without a verb after a whole sentence are more often a beginning than an
    afterthought ("a very expensive mistake"); less certain than the words above."""

    unpunctuated_ms: float = 2_600.0
    """Whisper writes a full stop where the melody falls and none where it does not; it errs in
    about one of five cases, so this is less certain than the words."""

    counting_ms: float = 2_100.0
    """Groups of a spelled number are about 0.5 to 1.5 s apart."""

    yes_no_ms: float = 300.0
    """A yes or no that was asked for is complete once said. What remains is to hear that no word
    follows at once ("yes, I ..."): gaps inside a phrase are below 300 ms."""

    yes_no_sentence_ms: float = 380.0
    """A yes or no in a whole sentence of its own ("No, that was another team.")."""

    whole_requests: bool = True
    """Whether requests are told from answers; off, the bench measures what that brings."""

    request_ms: float = 450.0
    """A whole request to the interviewer, a question back, "I don't know" or "that's all": its
    reply is waited for. Gaps inside a phrase are below 300 ms, and the reply is heard within
    0.7 s."""

    short_ms: float = 900.0
    """A name, a number, a choice: complete, but a second thought may follow."""

    answered_ms: float = 420.0
    """A whole sentence of at least `answered_words` to such a question ("I would need about six
    weeks"), or to "do you have any questions?", from somebody who has not stopped to think: hardly
    anybody goes on after it, gaps inside a phrase are below 300 ms, and about then the opening of a
    reply over an API is ready (320 ms in the bench's chain, begun 90 ms after the last sound)."""

    answered_words: int = 4
    """A subject, a verb and what it needs."""

    explanation_ms: float = 900.0
    """A whole sentence of a longer answer, from somebody who stops to think. Conversation analysis
    finds that silences beyond about a second are taken as the end (Jefferson 1989: the "standard
    maximum"); swept on the corpus, where fewer than one pause in ten after a whole sentence is
    longer."""

    story_ms: float = 1_000.0
    """Stories come in many whole sentences, with thoughts between them; swept on the corpus."""

    fluent_ms: float = 600.0
    """The same from somebody who has not stopped to think in this answer: nearly all pauses of
    fluent speech after a whole sentence are shorter (Heldner and Edlund 2010)."""

    fluent_gap_ms: float = 650.0
    """A gap longer than this is a thought and no breath."""

    fluent_words: int = 20
    """Words of an answer, before which nobody counts as fluent in it."""

    fluent_sentences: int = 3
    """Sentences of an answer, before which nobody counts as fluent in it: three have two places
    where others would have stopped to think."""

    thin_ms: float = 2_600.0
    """Of an explanation or story only a word of assent or surprise was said: it has hardly
    begun."""

    brief_ms: float = 1_150.0
    """A whole sentence of fewer than `thin_words` words to such a question. Some say no more, and
    wait: of the corpora's texts hardly one goes on after a thought there, and who does takes the
    reply back. The reply is heard within 1.3 s."""

    thin_words: int = 12
    """About one sentence (spoken English has 10 to 15 words a sentence)."""

    own_pause_factor: float = 1.2
    """This candidate's own longest pauses after a whole sentence so far, times this, are waited
    for; a little more than what was seen."""

    own_pause_max_ms: float = 2_000.0
    """Longest wait for that reason: one long thought must not slow the whole interview."""

    longest_ms: float = 9_000.0
    """Longest wait of all, whatever multiplies it: silence becomes a question of idle prompts."""


@dataclass(frozen=True, slots=True)
class Patience:
    """A wait from the end of speech, and the rule that made it (kept with the turn)."""

    ms: float
    rule: str


def patience(
    text: str,
    expects: str,
    own_pause_ms: float,
    accommodation: float,
    rules: EndpointingRules,
    *,
    longest_gap_ms: float | None = None,
) -> Patience:
    """Return how long to wait after `text`.

    `expects` is the plan's shape of the answer, "" where no question is open; `own_pause_ms` the
    candidate's longest pause after a whole sentence so far (0: none was seen); `longest_gap_ms` is
    the longest silence inside this answer so far (None: it had none); `accommodation` multiplies
    everything.
    """
    if rules.whole_requests and is_whole_request(text):
        return Patience(min(rules.request_ms * accommodation, rules.longest_ms), "request")
    ending = ending_of(text, expects)
    waits = {
        Ending.UNKNOWN: rules.unknown_ms,
        Ending.THINKING: rules.thinking_ms,
        Ending.FILLER: rules.filler_ms,
        Ending.OPEN: rules.open_ms,
        Ending.DANGLING: rules.dangling_ms,
        Ending.UNPUNCTUATED: rules.unpunctuated_ms,
        Ending.POINTING: rules.pointing_ms,
        Ending.FRAGMENT: rules.fragment_ms,
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
    words = words_of(text)
    if expects == "yes_no" and YES_NO_WORDS.intersection((words[0], words[-1])):
        if len(words) <= MAX_YES_NO_WORDS:
            return Patience(rules.yes_no_ms, "yes_no")
        if len(words) <= MAX_YES_NO_SENTENCE:
            return Patience(rules.yes_no_sentence_ms, "yes_no")
    unanswered = expects == "yes_no" and not YES_NO_WORDS.intersection(words)
    if expects in BRIEF and not unanswered:
        paused = longest_gap_ms is not None and longest_gap_ms > rules.fluent_gap_ms
        answered = len(words) >= rules.answered_words and not paused
        wait = (
            Patience(rules.answered_ms, "answered")
            if answered
            else Patience(rules.short_ms, "short")
        )
    elif expects in ("story", "explanation") and len(words) < rules.thin_words:
        begun = OPENERS.issuperset(words)
        wait = Patience(rules.thin_ms, "thin") if begun else Patience(rules.brief_ms, "brief")
    elif (
        longest_gap_ms is not None
        and longest_gap_ms <= rules.fluent_gap_ms
        and len(words) >= rules.fluent_words
        and sentences_in(text) >= rules.fluent_sentences
    ):
        return Patience(rules.fluent_ms, "fluent")
    elif expects == "story":
        wait = Patience(rules.story_ms, "story")
    else:
        wait = Patience(rules.explanation_ms, "explanation")
    own = min(own_pause_ms * rules.own_pause_factor, rules.own_pause_max_ms)
    return Patience(own, "own_pauses") if own > wait.ms else wait


OPENERS = YES_NO_WORDS | frozenset(
    "okay ok right alright well so oh ah wow gosh god my goodness hmm thank thanks you it that's a "
    "good great nice interesting question that is".split()
)
"""Words that open an answer: one of nothing else has hardly begun."""

MAX_YES_NO_SENTENCE = 8
"""So many words can be one sentence around a yes or no."""


@dataclass(frozen=True, slots=True)
class ProsodyRules:
    """Which likelihoods (0..1, that the speaker is done) change the wait, and how far."""

    finished_above: float = 0.9
    """From this likelihood on it sounds finished."""

    finished_factor: float = 1.0
    """Factor of the wait where it sounds finished. 1: Smart Turn v3.2 is as sure of the pauses of
    the corpus (42% of them are above) as of its ends (49%), and 0.8 had 25% of its answers cut off
    and not 17%, for 70 ms. People's melody may deserve more trust than the corpus's one voice."""

    finished_least_ms: float = 300.0
    """Shortest wait where it sounds finished: gaps inside a phrase are below 300 ms."""

    unfinished_below: float = 0.2
    """Below this likelihood it sounds unfinished: so do 37% of the corpus's pauses, and 11% of its
    ends."""

    unfinished_factor: float = 2.0
    """Factor of the wait where it sounds unfinished: on the corpus 10% of the answers are cut off
    and not 17%, for 97 ms in the median (1.5: 14%, for 59 ms)."""

    unfinished_most_ms: float = 3_000.0
    """Longest wait where it sounds unfinished: as long as after half a sentence (`open_ms`)."""


def with_prosody(wait: Patience, finished: float | None, rules: ProsodyRules) -> Patience:
    """Shorten or lengthen the wait.

    What sounds neither way, or is not known (None), changes nothing.
    """
    if finished is None:
        return wait
    if finished > rules.finished_above:
        shorter = max(rules.finished_least_ms, wait.ms * rules.finished_factor)
        return replace(wait, ms=min(wait.ms, shorter))
    if finished < rules.unfinished_below:
        longer = min(rules.unfinished_most_ms, wait.ms * rules.unfinished_factor)
        return replace(wait, ms=max(wait.ms, longer))
    return wait
