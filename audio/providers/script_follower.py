"""Script follower: whether a voice reads a text as it stands, told word by word as it reads.

Pure. A voice that is a language model tells what it says while it says it; this compares that with
the text it was given. What differs in form alone (case, punctuation, digits for words, contractions
either way, hyphens) agrees; everything else is a departure. The whole of it is a walk of a set of
places in the text, as each unit may be read in several ways (see `audio.providers.spoken_forms`).
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from audio.providers.spoken_forms import Forms, Unit, units_of

LONGEST_WORD = 200
"""Characters without a blank, beyond those of the text, from which on a transcript is no text."""

_CHUNK = re.compile(r"\S+")


class Departure(StrEnum):
    """How a voice left its text; the value ends a sentence that begins with "The voice"."""

    OTHER = "said other words than it was given"
    ADDED = "added words to those it was given"
    LEFT_OUT = "left out words that it was given"
    NO_WORDS = "does not tell which words it said"
    TOO_LONG = "went on sounding after the words it was given"


@dataclass(frozen=True, slots=True)
class _Place:
    """Place in the text: behind `offset` characters of one reading of a unit."""

    unit: int
    reading: str = ""
    offset: int = 0


class ScriptFollower:
    """Follower of one reading of one text.

    Feed it with `hear`, then `end`. `departure` is None as long as all words agree.
    """

    def __init__(self, script: str) -> None:
        self._script = script
        self._units: list[Unit] = []
        self._begins: list[int] = []
        for chunk in _CHUNK.finditer(script):
            units = units_of(chunk.group())
            self._units += units
            self._begins += [chunk.start(), *[chunk.end()] * (len(units) - 1)] if units else []
        self._before = [0.0]
        for unit in self._units:
            self._before.append(self._before[-1] + unit.weight)
        self._walk = _Walk([unit.forms for unit in self._units])
        self._literal = _Walk([unit.plain for unit in self._units])
        self._heard: list[str] = []
        self._pending = ""
        self._pending_places: frozenset[_Place] = frozenset()
        self._said: str | None = None
        self.departure: Departure | None = None

    @property
    def weight(self) -> float:
        """Time that the whole text takes, in letters."""
        return self._before[-1]

    @property
    def agreed(self) -> float:
        """Time of the beginning of the text that was said as it stands, in letters."""
        if self.complete:
            return self.weight
        places = self._walk.places
        if self._pending_places and self.departure is None:
            places = self._pending_places
        return min(map(self._time_of, places), default=0.0)

    @property
    def complete(self) -> bool:
        """Whether all of the text was said, and nothing else so far."""
        if self.departure is not None:
            return False
        places = self._pending_places if self._pending else self._walk.places
        return _Place(len(self._units)) in places

    @property
    def said(self) -> str | None:
        """What was said, with the rest of the text that is still to come; None: the text itself.

        Digits for words, or the other way, are read alike, and are no other words.
        """
        return self._said

    def hear(self, words: str) -> None:
        """Take in the next characters of what the voice says."""
        *whole, self._pending = re.split(r"\s+", self._pending + words)
        for chunk in whole:
            self._take(chunk)
        if self._pending and self.departure is None:
            units = units_of(self._pending)
            self._pending_places = self._walk.after([unit.forms for unit in units])
            if len(self._pending) > len(self._script) + LONGEST_WORD:
                self.departure = Departure.OTHER
        else:
            self._pending_places = frozenset()

    def end(self) -> None:
        """Take in that the voice says no more."""
        pending, self._pending = self._pending, ""
        self._pending_places = frozenset()
        self._take(pending)
        if self.departure is None and not self.complete:
            self.departure = Departure.LEFT_OUT if any(self._heard) else Departure.NO_WORDS

    def _take(self, chunk: str) -> None:
        """Take in a whole piece of text without blanks."""
        if not chunk or self.departure is not None:
            return
        self._heard.append(chunk)
        units = units_of(chunk)
        was_complete = _Place(len(self._units)) in self._walk.places
        self._walk.places = self._walk.after([unit.forms for unit in units])
        self._literal.places = self._literal.after([unit.plain for unit in units])
        if not self._walk.places:
            self.departure = Departure.ADDED if was_complete else Departure.OTHER
        elif not self._literal.places:
            self._note_said()

    def _note_said(self) -> None:
        """Write down what was said: other words than the text's, in the same sense."""
        if all(not place.offset for place in self._walk.places):
            at = min(place.unit for place in self._walk.places)
            rest = self._script[self._begins[at] :] if at < len(self._units) else ""
            self._said = " ".join([*self._heard, *rest.split()])

    def _time_of(self, place: _Place) -> float:
        if not place.offset:
            return self._before[place.unit]
        share = place.offset / len(place.reading)
        return self._before[place.unit] + self._units[place.unit].weight * share


class _Walk:
    """Places in a text at which a reading may be, as it goes on."""

    def __init__(self, units: list[Forms]) -> None:
        self._units = units
        self.places = self._with_silent({_Place(0)})

    def after(self, units: list[Forms]) -> frozenset[_Place]:
        """Return the places after some more units, each in one of its forms."""
        places = self.places
        for forms in units:
            reached: set[_Place] = set()
            for form in forms:
                reached |= self._after_form(places, form)
            places = frozenset(reached)
        return places

    def _after_form(self, places: frozenset[_Place], form: str) -> frozenset[_Place]:
        for char in form:
            reached: set[_Place] = set()
            for place in places:
                reached |= self._steps(place, char)
            places = self._with_silent(reached)
            if not places:
                break
        return places

    def _steps(self, place: _Place, char: str) -> set[_Place]:
        if place.offset:
            readings = {place.reading}
        elif place.unit < len(self._units):
            readings = {form for form in self._units[place.unit] if form}
        else:
            return set()
        steps = set()
        for reading in readings:
            if reading[place.offset] == char:
                whole = place.offset + 1 == len(reading)
                steps.add(
                    _Place(place.unit + 1)
                    if whole
                    else _Place(place.unit, reading, place.offset + 1)
                )
        return steps

    def _with_silent(self, places: set[_Place]) -> frozenset[_Place]:
        """Add the places behind units that may be silent."""
        found = set(places)
        for place in places:
            unit = place.unit
            while not place.offset and unit < len(self._units) and "" in self._units[unit]:
                unit += 1
                found.add(_Place(unit))
        return frozenset(found)
