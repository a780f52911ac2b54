"""Slips of YAML: what to do about text that YAML takes for something else.

Pure. Whoever writes a plan writes sentences, and signs that are usual in sentences mean something
to YAML: a colon, a comma, `#`, braces, "no". Quotes mend nearly all of it.
"""

import re
from typing import Any

import yaml

_BREAKS = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_ENTRY = re.compile(
    r"(?P<head>\s*(?:-\s+)*(?:[A-Za-z_][\w -]*|[1-5])\s*:[ \t]+|\s*(?:-\s+)+)(?P<text>\S.*)"
)
_FIELD_WITHOUT_BLANK = re.compile(r"\s*(?:-\s+)*(?P<name>[a-z_]+):(?P<text>[^\s:/].*)")
_FIELD_WITHOUT_COLON = re.compile(r"\s*(?:-\s+)*(?P<name>[a-z_]+)\s+(?P<text>[^\s:]+[^:]*)")

_READ_AS = {"bool": "true or false", "int": "a number", "float": "a number", "timestamp": "a date"}
_STARTS = "@`*&!%|>{}[]?,#"
"""Signs with which no text can begin that stands without quotes."""

_QUOTES = ("'", '"', "|", ">")
"""Styles of text that YAML takes as it stands."""

MAX_SHOWN_CHARS = 60
"""Length of the text that is shown in quotes at most."""


def lines_of(text: str) -> list[str]:
    """Return the lines as YAML counts them."""
    return _BREAKS.split(text)


def advice_for_line(lines: list[str], numbers: list[int]) -> tuple[str, int]:
    """Return what mends text that is not YAML, and the line, from 0, that it is about.

    `numbers` are the lines, from 0, at which something was noticed, the likeliest first.
    """
    near = [number for number in numbers if 0 <= number < len(lines)]
    for find in (_tab_advice, _entry_advice, _field_advice):
        for number in near:
            found = find(lines[number])
            if found:
                return found, number
    return (
        "Fields that belong together begin in the same column; text with signs stands in quotes.",
        numbers[0],
    )


def advice_for_node(node: Any, line: str) -> str:
    """Return what mends a value that is no text, "" where quotes would not; `line` is its own."""
    rest = line[node.start_mark.column :] if node.start_mark is not None else ""
    if not isinstance(node, yaml.ScalarNode):
        kind = "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"
        return f"YAML reads it as {kind}: put the text in quotes: {quoted(rest)}" if rest else ""
    if node.style in _QUOTES:
        return ""
    name = node.tag.rpartition(":")[2]
    if name == "null":
        comment = re.search(r"(?:^|\s)(#.*)$", rest)
        if not node.value and comment:
            return f"what follows # is a comment: put the text in quotes: {quoted(comment[1])}"
        if not node.value:
            return "nothing stands there"
        return f"YAML reads {node.value} as nothing: put it in quotes: {quoted(node.value)}"
    if name not in _READ_AS:
        return ""
    return f"YAML reads {node.value} as {_READ_AS[name]}: put it in quotes: {quoted(node.value)}"


def cut_text(node: Any, line: str) -> str:
    """Return what mends a text that ends at a # which begins no comment, "" where none does.

    A comment has a blank behind its sign: "issue #5" is a piece of the text.
    """
    if not isinstance(node, yaml.ScalarNode) or node.style in _QUOTES or not node.value:
        return ""
    rest = line[node.end_mark.column :]
    if not re.match(r"\s+#[^\s#]", rest):
        return ""
    whole = f"{node.value}{rest}"
    return (
        f"ends at its #, as what follows is a comment: put the text in quotes: {quoted(whole)}"
        " (or, if it is a comment, a blank behind the #)"
    )


def quoted(text: str) -> str:
    """Return a text as it can stand in a plan, in the quotes that are not in it."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    text = _short(text)
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


# --- helpers ----------------------------------------------------------------------------------


def _tab_advice(line: str) -> str:
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "The line begins with a tab: put blanks in its place."
    return ""


def _field_advice(line: str) -> str:
    for form in (_FIELD_WITHOUT_BLANK, _FIELD_WITHOUT_COLON):
        field = form.fullmatch(line.rstrip())
        if field is not None:
            wanted = f"{field['name']}: {_short(field['text'])}"
            return f"Between a field and its text stand a colon and a blank: {wanted}"
    return ""


def _entry_advice(line: str) -> str:
    """Return what mends the text behind a field or a dash, "" where it is not to blame."""
    entry = _ENTRY.fullmatch(line.rstrip())
    if entry is None:
        return ""
    text = entry["text"]
    wanted = f"{entry['head'].lstrip()}{quoted(text)}"
    if text[0] in "'\"":
        inner = text[1:].rstrip()
        if not inner.endswith(text[0]):
            if text[0] in inner:
                return f"Put the whole text in quotes: {wanted}"
            return f"The quote that begins here has no end: {entry['head'].lstrip()}{quoted(inner)}"
        if text[0] in inner[:-1].replace("\\" + text[0], "") or "\\" in inner:
            return f"Within quotes stand other quotes: {wanted}"
        return ""
    if text[0] in _STARTS or text.startswith(("- ", "? ", ": ", "<<", "=")):
        return f"Text that begins with {text[0]} stands in quotes: {wanted}"
    if re.search(r":(\s|$)", text):
        return f"Put the text in quotes, as there is a colon in it: {wanted}"
    return ""


def _short(text: str) -> str:
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[:MAX_SHOWN_CHARS].rstrip()}..."
