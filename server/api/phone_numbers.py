"""Telephone numbers as people write them, and as address books and pages hold them, in E.164.

Pure. A caller is known by, and calls go to, a plus, the country's code and the number alone.
"""

import re
import unicodedata

from server.telephony.caller_number import WITHHELD_NUMBERS

MAX_WRITTEN_CHARS = 80
"""Length of a number as it is written at most."""

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_LINK = re.compile(r"(?:tel|callto|sms|whatsapp)\s*:", re.I)
_LABEL = re.compile(
    r"\s*(?:telephone|telefon|phone|mobile|mobil|handy|office|home|work|cell|tel|mob|m|t|p)\b\s*[.:]*",
    re.I,
)
_EXTENSION = re.compile(r"(?:;?\s*ext(?:ension)?\b|;\s*ext=|\bx\s*\d|#|,|\bdw\b)", re.I)
_SEPARATORS = re.compile(r"[\s().\-/_·•'\"\[\]<>|~]")

_EXAMPLE = "as in +44 1632 960961"


def phone_number(written: str) -> str:
    """Return a number in E.164. Raises ValueError, with a sentence, for what is none."""
    text = _plain(written)
    text = _LINK.sub("", text, count=1).strip(" <>\"'")
    label = _LABEL.match(text)
    text = text if label is None else text[label.end() :]
    number, *rest = _EXTENSION.split(
        text.partition("?")[0].partition(";phone-context")[0], maxsplit=1
    )
    if any(re.search(r"\d", piece) for piece in rest):
        raise ValueError("it has an extension, which cannot be dialled: give a number without one")
    number = _without_trunk_zero(number)
    number = _SEPARATORS.sub("", number).rstrip(";")
    if number.startswith("00"):
        number = f"+{number[2:]}"
    if number.count("+") > 1:
        raise ValueError("it holds more than one number: give one")
    if not re.fullmatch(r"\+?[0-9]+", number):
        raise ValueError(f"it is no telephone number: write it with digits, {_EXAMPLE}")
    if not number.startswith("+"):
        raise ValueError(
            f"it has no country: write it with a plus and the country's code, {_EXAMPLE}"
        )
    if number.startswith("+0"):
        raise ValueError(f"no country's code begins with 0: write it {_EXAMPLE}")
    if _E164.fullmatch(number) is None:
        raise ValueError(
            f"it has {len(number) - 1} digits: a number has 7 to 15 with its country's code,"
            f" {_EXAMPLE}"
        )
    if number in WITHHELD_NUMBERS:
        raise ValueError("it is what networks send for a withheld number: nobody can be called so")
    return number


def _without_trunk_zero(number: str) -> str:
    """Leave out the zero in brackets that is dialled within a country only: (0) or (01632).

    Italy's belongs to the number.
    """
    kept = "0" if re.match(r"[\s(]*(?:\+|00)\s*39", number) else ""
    return re.sub(r"(?<=\d)([\s.)/-]*)\(\s*0\s*(\d*\s*)\)", rf"\g<1>{kept}\g<2>", number)


def _plain(text: str) -> str:
    """Return text without invisible characters, and with plain signs in place of others."""
    signs = []
    for character in unicodedata.normalize("NFKC", text):
        kind = unicodedata.category(character)
        if kind == "Nd":
            signs.append(str(unicodedata.digit(character)))
        elif kind == "Pd" or character == "\u2212":  # dashes of every length, and the minus
            signs.append("-")
        elif kind == "Zs" or kind == "Cc":
            signs.append(" ")
        elif kind not in ("Cf", "Mn", "Me"):
            signs.append(character)
    return "".join(signs)
