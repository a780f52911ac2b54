"""Spoken numbers: the ways in which a number in digits is read aloud, in English above all.

Words are written together, without blanks and hyphens: they are compared, never shown.
"""

import re

from audio.providers.spoken_numbers_abroad import foreign_decimals, foreign_readings

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    " fifteen sixteen seventeen eighteen nineteen"
).split()
TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
SCALES = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"))
LARGEST = 10**12
"""From here on numbers are read digit by digit."""

IRREGULAR_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_GROUPED = re.compile(r"\d{1,3}(?:[.,']\d{3})+")


def number_readings(number: str) -> frozenset[str]:
    """Return how a number may be read, and its digits in one form between two "#".

    `number` consists of ASCII digits, with separators of thousands and of decimals in them.
    """
    found: set[str] = set()
    if _GROUPED.fullmatch(number):
        found |= _whole(re.sub(r"\D", "", number))
    if separator := re.search(r"[.,](?=\d+$)", number):
        whole, fraction = number[: separator.start()], number[separator.end() :]
        found |= _decimal(re.sub(r"\D", "", whole), fraction)
    elif number.isdigit():
        found |= _whole(number)
    return frozenset(found or {f"#{number}#"})


def ordinals(digits: str) -> frozenset[str]:
    """Return how the number of a row is read: 21 as "twentyfirst"."""
    return frozenset({f"#{digits}#", *map(_ordinal, cardinals(int(digits)))})


def plurals(digits: str) -> frozenset[str]:
    """Return how a number with an s is read: 90s as "nineties", 1990s as "nineteennineties"."""
    words = cardinals(int(digits)) | (_in_pairs(digits) if len(digits) == 4 else set())
    plural = {word[:-1] + "ies" if word.endswith("y") else word + "s" for word in words}
    return frozenset({f"#{digits}#s", *plural, *(word + "es" for word in words)})


def minutes(digits: str) -> frozenset[str]:
    """Return how the minutes of a time of day are read, two digits: 00 may be left out."""
    if digits == "00":
        return frozenset({"#00#", "", "oclock", "hundred", "zerozero"})
    if digits[0] == "0":
        word = ONES[int(digits)]
        return frozenset({f"#{digits}#", f"oh{word}", f"o{word}", f"zero{word}"})
    return number_readings(digits)


def cardinals(number: int) -> set[str]:
    """Return how a quantity is read, with and without "and", with "a hundred"."""
    plain = {_cardinal(number, ""), _cardinal(number, "and")}
    return plain | {
        "a" + word.removeprefix("one")
        for word in plain
        if word.startswith(("onehundred", "onethousand", "onemillion", "onebillion"))
    }


def _whole(digits: str) -> set[str]:
    found = {f"#{digits}#"}
    if len(digits) != 2 or digits[0] == "0":
        found |= _one_by_one(digits)
    if len(digits) <= 12 and (digits == "0" or not digits.startswith("0")):
        found |= cardinals(int(digits)) | foreign_readings(int(digits))
    if len(digits) == 4 and digits[0] != "0":
        found |= _in_pairs(digits)
    return found


def _decimal(whole: str, fraction: str) -> set[str]:
    found = {f"#{whole or '0'}.{fraction}#"}
    if len(whole) <= 4 and len(fraction) <= 6:
        found |= foreign_decimals(int(whole or "0"), fraction)
    before = {"", "zero"} if not whole else _one_by_one(whole)
    if whole and len(whole) <= 12:
        before |= cardinals(int(whole))
    after = _one_by_one(fraction) | cardinals(int(fraction[:12]))
    return found | {
        f"{a}{point}{b}"
        for a in before
        if not a.startswith("#")
        for b in after
        for point in ("point", "dot")
    }


def _one_by_one(digits: str) -> set[str]:
    words = "".join(ONES[int(digit)] for digit in digits)
    return {words, words.replace("zero", "oh"), words.replace("zero", "o")}


def _in_pairs(digits: str) -> set[str]:
    """Return how a year is read: 2027 as "twentytwentyseven", 1905 as "nineteenohfive"."""
    first, second = _below_hundred(int(digits[:2])), int(digits[2:])
    if not second:
        return {f"{first}hundred"}
    if second < 10:
        return {f"{first}{zero}{ONES[second]}" for zero in ("oh", "o", "zero")}
    return {first + _below_hundred(second)}


def _cardinal(number: int, joint: str) -> str:
    if number >= LARGEST:
        return "".join(ONES[int(digit)] for digit in str(number))
    for scale, name in SCALES:
        if number >= scale:
            rest = number % scale
            tail = (joint if rest < 100 else "") + _cardinal(rest, joint) if rest else ""
            return _cardinal(number // scale, joint) + name + tail
    if number >= 100:
        rest = number % 100
        return f"{ONES[number // 100]}hundred" + (joint + _below_hundred(rest) if rest else "")
    return _below_hundred(number)


def _below_hundred(number: int) -> str:
    if number < 20:
        return ONES[number]
    return TENS[number // 10] + (ONES[number % 10] if number % 10 else "")


def _ordinal(words: str) -> str:
    for cardinal, ordinal in IRREGULAR_ORDINALS.items():
        if words.endswith(cardinal) and not words.endswith(("fourteen", "eighteen")):
            return words.removesuffix(cardinal) + ordinal
    return words[:-1] + "ieth" if words.endswith("y") else words + "th"
