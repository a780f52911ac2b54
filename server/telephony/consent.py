"""Consent by telephone: the notice, the question, and what counts as an answer to them.

A yes counts from somebody who has had the notice. Who has not (asked to repeat or who calls, came
to the telephone just now, was put through by an assistant that screens calls) hears it first.
Somebody who answers before we have finished need not say it again.
"""

from server.store.records import Interview
from server.telephony.first_words import FirstWords, echo_share, first_words, is_greeting, is_hum
from sessions.ivr import CallerResponse, Overheard, PhoneDialogue

ANSWER_WITHIN_S = 7.0
"""Silence after a question that ends the wait for an answer; people need about this to find the
right key."""

HOLD_WITHIN_S = 30.0
"""Longest wait for somebody who is being fetched, or who reads what an assistant has noted: about
the time for which a telephone rings."""

CONSENT_TRIES = 3
"""Answers that are neither yes nor no, silence included, with which a caller is let go."""

CONSENT_ROUNDS = 8
"""Most questions and answers in all: a machine that answers with questions would never end."""

ECHO_SHARE = 0.5
"""Share of words in common with ours beyond which they are our own, come back: "No, thank you" has
half of its pairs in common with "Thank you for calling", and "This is Eva" with "This is Vera"."""

QUESTION = "If that is all right with you, say yes, or press 1. To decline, press 2."


class MachineAnswered(Exception):
    """A mailbox has answered, and nobody else is there."""


async def ask_for_consent(
    dialogue: PhoneDialogue,
    interview: Interview,
    organisation: str,
    *,
    outbound: bool,
    machine: bool = False,
) -> bool:
    """Say who calls and how answers are used; return whether the candidate agrees.

    With `machine` the far end is perhaps one: it is listened to first. Raises MachineAnswered.
    """
    if machine:
        await _wait_for_a_person(dialogue, interview, organisation)
    agreed = await _ask(dialogue, interview, organisation, outbound=outbound)
    if not agreed:
        await dialogue.say(
            "All right. Without your agreement there is no interview, and nothing was kept.",
            "Goodbye.",
        )
    return agreed


async def _ask(
    dialogue: PhoneDialogue, interview: Interview, organisation: str, *, outbound: bool
) -> bool:
    whole = (*consent_opening(interview, organisation, outbound=outbound), QUESTION)
    over = AnswerOverOurVoice(QUESTION, notice_of(organisation)[0])
    says, within_s, tries = whole, ANSWER_WITHIN_S, 0
    told, silent = True, False  # told: whoever is there now has had the notice
    for _ in range(CONSENT_ROUNDS):
        over.begin(says)
        key = await _say(dialogue, says, over)
        heard = CallerResponse(words=over.answer)
        if key or not over.answer:
            heard = await dialogue.listen(within_s, keys=key)
        within_s = ANSWER_WITHIN_S
        match first_words(heard.words, heard.keys):
            case FirstWords.YES if told or heard.keys:
                return True
            case FirstWords.NO:
                return False
            case FirstWords.MAILBOX if outbound:
                raise MachineAnswered
            case FirstWords.SCREEN if outbound:
                says, within_s = call_purpose(interview, organisation), HOLD_WITHIN_S
                told = silent = False
            case FirstWords.HOLD:
                says, within_s = (), HOLD_WITHIN_S
                told = silent = False
            case FirstWords.SILENCE:
                tries += 1
                says = (QUESTION,) if told or silent else whole
                # who calls is there; who was called has perhaps not come to the telephone yet
                told, silent = not outbound or says is whole, True
            case FirstWords.OTHER if told:
                tries += 1
                says = (QUESTION,)
            case _:
                says, told, silent = whole, True, False
        if tries >= CONSENT_TRIES:
            break
    return False


async def _say(dialogue: PhoneDialogue, says: tuple[str, ...], over: "AnswerOverOurVoice") -> str:
    """Say it, if there is something to say; only the question can be answered meanwhile."""
    if QUESTION in says:
        return await dialogue.say(*says, overhearing=over)
    return await dialogue.say(*says) if says else ""


class AnswerOverOurVoice:
    """Answer that is given while the notice or the question is still being said.

    A no stops us at once. So does a yes to the question, as far as it was said; a yes to the notice
    counts once all the rest was said, the way to decline included, unless other words follow it. A
    yes to what precedes the notice is none: it answers to a name.

    An echo of our own "say yes" is no consent: once anything has come back over an earlier sentence
    that is perhaps our own voice, no yes over it counts any more. It is waited for afterwards then.
    """

    def __init__(self, question: str, notice: str) -> None:
        """Wait for an answer to `question`; `notice` is the first sentence of the notice."""
        self._question = question
        self._notice = notice
        self._says: tuple[str, ...] = ()
        self.trusts = True
        self.answer = ""
        """Words of the answer; "": there is none so far."""

    def begin(self, says: tuple[str, ...]) -> None:
        """Wait for an answer while these sentences are said."""
        self._says, self.answer = says, ""

    def __call__(self, overheard: Overheard) -> bool:
        """Take what was overheard; return whether it ends what we say."""
        words, meaning = overheard.words, first_words(overheard.words)
        echo = echo_share(words, self._says)
        if meaning is FirstWords.NO and echo <= ECHO_SHARE:
            self.answer = words
            return True
        if meaning is FirstWords.YES and echo <= ECHO_SHARE:
            return self._take_yes(overheard)
        if words and not (self.answer and is_hum(words)):
            self.answer = words if overheard.outlasted and echo < ECHO_SHARE else ""
        if echo >= ECHO_SHARE or not (is_hum(words) or is_greeting(words)):
            self.trusts = False
        return False

    def _take_yes(self, overheard: Overheard) -> bool:
        if not self.trusts:
            return False
        words, asked = overheard.words, self._begun(self._question, overheard)
        firm = not words.rstrip().endswith("?")
        told = self._begun(self._notice, overheard) and not is_hum(words)
        if (asked and overheard.outlasted) or (firm and (asked or told)):
            self.answer = words
        return firm and asked

    def _begun(self, sentence: str, overheard: Overheard) -> bool:
        """Tell whether a sentence had begun when the voice was heard, or was said earlier."""
        if self._says == (self._question,):
            return True
        return overheard.sentence >= self._says.index(sentence)


async def _wait_for_a_person(
    dialogue: PhoneDialogue, interview: Interview, organisation: str
) -> None:
    """Hear out what has answered, and tell an assistant who calls. Raises MachineAnswered."""
    within_s = ANSWER_WITHIN_S
    for _ in range(CONSENT_ROUNDS):
        heard = await dialogue.listen(within_s)
        match first_words(heard.words, heard.keys):
            case FirstWords.SILENCE | FirstWords.MAILBOX:
                raise MachineAnswered
            case FirstWords.SCREEN:
                await dialogue.say(*call_purpose(interview, organisation))
                within_s = HOLD_WITHIN_S
            case FirstWords.HOLD:
                within_s = HOLD_WITHIN_S
            case FirstWords.OTHER:
                within_s = ANSWER_WITHIN_S  # a machine goes on
            case _:
                return
    raise MachineAnswered


def consent_opening(interview: Interview, organisation: str, *, outbound: bool) -> tuple[str, ...]:
    """Return who speaks, whom for, and the notice: sentence by sentence."""
    why = "I am calling" if outbound else "Thank you for calling"
    return (
        f"Hello, {interview.candidate_name}.",
        speaker_of(interview, organisation),
        f"{why} about your interview: {interview.plan_title}.",
        *notice_of(organisation),
    )


def notice_of(organisation: str) -> tuple[str, ...]:
    """Return what becomes of what is said, and who hears it: sentence by sentence."""
    return (
        f"What you say is turned into text, and the text is kept for {organisation} to read.",
        f"People of {organisation} may listen, or speak with you in person.",
        "The sound itself is not kept, and you can hang up whenever you like.",
    )


def call_purpose(interview: Interview, organisation: str) -> tuple[str, ...]:
    """Return who calls and why, for whoever asks that for somebody else."""
    return (
        speaker_of(interview, organisation),
        f"I am calling {interview.candidate_name} about the interview: {interview.plan_title}.",
    )


def greeting_of(interview: Interview, organisation: str) -> tuple[str, ...]:
    """Return what is said in a call that goes on with an interview.

    It says who speaks, and gives the notice again.
    """
    return (
        f"Hello, {interview.candidate_name}. {speaker_of(interview, organisation)}",
        "We go on with your interview. As before, what you say is turned into text and kept, "
        f"and people of {organisation} may listen.",
    )


def speaker_of(interview: Interview, organisation: str) -> str:
    """Return who speaks, and for whom."""
    name = interview.plan_document.get("persona", {}).get("name", "Viva")
    return f"This is {name}, a computer that interviews for {organisation}."
