"""Consent by telephone: the notice, the question, and what counts as an answer to them.

A yes counts from somebody who has had the notice. Who has not (asked to repeat or who calls, came
to the telephone just now, was put through by an assistant that screens calls) hears it first.
"""

from server.store.records import Interview
from server.telephony.first_words import FirstWords, first_words
from sessions.ivr import PhoneDialogue

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
    says, within_s, tries = whole, ANSWER_WITHIN_S, 0
    told, silent = True, False  # told: whoever is there now has had the notice
    for _ in range(CONSENT_ROUNDS):
        key = await dialogue.say(*says) if says else ""
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
