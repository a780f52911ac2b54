"""Spoken forms: the ways in which a piece of text may stand for the same spoken words.

Text is cut into units, and each unit is a set of strings of letters and digits: two texts say the
same if a string of one, unit for unit, is a string of the other. Blanks, hyphens, case and
punctuation are not in the strings, so that "e-mail", "email" and "e mail" are one.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from audio.providers import spoken_numbers

LETTER_WEIGHT = 1.0
WORD_WEIGHT = 1.0
DIGIT_WEIGHT = 4.0
"""Weights of time, as those that the heard words are told by (see `audio.alignment`)."""

WIDE_WEIGHT = 4.0
"""Weight of a Chinese character, a kana or a Hangul syllable: each is a syllable or two."""

CLITICS = {
    "s": ("is", "has", "es"),
    "re": ("are",),
    "ve": ("have",),
    "ll": ("will", "shall"),
    "d": ("had", "would"),
    "m": ("am",),
}
"""What stands behind an apostrophe, and what it is short for ("geht's" among them)."""

IRREGULAR = {
    "can't": ("cannot",),
    "won't": ("willnot",),
    "shan't": ("shallnot",),
    "let's": ("letus",),
    "y'all": ("youall",),
    "ma'am": ("madam",),
}
ABBREVIATIONS = {
    "approx": ("approximately",),
    "bzw": ("beziehungsweise",),
    "ca": ("circa",),
    "dh": ("dasheisst",),
    "dr": ("doctor", "doktor"),
    "eg": ("forexample",),
    "etc": ("etcetera",),
    "ie": ("thatis",),
    "mr": ("mister",),
    "mrs": ("missus",),
    "ok": ("okay",),
    "prof": ("professor",),
    "usw": ("undsoweiter",),
    "vs": ("versus",),
    "zb": ("zumbeispiel",),
}
"""Abbreviations, without their dots, and how they are read."""

SYMBOLS = {
    "%": ("%", "percent", "prozent", "pourcent", "porciento", "porcento", "percento", "procent"),
    "&": ("&", "and", "und", "et", "y", "e", "en"),
    "+": ("+", "plus", "plusplus", "mas", "più", "mais"),
    "@": ("@", "at"),
    "#": ("#", "sharp", "hash", "number"),
    "=": ("=", "equals", "gleich"),
    "°": ("°", "degree", "degrees", "grad"),
    "$": ("$", "dollar", "dollars"),
    "€": ("€", "euro", "euros"),
    "£": ("£", "pound", "pounds"),
    "/": ("", "slash"),
}
"""Signs that are read aloud, and how. All other signs are silent."""

SCALES = {"k": "thousand", "m": "million", "bn": "billion", "x": "times"}
"""What is written right behind a number, and how it is read: 5k, 10x."""

CURRENCIES = "$€£"
_APOSTROPHES = str.maketrans("’‘ʼ`´", "'''''")
_SEPARATORS = ".,'"

Forms = frozenset[str]
"""Strings that may stand for one unit; "" where it may be silent."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Piece of text that is read as one: a word, a number, a sign."""

    forms: Forms
    """Ways in which it may be read."""

    plain: Forms
    """Those of them without what a contraction is short for."""

    weight: float
    """Time that it takes, in letters."""


def units_of(chunk: str) -> list[Unit]:
    """Return the units of a piece of text without blanks in it."""
    text = unicodedata.normalize("NFKC", chunk).translate(_APOSTROPHES).casefold()
    letters = text.replace(".", "").strip("()[]{}\"',;:!?…*_")
    if letters in ABBREVIATIONS:
        forms = frozenset({letters, *ABBREVIATIONS[letters]})
        return [Unit(forms, forms, _weight(letters))]
    return list(_scan(text))


def _scan(text: str) -> Iterator[Unit]:
    at = 0
    while at < len(text):
        char = text[at]
        if char in CURRENCIES and _is_digit(text[at + 1 : at + 2] or " "):
            number = _number_at(text, at + 1)
            forms = spoken_numbers.number_readings(number)
            names = SYMBOLS[char]
            both = {char + form for form in forms}
            both |= {form + name for form in forms for name in names}
            yield _unit(frozenset(both), _weight(number) + WORD_WEIGHT + 6)
            at += 1 + len(number)
        elif _is_digit(char):
            unit, at = _number_unit(text, at)
            yield unit
        elif _is_letter(char):
            word = _word_at(text, at)
            yield _word(word)
            at += len(word)
        else:
            if (sign := _sign(text, at)) is not None:
                yield sign
            at += 1


def _number_unit(text: str, at: int) -> tuple[Unit, int]:
    """Return the number that begins at `at` with what belongs to it, and where it ends."""
    number = _number_at(text, at)
    end = at + len(number)
    weight = _weight(number)
    behind = _word_at(text, end) if end < len(text) and _is_letter(text[end]) else ""
    if number.isdigit() and len(number) <= 12:
        if behind in ("st", "nd", "rd", "th"):
            return _unit(spoken_numbers.ordinals(number), weight), end + 2
        if behind in ("s", "'s"):
            return _unit(spoken_numbers.plurals(number), weight), end + len(behind)
    if behind in SCALES:
        forms = spoken_numbers.number_readings(number)
        ends = (behind, SCALES[behind])
        scaled = frozenset(form + end for form in forms for end in ends)
        return _unit(scaled, weight + 4.0), end + len(behind)
    is_time = at >= 2 and text[at - 1] == ":" and _is_digit(text[at - 2])
    if is_time and len(number) == 2:
        return _unit(spoken_numbers.minutes(number), weight), end
    return _unit(spoken_numbers.number_readings(number), weight), end


def _number_at(text: str, at: int) -> str:
    end = at
    while end < len(text):
        inner = text[end] in _SEPARATORS and end > at and end + 1 < len(text)
        if not _is_digit(text[end]) and not (inner and _is_digit(text[end + 1])):
            break
        end += 1
    number = text[at:end]
    # 2.1.3 is no quantity: its first two parts are read as one, as a decimal
    parts = number.replace(",", ".").replace("'", ".").split(".")
    if len(parts) > 2 and any(len(part) != 3 for part in parts[1:-1]):
        number = number[: len(parts[0]) + 1 + len(parts[1])]
    return number


def _word_at(text: str, at: int) -> str:
    end = at
    while end < len(text) and (
        _is_letter(text[end])
        or (text[end] == "'" and end > at and end + 1 < len(text) and _is_letter(text[end + 1]))
    ):
        end += 1
    return text[at:end]


def _word(word: str) -> Unit:
    plain = frozenset({word.replace("'", "")})
    return Unit(plain | _expanded(word), plain, _weight(word))


def _expanded(word: str) -> set[str]:
    """Return what a word with apostrophes may be short for; the word itself not among it."""
    if word in IRREGULAR:
        return set(IRREGULAR[word])
    base, apostrophe, last = word.rpartition("'")
    if not apostrophe:
        return set()
    ends = CLITICS.get(last, ())
    if last == "t" and base.endswith("n"):
        base, last, ends = base[:-1], "nt", ("not",)
    bases = {base.replace("'", ""), *_expanded(base)}
    return {stem + end for stem in bases for end in (*ends, last)} if ends else set()


def _sign(text: str, at: int) -> Unit | None:
    """Return how the sign at `at` is read, None if it is silent."""
    char = text[at]
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if char in SYMBOLS:
        return _unit(frozenset(SYMBOLS[char]), 6.0 if "" not in SYMBOLS[char] else 0.0)
    inner = bool(before and after) and before.isalnum() and after.isalnum()
    if char == "." and inner:
        return _unit(frozenset({"", "dot", "point", "punkt"}), 0.0)
    if unicodedata.category(char) == "Pd" or char == "−":
        if inner and _is_digit(before) and _is_digit(after):
            return _unit(frozenset({"", "to", "bis", "dash"}), 0.0)
        if not before and after and _is_digit(after):
            return _unit(frozenset({"", "minus", "negative"}), 0.0)
    return None


def _unit(forms: Forms, weight: float) -> Unit:
    return Unit(forms, forms, weight)


def _weight(text: str) -> float:
    return WORD_WEIGHT + sum(
        (
            DIGIT_WEIGHT
            if _is_digit(char)
            else WIDE_WEIGHT if unicodedata.east_asian_width(char) in "WF" else LETTER_WEIGHT
        )
        for char in text
        if char.isalnum()
    )


def _is_digit(char: str) -> bool:
    return "0" <= char <= "9"


def _is_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN" and not _is_digit(char)
