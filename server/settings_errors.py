"""Settings loader: a wrong setting ends the start with a sentence a person understands.

Pydantic knows what is wrong with a value; here it is put into words, with the name of the
environment variable. What concerns more than one setting is checked here too.
"""

import importlib.util
import json
import os
import re
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

from audio.providers.realtime_models import is_realtime_model, voice_problem
from server.provider_chains import LOCAL, MODEL, OPENAI
from server.settings import Settings

OPENAI_VARIABLES = "neither OPENAI_API_KEY nor OPENAI_BASE_URL is set"

_READ_BY_OTHERS = ("OPENAI_API_KEY", "OPENAI_BASE_URL")
"""Variables that OpenAI's client and LangChain read by themselves; they take an empty address for
an address."""


class SettingsError(Exception):
    """Wrong settings; the text names each and says what it must be, one sentence a line."""


def load_settings(**values: Any) -> Settings:
    """Read the settings from the environment and `.env`; `values` (by field name) win over both.

    Empty variables that others would read too are taken out of the environment. Raises
    SettingsError for values of the wrong kind, and for choices that cannot work together.
    """
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise SettingsError("\n".join(_sentences(error))) from None
    for name in _READ_BY_OTHERS:
        if os.environ.get(name) == "":
            del os.environ[name]
    problems = [sentence for check in _CHECKS for sentence in check(settings)]
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def variable_name(field: str) -> str:
    """Return the environment variable that sets a field of `Settings`."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"VIVA_{field.upper()}"


def unknown_variables(environment: dict[str, str] | None = None) -> list[str]:
    """Return variables that begin with VIVA_ but set nothing: misspelt ones, most likely."""
    known = {variable_name(field) for field in Settings.model_fields}
    names = os.environ if environment is None else environment
    return sorted(n for n in names if n.startswith("VIVA_") and n.upper() not in known)


def whisper_folder(name: str) -> Path | None:
    """Return the folder that a Whisper model's name means, None where it is a name to look up."""
    path = Path(name).expanduser()
    looks_like_path = name.startswith((".", "~", os.sep)) or path.is_dir()
    return path if looks_like_path else None


# --- values of the wrong kind ------------------------------------------------------------------


def _sentences(error: ValidationError) -> Iterator[str]:
    for problem in error.errors():
        field = _field_of(str(problem["loc"][0])) if problem["loc"] else None
        if field is None:
            yield f"The settings are wrong: {problem['msg']}."
            continue
        info = Settings.model_fields[field]
        own = problem.get("ctx", {}).get("error")
        if isinstance(own, ValueError):  # the setting's own check says it better
            yield f"{variable_name(field)}: {own}"
            continue
        shown = "" if _is_secret(info) else f" is '{problem['input']}', but"
        yield f"{variable_name(field)}{shown} must be {_expected(info)}."


def _field_of(location: str) -> str | None:
    """Return the field that pydantic reports under its name or under its alias."""
    if location in Settings.model_fields:
        return location
    return next((f for f in Settings.model_fields if variable_name(f) == location), None)


def _expected(info: FieldInfo) -> str:
    kinds = [kind for kind in (get_args(info.annotation) or ()) if kind is not NoneType]
    annotation = info.annotation
    if get_origin(annotation) is Literal:
        return "one of " + ", ".join(str(choice) for choice in get_args(annotation))
    if len(kinds) == 1 and get_origin(annotation) is not list:
        annotation = kinds[0]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "one of " + ", ".join(str(member.value) for member in annotation)
    if annotation in (int, float):
        return _number(info, "a whole number" if annotation is int else "a number")
    if get_origin(annotation) is dict:
        return "a JSON object"
    return "a list separated by commas" if get_origin(annotation) is list else "text"


def _number(info: FieldInfo, noun: str) -> str:
    bounds = {
        name: getattr(limit, name)
        for limit in info.metadata
        for name in ("ge", "gt", "le", "lt")
        if getattr(limit, name, None) is not None
    }
    if "ge" in bounds and "le" in bounds:
        return f"{noun} between {bounds['ge']} and {bounds['le']}"
    words = {"ge": "of at least", "gt": "above", "le": "of at most", "lt": "below"}
    return " ".join([noun, *(f"{words[name]} {limit}" for name, limit in bounds.items())])


def _is_secret(info: FieldInfo) -> bool:
    return info.annotation is SecretStr or SecretStr in get_args(info.annotation)


# --- settings that must fit together -----------------------------------------------------------


def _openai_is_reachable(settings: Settings) -> Iterator[str]:
    if settings.openai_configured:
        return
    if OPENAI in settings.stt_chain:
        yield (f"VIVA_STT is '{settings.stt}', but {OPENAI_VARIABLES}: set one, or VIVA_STT=local.")
    if OPENAI in settings.tts_chain:
        yield (f"VIVA_TTS is '{settings.tts}', but {OPENAI_VARIABLES}: set one, or VIVA_TTS=local.")
    entry = next((entry for entry in settings.llm_chain if entry.model.startswith("openai:")), None)
    if entry is not None:
        yield (
            f"VIVA_LLM names '{entry.model}', but {OPENAI_VARIABLES}: set one, or name another"
            " provider's model."
        )
    if MODEL in settings.llm_chain and settings.llm_model.startswith("openai:"):
        yield (
            f"VIVA_LLM is '{settings.llm}' and VIVA_LLM_MODEL is '{settings.llm_model}', but"
            f" {OPENAI_VARIABLES}: set one, name another provider's model, or VIVA_LLM=scripted."
        )


def _model_names_its_provider(settings: Settings) -> Iterator[str]:
    provider, separator, model = settings.llm_model.partition(":")
    if not (provider and separator and model):
        yield (
            f"VIVA_LLM_MODEL is '{settings.llm_model}', but must be named as provider:model,"
            " for example openai:gpt-6-luna."
        )


def _whisper_is_there(settings: Settings) -> Iterator[str]:
    folder = whisper_folder(settings.whisper_model)
    if LOCAL not in settings.stt_chain or folder is None:
        return
    if not folder.is_dir():
        yield (
            f"VIVA_WHISPER_MODEL is '{settings.whisper_model}', but there is no such folder:"
            " name the folder of a faster-whisper model, or tiny.en for the one included."
        )
    elif not (folder / "model.bin").is_file():
        yield (
            f"VIVA_WHISPER_MODEL is '{settings.whisper_model}', but that folder holds no"
            " model.bin: it must be a model converted for faster-whisper."
        )


def _voice_is_known(settings: Settings) -> Iterator[str]:
    voices = _local_voices()
    if LOCAL in settings.tts_chain and settings.local_tts_voice not in voices:
        yield (
            f"VIVA_LOCAL_TTS_VOICE is '{settings.local_tts_voice}', but the voices are"
            f" {', '.join(voices)} (heart is included, the others are fetched once)."
        )
    realtime = OPENAI in settings.tts_chain and is_realtime_model(settings.openai_tts_model)
    if realtime and (problem := voice_problem(settings.openai_tts_voice)):
        yield problem


def _local_voices() -> list[str]:
    """Return the voices in hibari's own list.

    The package is found, not imported, which takes 0.4 s.
    """
    spec = importlib.util.find_spec("hibari")
    if spec is None or spec.origin is None:
        return []
    listed = Path(spec.origin).with_name("assets") / "voices.json"
    return list(json.loads(listed.read_text(encoding="utf-8")))


def _addresses_are_addresses(settings: Settings) -> Iterator[str]:
    for field in ("openai_base_url", "twilio_api_url"):
        wrong = _wrong_address(getattr(settings, field) or "")
        if wrong:
            yield f"{variable_name(field)} {wrong}."
    public = settings.public_url
    wrong = _wrong_address(public) or _more_than_a_host(public)
    if wrong:
        yield (
            f"VIVA_PUBLIC_URL {wrong}. It looks like https://interviews.example.com, without a"
            " path: the pages ask for their parts at the root, so give Viva a host name of its own."
        )
    for origin in settings.allowed_origins:
        wrong = _wrong_address(origin) or _more_than_a_host(origin)
        if wrong:
            yield (
                f"VIVA_ALLOWED_ORIGINS names one that {wrong}. An origin looks like"
                " https://jobs.example.com."
            )
    if settings.database_url is not None:
        yield from _database_is_one(settings.database_url.get_secret_value())


def _database_is_one(url: str) -> Iterator[str]:
    scheme = url.strip().partition(":")[0]
    if scheme.partition("+")[0] not in ("postgresql", "postgres"):
        yield "DATABASE_URL must begin with postgresql://: Viva keeps its data in PostgreSQL."
        return
    from server.database.address import DatabaseUrlError, parse_address

    try:
        parse_address(url)
    except DatabaseUrlError as error:
        yield str(error)


def _wrong_address(address: str) -> str:
    """Return what is wrong with an address of the web, "" if nothing; no secret is shown."""
    if not address:
        return ""
    shown = _without_secrets(address)
    if not address.startswith(("http://", "https://")):
        return f"is '{shown}', but must begin with http:// or https://"
    try:
        parts = urlsplit(address)
        known = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # a port that is no number, an IPv6 address without its brackets
        known = False
    if not known or re.search(r"[\s\x00-\x1f<>\"\\^`{|}]", address):
        return (
            f"is '{shown}', but no host and port can be read from it (an IPv6 address stands in"
            " brackets, as in http://[::1]:8000)"
        )
    return ""


def _more_than_a_host(address: str) -> str:
    """Return what an address that is to name scheme, host and port has besides; "" if nothing."""
    parts = urlsplit(address)
    if "@" in parts.netloc:
        return "holds a user name or a password, which a browser would not send on"
    if parts.path.strip("/"):
        return f"is '{_without_secrets(address)}', which has the path {parts.path}"
    if "?" in address or "#" in address:
        return f"is '{_without_secrets(address)}', which has more behind the host"
    return ""


def _without_secrets(address: str) -> str:
    """Return an address as it may be shown: without user, password and parameters."""
    scheme, separator, rest = address.partition("://")
    if not separator:
        scheme, rest = "", address
    rest = re.split(r"[?#]", rest.rpartition("@")[2])[0]
    return f"{scheme}{separator}{rest}"


def _rates_are_rates(settings: Settings) -> Iterator[str]:
    import limits  # only when settings are loaded for a start

    for field in ("rate_limit_sign_in", "rate_limit_account", "rate_limit_join", "rate_limit_api"):
        value = getattr(settings, field)
        try:
            limits.parse_many(value)
        except ValueError:
            yield f"{variable_name(field)} is '{value}', but must be a rate such as 10/minute."


_CHECKS: tuple[Callable[[Settings], Iterator[str]], ...] = (
    _openai_is_reachable,
    _model_names_its_provider,
    _whisper_is_there,
    _voice_is_known,
    _addresses_are_addresses,
    _rates_are_rates,
)
