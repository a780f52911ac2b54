"""Writes the tables of models in docs/providers.md, from `audio/providers/known_models.toml`.

`python -m docs.generators.models` brings the document up to date; a test holds it current.
"""

from collections.abc import Iterator
from pathlib import Path

from audio.metering import Service
from audio.providers.known_models import KnownModel, Price, known_models, shutdown_of, shutdowns

DOCUMENT = Path(__file__).parents[2] / "docs/providers.md"
BEGIN = "<!-- {}: made by docs/generators/models.py -->"
END = "<!-- end of {} -->"

UNITS = {
    "text_in": "in",
    "text_cached": "cached",
    "text_out": "out",
    "audio_in": "audio in",
    "audio_cached": "audio cached",
    "audio_out": "audio out",
    "minute": "a minute heard",
    "spoken_minute": "a minute spoken",
    "million_characters": "a million characters",
}


def parts() -> dict[str, str]:
    """Return every generated part by its name, as Markdown."""
    return {"models": _models(), "ends": _ends()}


def render(document: str) -> str:
    """Return the document with every part brought up to date between its marks."""
    for name, text in parts().items():
        begin, end = BEGIN.format(name), END.format(name)
        before, rest = document.split(begin)
        after = rest.split(end)[1]
        document = f"{before}{begin}\n\n{text}\n\n{end}{after}"
    return document


def _models() -> str:
    rows = [
        "| Model | For | Effort sent | Price in dollars | Known | Ends |",
        "|---|---|---|---|---|---|",
    ]
    for kind in Service:
        rows += [_row(model) for model in known_models() if model.kind is kind]
    return "\n".join(rows)


def _row(model: KnownModel) -> str:
    end = shutdown_of(model.name)
    use = f"{model.kind}: {', '.join(model.roles)}" if model.kind == "language" else str(model.kind)
    known = f"{model.price.source}, {model.price.seen}" if model.price else ""
    ends = f"{end.day:%Y-%m-%d}" if end else ""
    price = ", ".join(_amounts(model.price)) if model.price else "not known"
    return f"| `{model.name}` | {use} | {model.effort} | {price} | {known} | {ends} |"


def _amounts(price: Price) -> Iterator[str]:
    for unit, words in UNITS.items():
        amount = getattr(price, unit)
        if amount is not None:
            yield f"{amount:g} {words}"


def _ends() -> str:
    rows = ["| Ends | Models | Instead | Who says so |", "|---|---|---|---|"]
    groups: dict[tuple[str, str, str], list[str]] = {}
    for model, end in shutdowns().items():
        key = (f"{end.day:%Y-%m-%d}", end.successor, str(end.successor_source))
        groups.setdefault(key, []).append(model)
    for (day, successor, source), models in sorted(groups.items()):
        if day < FIRST_DAY_SHOWN:
            continue
        names = ", ".join(f"`{model}`" for model in models)
        rows.append(f"| {day} | {names} | `{successor}` | {source} |")
    return "\n".join(rows)


FIRST_DAY_SHOWN = "2026-10-01"
"""Day before which an end is history: who has such a model has noticed."""


if __name__ == "__main__":
    DOCUMENT.write_text(render(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
