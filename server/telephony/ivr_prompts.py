"""IVR prompts: what is said on the telephone before an interview, from PIN to consent."""

from functools import partial
from typing import Protocol

from server.auth.pins import DIGITS, digits_of
from server.store.records import Interview
from sessions.interviewer.intents import Intent, intent_of
from sessions.ivr import PhoneDialogue

ANSWER_WITHIN_S = 7.0
"""Silence after a question that ends the wait for an answer; people need about this to find the
right key."""

DIGIT_WITHIN_S = 5.0
"""Silence between two digits of a PIN that ends it."""

PIN_TRIES = 3
CONSENT_TRIES = 3

YES_KEY, NO_KEY = "1", "2"

_AGREES = frozenset(
    "i agree|agreed|i consent|i do agree|yes i agree|yes i do agree|i am ready|i'm ready|"
    "yes i'm ready|that is fine|that's ok|that is okay|that's all right|that's alright|"
    "yes that's all right|yes that's fine|yes please|yes it is|it is".split("|")
)
_REFUSES = frozenset("i don't agree|i do not agree|no thank you|no thanks|i disagree".split("|"))


class PinCheck(Protocol):
    """Function that looks a PIN up."""

    async def __call__(self, pin: str) -> Interview | None:
        """Return the interview it leads to; None for a wrong one, or for one attempt too many."""


async def ask_for_pin(dialogue: PhoneDialogue, check: PinCheck) -> Interview | None:
    """Ask for the PIN until it leads to an interview; return None after three failed attempts."""
    question = "Please say or type the eight digits of the PIN in your invitation."
    greeting = ("Hello, and welcome.",)
    for _ in range(PIN_TRIES):
        key = await dialogue.say(*greeting, question)
        pin = await _read_pin(dialogue, key)
        if len(pin) == DIGITS and (interview := await check(pin)) is not None:
            return interview
        greeting = ("I'm sorry, I could not find that one." if pin else "I did not hear a PIN.",)
    await dialogue.say(
        "I'm sorry, I could not find your interview.",
        "Please look at your invitation and call again. Goodbye.",
    )
    return None


async def _read_pin(dialogue: PhoneDialogue, keys: str) -> str:
    """Read digits from both keys and words, in the order in which they come."""
    pin = keys.strip("*#")
    within_s = ANSWER_WITHIN_S
    while len(pin) < DIGITS:
        heard = await dialogue.listen(within_s, partial(_complete, DIGITS - len(pin)))
        pin += digits_of(heard.words) + "".join(key for key in heard.keys if key.isdigit())
        if heard.keys.endswith("#") or not (heard.words or heard.keys):
            break
        within_s = DIGIT_WITHIN_S
    return pin


def _complete(wanted: int, typed: str) -> bool:
    return typed.endswith("#") or sum(key.isdigit() for key in typed) >= wanted


async def ask_for_consent(
    dialogue: PhoneDialogue, interview: Interview, organisation: str, *, outbound: bool
) -> bool:
    """Say who calls and how answers are used; return whether the candidate agrees."""
    opening = consent_opening(interview, organisation, outbound=outbound)
    question = "If that is all right with you, say yes, or press 1. To decline, press 2."
    for attempt in range(CONSENT_TRIES):
        key = await dialogue.say(*(opening if attempt == 0 else ()), question)
        heard = await dialogue.listen(ANSWER_WITHIN_S, keys=key)
        agreed = consent_in(heard.words, heard.keys)
        if agreed is not None:
            break
        opening = ()
    else:
        agreed = False
    if not agreed:
        await dialogue.say(
            "All right. Without your agreement there is no interview, and nothing was kept.",
            "Goodbye.",
        )
    return agreed


def consent_opening(interview: Interview, organisation: str, *, outbound: bool) -> tuple[str, ...]:
    """Return who speaks, whom for, and the notice: sentence by sentence."""
    why = "I am calling" if outbound else "Thank you for calling"
    return (
        f"Hello, {interview.candidate_name}.",
        _speaker(interview, organisation),
        f"{why} about your interview: {interview.plan_title}.",
        f"What you say is turned into text, and the text is kept for {organisation} to read.",
        "The sound itself is not kept, and you can hang up whenever you like.",
    )


def greeting_of(interview: Interview, organisation: str) -> tuple[str, ...]:
    """Return what is said in a call that goes on with an interview.

    It says who speaks, and gives the notice again.
    """
    return (
        f"Hello, {interview.candidate_name}. {_speaker(interview, organisation)}",
        "We go on with your interview. As before, what you say is turned into text and kept.",
    )


def _speaker(interview: Interview, organisation: str) -> str:
    name = interview.plan_document.get("persona", {}).get("name", "Viva")
    return f"This is {name}, a computer that interviews for {organisation}."


def consent_in(words: str, keys: str) -> bool | None:
    """Return what an answer to the question for consent means; None: neither yes nor no."""
    for key in keys:
        if key in (YES_KEY, NO_KEY):
            return key == YES_KEY
    plain = " ".join("".join(c if c.isalnum() or c == "'" else " " for c in words.lower()).split())
    if plain in _REFUSES:
        return False
    intent = intent_of(words)
    if plain in _AGREES or intent is Intent.YES:
        return True
    return False if intent in (Intent.NO, Intent.STOP) else None
