"""Known models: what a model's name says of roles, effort, refusals, its end and its price.

The facts are in `known_models.toml` beside this file, each with its source and the date on which it
was read. They are OpenAI's: under another provider a name is that provider's own, and nothing is
known of it here.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from audio.metering import LOCAL, Consumption, Service

DATA = Path(__file__).with_suffix(".toml")

CHARACTERS_A_SPOKEN_MINUTE = 900
"""Characters said in a minute, at 15 a second: for speech that is priced by the minute, of which
only the text was counted."""

_SNAPSHOT = re.compile(r"-20\d\d-\d\d-\d\d$")


class Source(StrEnum):
    """Where a fact comes from."""

    SEEN = "seen"
    """In a package of the provider, or on the wire."""

    DOCUMENTED = "documented"
    """In the provider's documentation or price list."""

    REPORTED = "reported"
    """By others."""

    OURS = "ours"
    """A conclusion of this project."""


@dataclass(frozen=True, slots=True)
class Price:
    """Price of a model in US dollars; None for what it is not charged by."""

    source: Source
    """Where the price was read."""

    seen: str
    """When it was read: a day or a month."""

    text_in: float | None = None
    """A million text tokens sent."""

    text_cached: float | None = None
    """A million text tokens sent that the provider had kept."""

    text_out: float | None = None
    """A million text tokens returned."""

    audio_in: float | None = None
    """A million audio tokens sent."""

    audio_cached: float | None = None
    """A million audio tokens sent that the provider had kept."""

    audio_out: float | None = None
    """A million audio tokens returned."""

    minute: float | None = None
    """A minute of sound sent."""

    spoken_minute: float | None = None
    """A minute of speech returned, where its tokens are not told."""

    million_characters: float | None = None
    """A million characters to be said."""

    def usd(self, used: Consumption) -> float:
        """Return the price of one call in US dollars."""
        cached = min(used.cached_tokens, used.input_tokens)
        kept = self.text_in if self.text_cached is None else self.text_cached
        tokens = (
            (used.input_tokens - cached) * (self.text_in or 0.0)
            + cached * (kept or 0.0)
            + used.output_tokens * (self.text_out or 0.0)
            + used.audio_input_tokens * (self.audio_in or 0.0)
            + used.audio_output_tokens * (self.audio_out or 0.0)
            + used.characters * (self.million_characters or 0.0)
        )
        usd = tokens / 1_000_000 + used.audio_ms / 60_000 * (self.minute or 0.0)
        if self.spoken_minute is not None and not used.audio_output_tokens:
            usd += used.characters / CHARACTERS_A_SPOKEN_MINUTE * self.spoken_minute
        return usd


@dataclass(frozen=True, slots=True)
class KnownModel:
    """Model of which something is known."""

    name: str
    """Name at the provider."""

    kind: Service
    """What it does."""

    roles: tuple[str, ...]
    """What it suits: "live" talk, "marks" of answers."""

    effort: str = ""
    """Reasoning effort to send in live talk; "" to send none."""

    refuses: tuple[str, ...] = ()
    """What it refuses, in words."""

    note: str = ""
    """What else one should know; "" for nothing."""

    price: Price | None = None
    """What it costs; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Shutdown:
    """Announced end of a model."""

    day: date
    """Last day."""

    successor: str = ""
    """Model to set instead; "" where there is none to name."""

    successor_source: Source = Source.OURS
    """Who names that successor."""


def known_models() -> tuple[KnownModel, ...]:
    """Return all models of the table, in its order."""
    return tuple(_models().values())


def known_model(name: str) -> KnownModel | None:
    """Return what is known of a model, which may carry its provider, as in `openai:gpt-5.4`."""
    bare = _at_openai(name)
    models = _models()
    return models.get(bare) or models.get(_SNAPSHOT.sub("", bare))


def shutdown_of(name: str) -> Shutdown | None:
    """Return the announced end of a model, None where none is known."""
    return _ends().get(_at_openai(name))


def shutdowns() -> Mapping[str, Shutdown]:
    """Return the announced ends of all models that the table has."""
    return _ends()


def price_of(used: Consumption) -> Price | None:
    """Return the price of the model that a call used, None where it is not known.

    The table's prices are OpenAI's own; what runs in this process costs nothing.
    """
    if used.provider == LOCAL:
        return FREE
    model = known_model(used.model)
    return model.price if model is not None else None


FREE = Price(Source.OURS, "")
"""Price of what runs in this process."""


# --- helpers ----------------------------------------------------------------------------------


def _at_openai(name: str) -> str:
    """Return a model's name at OpenAI; "" for another provider's."""
    provider, _, bare = name.rpartition(":")
    return bare if provider in ("", "openai") else ""


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(DATA.read_text(encoding="utf-8"))


@cache
def _models() -> dict[str, KnownModel]:
    return {row["name"]: _model(row) for row in _data()["models"]}


def _model(row: dict[str, Any]) -> KnownModel:
    price = row.get("price")
    return KnownModel(
        name=row["name"],
        kind=Service(row["kind"]),
        roles=tuple(row["roles"]),
        effort=row.get("effort", ""),
        refuses=tuple(row.get("refuses", ())),
        note=row.get("note", ""),
        price=Price(**{**price, "source": Source(price["source"])}) if price else None,
    )


@cache
def _ends() -> dict[str, Shutdown]:
    return {
        model: Shutdown(
            row["day"], row.get("successor", ""), Source(row.get("successor_source", "ours"))
        )
        for row in _data()["ends"]
        for model in row["models"]
    }
