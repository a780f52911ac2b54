"""Caller's number: what a network says of who calls, as E.164, or as nobody. Pure.

A number is believed where it can be told for sure, and is nobody's otherwise: nobody is asked for a
PIN, while somebody else's number would let a stranger in.
"""

import re
import unicodedata
from urllib.parse import unquote

MAX_CHARS = 300
"""Longest text that is looked at: more than any address with a display name."""

MIN_DIGITS, MAX_DIGITS = 7, 15
"""Digits of an international number, country included: ITU-T E.164, and its shortest in use."""

MIN_DIGITS_WITHOUT_PLUS = 11
"""Digits from which on a number without plus is taken for an international one. Ten may as well be
a national one: without a country, 202 555 0123 of Washington would be a number in Egypt."""

WITHHELD_WORDS = (
    "anonymous",
    "restricted",
    "blocked",
    "unknown",
    "unavailable",
    "private",
    "withheld",
    "unlisted",
    "nonumber",
)
"""Words for a number that is withheld which networks also spell on the keys, and send as a number:
https://help.twilio.com/articles/223179988. Longer ones spell numbers that people may have."""

_KEYS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")

WITHHELD_NUMBERS = frozenset(f"+{word.translate(_KEYS)}" for word in WITHHELD_WORDS)
"""Those words as numbers: +266696687 is "anonymous"."""

_E164 = re.compile(rf"\+[1-9][0-9]{{{MIN_DIGITS - 1},{MAX_DIGITS - 1}}}")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(.*)", re.IGNORECASE | re.DOTALL)
_ADDRESS = re.compile(r"(.*?)<([^<>]*)>", re.DOTALL)
_SEPARATORS = re.compile(r"[\s().\-/\u2010-\u2015]")
_NORTH_AMERICAN = re.compile(r"\+1[2-9][0-9]{2}[2-9][0-9]{6}")
_ANONYMOUS = re.compile(r"(?i)anonymous|restricted|unavailable|withheld|unknown|private|blocked")


def is_withheld(number: str) -> bool:
    """Return whether an E.164 number is what networks send for callers who show none."""
    return number in WITHHELD_NUMBERS or len(set(number.removeprefix("+"))) == 1


def number_of(said: str, *, plus_left_out: bool = False) -> str:
    """Return the caller's number in E.164; "" for nobody's.

    `said` is a number or an address (SIP, tel), with or without a display name, port, parameters
    and tags. With `plus_left_out` digits alone are an international number of any length.
    """
    user = _user_part(said[:MAX_CHARS])
    digits = _SEPARATORS.sub("", user.replace("(0)", "") if user.startswith("+") else user)
    if not (digits.isascii() and digits.removeprefix("+").isdigit()):
        return ""
    number = _international(digits, plus_left_out=plus_left_out)
    return number if _E164.fullmatch(number) and not is_withheld(number) else ""


def _user_part(said: str) -> str:
    """Return what stands for the user in an address; "" where none does, or none may be known."""
    said = "".join(c for c in said if unicodedata.category(c) not in ("Cc", "Cf")).strip()
    if found := _ADDRESS.match(said):
        if _ANONYMOUS.search(found[1]):
            return ""
        said = found[2].strip()
    scheme = ""
    if found := _SCHEME.fullmatch(said):
        scheme, said = found[1].lower(), found[2]
        if scheme not in ("sip", "sips", "tel"):
            return ""  # a name that the far end chose for itself: client:441632960961
    user, at, host = said.rpartition("@")
    if at and _ANONYMOUS.match(host):
        return ""
    user = unquote(user if at else host).partition("?")[0]
    user, _, parameters = user.partition(";")
    if "phone-context" in parameters.lower() and not user.startswith("+"):
        return ""  # a number that means something there alone
    return user.partition(":")[0].strip().strip('"')  # no password, and no port


def _international(digits: str, *, plus_left_out: bool) -> str:
    if digits.startswith("+"):
        return digits
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    number = f"+{digits}"
    if plus_left_out:
        return number
    if len(digits) < MIN_DIGITS_WITHOUT_PLUS:
        return ""
    return number if digits[0] != "1" or _NORTH_AMERICAN.fullmatch(number) else ""
