"""Openings: short acknowledgements with which a reply may begin, voiced before anybody needs them.

A language model is asked to begin with one of them. The splitter lets it go as soon as it is
written, and its sound is there already, so that a reply is heard before its first sentence ends;
the rest is written and voiced while the opening sounds. Pure.
"""

import re
from collections.abc import Mapping

OPENINGS: Mapping[str, tuple[str, ...]] = {
    "de": (
        "Danke schön dafür",
        "Alles klar, vielen Dank",
        "Gut, danke schön",
        "Ich verstehe, danke",
    ),
    "en": (
        "Thank you for that",
        "I see, thank you",
        "All right, thank you",
        "Thanks for telling me",
        "Okay, thank you",
        "Understood, thank you",
    ),
    "es": (
        "Muchas gracias por eso",
        "Entiendo, gracias",
        "De acuerdo, gracias",
        "Bien, muchas gracias",
    ),
    "fr": ("Merci beaucoup pour cela", "Je vois, merci", "D'accord, merci", "Très bien, merci"),
    "it": ("Grazie mille per questo", "Capisco, grazie", "D'accordo, grazie", "Va bene, grazie"),
    "nl": (
        "Dank u wel daarvoor",
        "Ik begrijp het, dank u",
        "Goed, dank u wel",
        "Duidelijk, dank u",
    ),
    "pt": (
        "Muito obrigado por isso",
        "Entendo, obrigado",
        "Certo, muito obrigado",
        "Está bem, obrigado",
    ),
}
"""Openings of each language, without the sign that follows. Each lasts about a second, in which a
remote voice brings the rest (350 ms to its first byte in the median, 0.9 s at worst): a bare "I
see" would leave a gap."""

SIGNS = ".,"
"""What may follow an opening: it ends a sentence, or a clause of one."""


def openings_of(language: str) -> tuple[str, ...]:
    """Return the openings of a language ("en-GB" is English); none where nobody has written any."""
    return OPENINGS.get(language.split("-")[0].lower(), ())


def sounds_of(language: str) -> tuple[str, ...]:
    """Return the openings as they are voiced, each with each sign."""
    return tuple(f"{opening}{sign}" for opening in openings_of(language) for sign in SIGNS)


def opening_end(text: str) -> int | None:
    """Return where the opening that begins this text ends, its sign included; None for none."""
    match = _OPENING.match(text)
    return None if match is None else match.end()


_OPENING = re.compile(
    "(?:{})(?:,|\\.(?=\\s))".format(
        "|".join(re.escape(text) for texts in OPENINGS.values() for text in texts)
    )
)
