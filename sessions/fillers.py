"""What bridges the wait for a reply that is late: one short sentence, voiced ahead."""

from collections.abc import Mapping

FILLERS: Mapping[str, str] = {
    "de": "Einen Moment, bitte.",
    "en": "One moment, please.",
    "es": "Un momento, por favor.",
    "fr": "Un instant, s'il vous plaît.",
    "it": "Un momento, per favore.",
    "nl": "Een ogenblik, alstublieft.",
    "pt": "Um momento, por favor.",
}


def filler_for(language: str) -> str:
    """The sentence in a language (a code, with or without a region); "" where none is known."""
    return FILLERS.get(language.split("-")[0].lower(), "")
