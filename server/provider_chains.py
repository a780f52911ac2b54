"""Provider chains as they are set: who hears, speaks and writes, and who stands behind whom.

A chain is a list separated by commas: `openai,http://voices.internal/v1,local`. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

AUTO = "auto"
"""Chain that follows from what is configured; it stands alone."""


class EntryKind(StrEnum):
    """What an entry of a chain names."""

    OPENAI = "openai"
    ADDRESS = "address"
    LOCAL = "local"
    MODEL = "model"
    SCRIPTED = "scripted"


@dataclass(frozen=True, slots=True)
class ChainEntry:
    """One provider of a chain."""

    kind: EntryKind
    """What it is."""

    address: str = ""
    """Address of a server that speaks OpenAI's API, for ADDRESS."""

    model: str = ""
    """Name of the model; "" for that of the settings."""

    voice: str = ""
    """Name of the voice; "" for that of the settings."""

    @property
    def host(self) -> str:
        """Host of an address."""
        return urlsplit(self.address).netloc.rpartition("@")[2]


OPENAI = ChainEntry(EntryKind.OPENAI)
LOCAL = ChainEntry(EntryKind.LOCAL)
SCRIPTED = ChainEntry(EntryKind.SCRIPTED)
MODEL = ChainEntry(EntryKind.MODEL)


def speech_chain(value: str, *, openai: bool, voices: bool = False) -> tuple[ChainEntry, ...]:
    """Return the chain that VIVA_STT or, with `voices`, VIVA_TTS names.

    `openai` says whether OpenAI is configured, which is what `auto` asks. Raises ValueError with a
    sentence for an entry that means nothing.
    """
    names = _names(value)
    if names == [AUTO]:
        return (OPENAI, LOCAL) if openai else (LOCAL,)
    return _once(names, (_speech_entry(name, voices) for name in names))


def language_chain(value: str, *, openai: bool) -> tuple[ChainEntry, ...]:
    """Return the chain that VIVA_LLM names; the scripted interviewer always stands last.

    Raises ValueError with a sentence for an entry that means nothing.
    """
    names = _names(value)
    if names == [AUTO]:
        return (MODEL, SCRIPTED) if openai else (SCRIPTED,)
    chain = _once(names, (_language_entry(name) for name in names))
    if SCRIPTED in chain[:-1]:
        raise ValueError("What stands behind scripted is never asked: put scripted last.")
    return chain if chain[-1] == SCRIPTED else (*chain, SCRIPTED)


def _names(value: str) -> list[str]:
    names = [name.strip() for name in value.split(",")]
    if "" in names:
        raise ValueError("There is nothing between two commas, or at an end of the list.")
    if AUTO in names and len(names) > 1:
        raise ValueError("auto stands alone: leave it out, or set nothing but it.")
    return names


def _once(names: list[str], entries: Iterator[ChainEntry]) -> tuple[ChainEntry, ...]:
    chain: list[ChainEntry] = []
    for name, entry in zip(names, entries, strict=True):
        if entry in chain:
            raise ValueError(f"'{_shown(name)}' stands in the list twice.")
        chain.append(entry)
    return tuple(chain)


def _speech_entry(name: str, voices: bool) -> ChainEntry:
    if "://" in name:
        return _address(name, voices)
    match name.lower():
        case "openai":
            return OPENAI
        case "local":
            return LOCAL
    raise ValueError(
        f"'{_shown(name)}' names nobody: write openai, local, an address such as"
        " http://host/v1#model, several of them separated by commas, or auto alone."
    )


def _language_entry(name: str) -> ChainEntry:
    if "://" in name:
        return _address(name, voices=False)
    match name.lower():
        case "scripted":
            return SCRIPTED
        case "model":
            return MODEL
    provider, _, model = name.partition(":")
    if provider.strip() and model.strip():
        return ChainEntry(EntryKind.MODEL, model=name)
    raise ValueError(
        f"'{_shown(name)}' names nobody: write provider:model, model (that of VIVA_LLM_MODEL), an"
        " address such as http://host/v1#model, scripted, several of them separated by commas,"
        " or auto alone."
    )


def _address(text: str, voices: bool) -> ChainEntry:
    try:
        address = urlsplit(text)
        valid = address.scheme in ("http", "https") and bool(address.hostname)
        _ = address.port
    except ValueError:
        valid = False
    if not valid or not text.isprintable() or " " in text:
        raise ValueError(f"'{_shown(text)}' is no address: write http:// or https:// and a host.")
    if address.username or address.password:
        raise ValueError("An address in a list holds no name and no password.")
    model, _, voice = address.fragment.partition("@") if voices else (address.fragment, "", "")
    base = address._replace(fragment="").geturl().rstrip("/")
    return ChainEntry(EntryKind.ADDRESS, base, model, voice)


def _shown(name: str) -> str:
    """Return an entry as an error may quote it: without what may be a password."""
    before, at, behind = name.rpartition("@")
    return f"***@{behind}" if at and "://" in before else name[:80]
