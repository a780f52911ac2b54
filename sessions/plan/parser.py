"""Plan parser: from YAML or JSON text to plain data, with the line of every place in it.

The text may come from anybody: its size, depth and number of nodes are bounded, aliases (and with
them alias bombs) are refused, and only plain data is built.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from sessions.plan.slips import advice_for_line, advice_for_node, cut_text, lines_of

MAX_TEXT_BYTES = 128 * 1024
"""Length of a plan's text at most, in UTF-8."""

MAX_DEPTH = 12
"""Nesting of mappings and lists at most."""

MAX_NODES = 10_000
"""Number of YAML events at most, and of what they would be in JSON: the largest plan that the other
limits allow has some 7,500."""

MAX_PROBLEMS = 50
"""Number of problems told of one plan at most: more than anybody mends at a time."""

MAX_KEY_CHARS = 60
"""Length of a key at most. Places are made of keys, one for every entry below them."""

MAX_NUMBER_CHARS = 40
"""Length of a number at most: YAML reads 1:30:00 to the base of sixty, in time quadratic."""

SPOKEN = re.compile(
    r"opening|closing|sections\.\d+\.(?:lead_in|questions\.\d+\.(?:text|rephrased\.\d+|"
    r"probes\.\d+\.text))"
)
"""Places of the texts of a plan that are spoken."""

_BASE_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Safe YAML loader: libyaml's where the wheel carries it, which is twenty times as fast."""


class _Loader(_BASE_LOADER):  # type: ignore[misc]
    """Loader: the safe one, with numbers of a bounded length."""

    def construct_number(self, node: Any) -> object:
        """Read a whole or broken number."""
        if len(node.value) > MAX_NUMBER_CHARS:
            raise yaml.constructor.ConstructorError(
                None, None, "a number is too long", node.start_mark
            )
        if node.tag.endswith("int"):
            return self.construct_yaml_int(node)
        return self.construct_yaml_float(node)


for _kind in ("int", "float"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_kind}", _Loader.construct_number)


@dataclass(frozen=True, slots=True)
class PlanProblem:
    """Problem of a plan: one thing that is wrong with it."""

    message: str
    """Sentence, or a predicate of the place ("is too short")."""

    place: str = ""
    """Dotted path ("sections.1.questions.0.text"); "" for the whole."""

    line: int | None = None
    """Line in the text, from 1, where it is known."""

    def __str__(self) -> str:
        where = f"line {self.line}, " if self.line is not None else ""
        return f"{where}{self.place}: {self.message}" if self.place else f"{where}{self.message}"


class UnreadablePlan(Exception):
    """Text that is no YAML or JSON that can be accepted; `problems` says where and why."""

    def __init__(self, *problems: PlanProblem) -> None:
        self.found = len(problems)
        self.problems = problems[:MAX_PROBLEMS]
        super().__init__("; ".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """Document of a plan: its plain data, not checked yet."""

    data: object
    """Mappings, lists, texts and numbers as they were read."""

    lines: dict[str, int] = field(default_factory=dict)
    """Line, from 1, of each dotted place; empty for JSON."""

    nodes: dict[str, Any] = field(default_factory=dict)
    """YAML's node of each dotted place; empty for JSON."""

    text: tuple[str, ...] = ()
    """Lines of the text; empty for JSON."""

    def line_of(self, place: str) -> int | None:
        """Return the line of a place, or of the nearest place around it (for what is missing)."""
        while place not in self.lines and place:
            place = place.rpartition(".")[0]
        return self.lines.get(place)

    def advice(self, place: str) -> str:
        """Return what to do where text was expected at a place; "" where it is not known."""
        node = self.nodes.get(place)
        return "" if node is None else advice_for_node(node, self.text[node.start_mark.line])

    def is_torn(self, place: str) -> bool:
        """Return whether a key is rather a piece of text that was split off at a comma."""
        node, around = self.nodes.get(place), self.nodes.get(place.rpartition(".")[0])
        return (
            node is not None and not node.value and bool(around is not None and around.flow_style)
        )

    def cut_texts(self) -> Iterator[PlanProblem]:
        """Yield the texts that are spoken and end at a # that begins no comment."""
        for place, node in self.nodes.items():
            if SPOKEN.fullmatch(place):
                advice = cut_text(node, self.text[node.end_mark.line])
                if advice:
                    yield PlanProblem(advice, place, self.line_of(place))


def printable(key: str) -> str:
    """Return a key as it is shown: short, and fit for any output."""
    return key.encode("utf-8", "backslashreplace").decode()[:MAX_KEY_CHARS]


def read_document(text: str) -> PlanDocument:
    """Read YAML, or JSON if the text begins with a brace. Raises UnreadablePlan."""
    size = len(text.encode("utf-8", errors="replace"))
    if size > MAX_TEXT_BYTES:
        raise UnreadablePlan(
            PlanProblem(f"The plan is {size:,} bytes long; at most {MAX_TEXT_BYTES:,} are allowed.")
        )
    if not text.strip():
        raise UnreadablePlan(PlanProblem("The plan is empty."))
    return _read_json(text) if text.lstrip("\ufeff \t\r\n").startswith("{") else _read_yaml(text)


# --- JSON -------------------------------------------------------------------------------------


def _read_json(text: str) -> PlanDocument:
    repeated: list[str] = []

    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        seen: dict[str, object] = {}
        for key, value in items:
            if key in seen:
                repeated.append(key)
            seen[key] = value
        return seen

    def refuse(name: str) -> object:
        raise ValueError(f"{name} is not a number that a plan can hold")

    def whole(digits: str) -> int:
        if len(digits) > MAX_NUMBER_CHARS:
            raise ValueError("a number is too long")
        return int(digits)

    try:
        data = json.loads(
            text.lstrip("\ufeff"),
            object_pairs_hook=pairs,
            parse_constant=refuse,
            parse_int=whole,
        )
    except json.JSONDecodeError as error:
        raise UnreadablePlan(
            PlanProblem(f"This is not JSON: {error.msg}.", line=error.lineno)
        ) from None
    except RecursionError:
        raise UnreadablePlan(PlanProblem("The plan is nested too deeply.")) from None
    except ValueError as error:
        raise UnreadablePlan(PlanProblem(f"This is not JSON: {error}.")) from None
    if repeated:
        raise UnreadablePlan(
            *(PlanProblem(f'the key "{printable(key)}" is given twice') for key in repeated)
        )
    _check_nodes(data)
    return PlanDocument(data)


def _check_nodes(data: object) -> None:
    """Refuse too much depth and too many nodes, counted as YAML's events are."""
    count = depth = 0
    level = [data]
    while level:
        below: list[object] = []
        for value in level:
            if not isinstance(value, dict | list):
                count += 1
                continue
            if depth == MAX_DEPTH:
                raise UnreadablePlan(PlanProblem("The plan is nested too deeply."))
            count += 2
            if isinstance(value, dict):
                count += len(value)
                below.extend(value.values())
            else:
                below.extend(value)
        if count > MAX_NODES:
            raise UnreadablePlan(PlanProblem("The plan has too many entries."))
        level = below
        depth += 1


# --- YAML -------------------------------------------------------------------------------------


def _read_yaml(text: str) -> PlanDocument:
    try:
        _check_events(text)
        loader = _Loader(text)
        node = loader.get_single_node()
        problems = [] if node is None else list(_repeated_keys(node))
        data = None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        raise UnreadablePlan(_not_yaml(text, error)) from None
    except yaml.reader.ReaderError as error:
        raise UnreadablePlan(
            PlanProblem(f"This is not YAML: {error.reason} (character {error.position}).")
        ) from None
    except (ValueError, OverflowError, TypeError) as error:  # dates and numbers out of range
        raise UnreadablePlan(PlanProblem(f"A value cannot be read: {error}.")) from None
    if problems:
        raise UnreadablePlan(*problems)
    if node is None:
        return PlanDocument(data)
    return PlanDocument(data, dict(_lines(node, "")), dict(_nodes(node, "")), tuple(lines_of(text)))


def _not_yaml(text: str, error: yaml.MarkedYAMLError) -> PlanProblem:
    """Return what is wrong with text that is not YAML, with its line and what mends it."""
    message = f"This is not YAML: {error.problem or error.context}."
    marks = [mark for mark in (error.problem_mark, error.context_mark) if mark is not None]
    if not marks:
        return PlanProblem(message)
    lines = lines_of(text)
    first = marks[0].line
    if any(what in str(error.context) for what in ("simple key", "quoted scalar")):
        first = marks[-1].line  # where the quote begins that has no end, or the key without a colon
    advice, line = advice_for_line(lines, [first, first - 1, *(mark.line for mark in marks)])
    where = "" if line == first else f"Line {line + 1}: "
    return PlanProblem(f"{message} {where}{advice}", line=first + 1)


def _check_events(text: str) -> None:
    """Refuse aliases, and too much depth or too many nodes, before anything is built."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
        mark = event.start_mark
        line = None if mark is None else mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise UnreadablePlan(
                PlanProblem(
                    "Aliases (*name) are not allowed in a plan; write it out. Text that begins with"
                    " * stands in quotes.",
                    line=line,
                )
            )
        if isinstance(event, yaml.ScalarEvent) and (event.anchor or event.tag == "!"):
            sign = "&" if event.anchor else "!"
            raise UnreadablePlan(
                PlanProblem(f"Text that begins with {sign} stands in quotes.", line=line)
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise UnreadablePlan(PlanProblem("The plan is nested too deeply.", line=line))
        if count > MAX_NODES:
            raise UnreadablePlan(PlanProblem("The plan has too many entries.", line=line))


def _children(node: Any, place: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield (place, key node or the item itself, value node) of every entry below a node."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = str(getattr(key, "value", "?"))
            yield f"{place}.{name}" if place else name, key, value
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield f"{place}.{number}" if place else str(number), item, item


def _lines(node: Any, place: str) -> Iterator[tuple[str, int]]:
    yield place, node.start_mark.line + 1
    for below, key, value in _children(node, place):
        yield from _lines(value, below)
        yield below, key.start_mark.line + 1


def _nodes(node: Any, place: str) -> Iterator[tuple[str, Any]]:
    yield place, node
    for below, _, value in _children(node, place):
        yield from _nodes(value, below)


def _repeated_keys(node: Any, place: str = "") -> Iterator[PlanProblem]:
    """Yield keys given twice: the second would silently hide what stands under the first.

    Keys that are too long are told, too, and nothing below them is looked at.
    """
    seen: set[str] = set()
    for below, key, value in _children(node, place):
        name = below[len(place) + 1 if place else 0 :]
        line = key.start_mark.line + 1
        if len(name) > MAX_KEY_CHARS:
            yield PlanProblem(f'the key "{printable(name)}..." is too long', place, line)
            continue
        if below in seen:
            yield PlanProblem(f'the key "{printable(name)}" is given twice', place, line)
        seen.add(below)
        yield from _repeated_keys(value, below)
