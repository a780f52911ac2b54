"""Dialplan: as much of Asterisk's as `viva bridges` prints, run on a clock that jumps."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

Outcome = tuple[str, float]
"""DIALSTATUS of one dial, and how many seconds it took."""

_LINE = re.compile(r"(?:exten => ([^,]+),|same => )(1|n)(?:\((\w+)\))?,(\w+)\((.*)\)")
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_CLASSES = {"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]", ".": ".+", "!": ".*"}


@dataclass(slots=True)
class Step:
    """One line of an extension."""

    label: str
    application: str
    given: str


@dataclass
class Channel:
    """A caller's channel: what became of it."""

    now: float = 1_800_000_000.4
    answered_at: float | None = None
    dials: list[str] = field(default_factory=list)
    tones: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)


class Dialplan:
    """The extensions of one context. `dial` plays what Viva makes of each dial."""

    def __init__(self, text: str) -> None:
        self.extensions: dict[str, list[Step]] = {}
        name = ""
        for line in text.splitlines():
            if found := _LINE.fullmatch(line.strip()):
                name = found[1] or name
                step = Step(found[3] or "", found[4], found[5])
                self.extensions.setdefault(name, []).append(step)

    def call(self, number: str, dial: Callable[[int], Outcome], *, within_s: float) -> Channel:
        """Call a number and return what became of it; raises AssertionError if it goes on."""
        channel = Channel()
        began = channel.now
        extension, at = self._matching(number), 0
        while True:
            assert channel.now - began < within_s, "the dialplan does not come to an end"
            step = self.extensions[extension][at]
            at += 1
            given = self._expand(step.given, channel)
            match step.application:
                case "Set":
                    name, _, value = given.partition("=")
                    channel.variables[name] = value
                case "Goto" if "," in given:
                    extension, at = given.partition(",")[0], 0
                case "Goto":
                    at = self._label(extension, given)
                case "GotoIf":
                    condition, _, labels = given.partition("?")
                    yes, _, no = labels.partition(":")
                    label = yes if condition != "0" else no
                    at = self._label(extension, label) if label else at
                case "Dial":
                    channel.dials.append(given)
                    status, took = dial(len(channel.dials))
                    if status == "ANSWER" and channel.answered_at is None:
                        channel.answered_at = channel.now
                    channel.now += took
                    channel.variables["DIALSTATUS"] = status
                case "Wait":
                    channel.now += float(given)
                case "Ringing" | "Congestion":
                    channel.tones.append(step.application)
                    channel.now += float(given or 0)
                case "Hangup":
                    return channel
                case other:
                    raise AssertionError(f"unknown application {other}")

    def _matching(self, number: str) -> str:
        for name in self.extensions:
            pattern = "".join(_CLASSES.get(c, re.escape(c)) for c in name.removeprefix("_"))
            if name == number or (name.startswith("_") and re.fullmatch(pattern, number)):
                return name
        raise AssertionError(f"no extension matches {number}")

    def _label(self, extension: str, label: str) -> int:
        return [step.label for step in self.extensions[extension]].index(label)

    def _expand(self, text: str, channel: Channel) -> str:
        known = channel.variables | {"EPOCH": str(int(channel.now)), "UNIQUEID": "1.1"}
        text = text.replace("${URIENCODE(${CALLERID(num)})}", "%2B441632960961")
        text = _VARIABLE.sub(lambda found: known[found[1]], text)
        return re.sub(r"\$\[(.*?)\]", lambda found: _value(found[1]), text)


def _value(expression: str) -> str:
    """Return the value of an expression of comparisons and sums, as Asterisk would."""
    if "|" in expression:
        return str(int(any(_value(part) != "0" for part in expression.split("|"))))
    found = re.fullmatch(r"(.*?) (!=|=|<|>=|>) (.*)", expression.strip())
    if found is None:
        return str(_sum(expression))
    left, operator, right = found.groups()
    match operator:
        case "=" | "!=":
            return str(int((left == right) is (operator == "=")))
        case "<":
            return str(int(_sum(left) < _sum(right)))
        case ">":
            return str(int(_sum(left) > _sum(right)))
        case _:
            return str(int(_sum(left) >= _sum(right)))


def _sum(expression: str) -> int:
    return sum(int(term) for term in expression.replace("- ", "+ -").split("+"))
