"""Writes the generated parts of docs/turn-taking.md: diagrams and tables, from the code itself.

`python -m docs.generators.turn_taking` brings the document up to date; a test holds it current.
"""

import ast
import inspect
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from enum import Enum, StrEnum
from pathlib import Path
from typing import TypeVar, get_args

from sessions.turntaking import commands, events, rules, timers
from sessions.turntaking.endpointing import pause_rules
from sessions.turntaking.transitions import (
    CANDIDATE_MOVES,
    EVENT_FATES,
    FLOOR_MOVES,
    INTERVIEWER_MOVES,
    JOINT_STATES,
    CandidateState,
    Fate,
    FloorHolder,
    InterviewerState,
)

DOCUMENT = Path(__file__).parents[2] / "docs/turn-taking.md"
BEGIN = "<!-- {}: made by docs/generators/turn_taking.py -->"
END = "<!-- end of {} -->"

_State = TypeVar("_State", bound=Enum)
_Cue = TypeVar("_Cue", bound=StrEnum)

FATE_SIGNS = {Fate.HANDLED: "handled", Fate.IGNORED: "ignored", Fate.ERROR: "**error**"}


def parts() -> dict[str, str]:
    """Every generated part by its name, as Markdown."""
    return {
        "candidate": _diagram(CANDIDATE_MOVES, CandidateState.QUIET),
        "interviewer": _diagram(INTERVIEWER_MOVES, InterviewerState.IDLE),
        "floor": _diagram(FLOOR_MOVES, FloorHolder.INTERVIEWER),
        "joint states": _joint_states(),
        "fates": _fates(),
        "events": _classes(get_args(events.Event)),
        "commands": _classes(get_args(commands.Command)),
        "timers": _timers(),
        "rules": _thresholds(rules.Rules),
        "endpointing": _thresholds(pause_rules.EndpointingRules),
        "prosody": _thresholds(pause_rules.ProsodyRules),
    }


def render(document: str) -> str:
    """The document with every generated part brought up to date between its marks. Raises
    ValueError where a part has no marks."""
    for name, text in parts().items():
        begin, end = BEGIN.format(name), END.format(name)
        if document.count(begin) != 1 or document.count(end) != 1:
            raise ValueError(f"The part {name!r} needs one line {begin!r} and one line {end!r}.")
        before, rest = document.split(begin)
        after = rest.split(end)[1]
        document = f"{before}{begin}\n\n{text}\n\n{end}{after}"
    return document


# --- the parts ------------------------------------------------------------------------------------


def _diagram(moves: Mapping[tuple[_State, _Cue], _State], initial: _State) -> str:
    """A Mermaid state diagram of one party's table."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {initial.name}"]
    lines += [f"    {state.name} --> {after.name}: {cue}" for (state, cue), after in moves.items()]
    return "\n".join([*lines, "```"])


def _joint_states() -> str:
    rows = [
        [f"**{c.name}**", *("yes" if (c, i) in JOINT_STATES else "" for i in InterviewerState)]
        for c in CandidateState
    ]
    return _table(["", *(state.name for state in InterviewerState)], rows)


def _fates() -> str:
    """Events that every state handles in one line, the others in a table a party."""
    anywhere = [
        kind.__name__
        for kind, fates in EVENT_FATES.items()
        if set(fates.values()) == {Fate.HANDLED}
    ]
    whole = "Handled in every state: " + ", ".join(f"`{name}`" for name in anywhere) + "."
    tables = []
    parties = (
        ("candidate", CandidateState),
        ("interviewer", InterviewerState),
        ("floor", FloorHolder),
    )
    for title, states in parties:
        rows = [
            [f"`{kind.__name__}`", *(FATE_SIGNS[fates[state]] for state in states)]
            for kind, fates in EVENT_FATES.items()
            if set(fates) == set(states) and kind.__name__ not in anywhere
        ]
        tables.append(_table([f"With the {title}", *(state.name for state in states)], rows))
    return "\n\n".join([whole, *tables])


def _classes(kinds: Iterable[type]) -> str:
    rows = [
        [
            f"`{kind.__name__}`",
            ", ".join(f"`{field.name}`" for field in fields(kind)),
            _meaning(kind),
        ]
        for kind in kinds
    ]
    return _table(["", "Fields", "What it means"], rows)


def _meaning(kind: type) -> str:
    """A class's docstring on one line, and those of its fields."""
    docs = [f"`{name}`: {doc[0].lower()}{doc[1:]}" for name, doc in _attribute_docs(kind).items()]
    return " ".join([*(inspect.getdoc(kind) or "").split(), *docs])


def _timers() -> str:
    docs = _attribute_docs(timers.Timer)
    return _table(
        ["Timer", "Runs"], [[f"`{timer.name}`", docs[timer.name]] for timer in timers.Timer]
    )


def _thresholds(kind: type) -> str:
    docs = _attribute_docs(kind)
    rows = [
        [f"`{field.name}`", _value(field.name, field.default), docs[field.name]]
        for field in fields(kind)
        if field.default is not MISSING
    ]
    return _table(["Rule", "Default", "Why"], rows)


# --- helpers --------------------------------------------------------------------------------------


def _value(name: str, value: object) -> str:
    return f"{value:,.0f} ms" if name.endswith("_ms") and isinstance(value, float) else str(value)


def _attribute_docs(kind: type) -> dict[str, str]:
    """The string after each attribute of a class, on one line. Raises KeyError when it is used for
    an attribute without one."""
    body = ast.parse(inspect.getsource(kind)).body[0]
    docs: dict[str, str] = {}
    name = ""
    for node in body.body if isinstance(body, ast.ClassDef) else []:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                pass
            case ast.Expr(value=ast.Constant(value=str(text))) if name:
                docs[name] = " ".join(text.split())
    return docs


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines
    )


if __name__ == "__main__":
    DOCUMENT.write_text(render(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
