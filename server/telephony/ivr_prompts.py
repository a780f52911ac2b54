"""IVR prompts: how a caller who is not known is asked for the PIN."""

from functools import partial
from typing import Protocol

from server.auth.pins import DIGITS, digits_of
from server.store.records import Interview
from server.telephony.consent import ANSWER_WITHIN_S
from sessions.ivr import PhoneDialogue

DIGIT_WITHIN_S = 5.0
"""Silence between two digits of a PIN that ends it."""

PIN_TRIES = 3


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
