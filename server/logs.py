"""Logging: one form for our own lines and all libraries', with no secret in any of them.

Lines are JSON, or readable text on a terminal. What is bound with `structlog.contextvars`
(`request_id`, `session_id`, `interview_id`) is on every line written below that point, also on
those of libraries that use the standard library's logging.
"""

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, Literal, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from audio.well_formed import well_formed

REDACTED = "[redacted]"

SECRET_WORDS = frozenset(
    {"authorization", "cookie", "passwd", "password", "secret", "ticket", "token"}
)
"""Words between underscores that make a field's name a secret's: its value is never written."""

_SECRET_TEXT: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(/join/)(?!(?:ticket|realtime)(?:[?#\s]|$))[^/\s?#\"']+"), rf"\1{REDACTED}"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), REDACTED),
    (re.compile(r"(?i)\b(bearer\s+)[^\s\"',]+"), rf"\1{REDACTED}"),
    (
        re.compile(r"(?i)\b(password|passwd|secret|ticket|token|api_key)(=)[^\s&\"']+"),
        rf"\1\2{REDACTED}",
    ),
    (re.compile(r"(\w://[^\s:/@\"']+:)[^\s@/\"']+@"), rf"\1{REDACTED}@"),
    (re.compile(r"\b(?:sk-|ek_)[\w-]{16,}"), REDACTED),
    # telephone numbers: as parameters, as addresses, and by their plus
    (
        re.compile(
            r"(?i)\b(caller|caller_id|callerid|from|to|number|phone|candidate_phone)(=)[^\s&\"']+"
        ),
        rf"\1\2{REDACTED}",
    ),
    (re.compile(r"(?i)\b(sips?|tel)(:|%3a)[^\s&\"'<>]+"), rf"\1\2{REDACTED}"),
    (re.compile(r"(?i)(?:\+|%2b)[1-9](?:(?:[ .()/-]|%20|%2d){0,2}\d){6,14}(?!\d)"), REDACTED),
)
"""Patterns of secrets inside text, and their replacements: join links, JWTs, bearer headers, query
strings, the password in a database's address, OpenAI keys, telephone numbers."""

NUMBER_FIELDS = frozenset({"number", "phone", "candidate_phone", "caller", "caller_id"})
"""Fields whose text is a telephone number."""

_QUIETED_LIBRARIES = (
    "httpx",
    "httpx2",
    "httpcore",
    "openai",
    "sqlalchemy",
    "asyncio",
    "faster_whisper",
    "alembic",
)
"""Libraries whose lines below a warning are of no use to an operator."""

_MAX_DEPTH = 6


def configure_logging(
    level: str = "info",
    log_format: Literal["auto", "console", "json"] = "auto",
    stream: TextIO | None = None,
) -> None:
    """Send every log line through one handler on `stream` (stderr unless given).

    `auto` is readable text on a terminal and JSON elsewhere. Call it once at the start; a
    second call replaces the first. Start uvicorn with `log_config=None`, or it undoes this.
    """
    target = stream if stream is not None else sys.stderr
    console = log_format == "console" or (log_format == "auto" and target.isatty())
    shared = _shared_processors()
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(), _drop_colours],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact,
                _console_renderer(target) if console else _json_renderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    _route_libraries()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return a logger whose lines carry `name` and whatever is bound in the context."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def redact(_logger: WrappedLogger, _method: str, event_dict: EventDict) -> EventDict:
    """Remove secrets from a line: fields that are named like one, and texts that hold one."""
    return {key: _clean(key, value, 0) for key, value in event_dict.items()}


def redact_text(value: str) -> str:
    """Return `value` without the secrets that are known by their form, and fit to be written."""
    value = well_formed(value)
    for pattern, replacement in _SECRET_TEXT:
        value = pattern.sub(replacement, value)
    return value


def _clean(key: str, value: Any, depth: int) -> Any:
    if _names_a_secret(key) and value is not None:
        return REDACTED
    if isinstance(value, str):
        return REDACTED if value and key.lower() in NUMBER_FIELDS else redact_text(value)
    if depth >= _MAX_DEPTH:
        return value
    if isinstance(value, Mapping):
        return {str(k): _clean(str(k), v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_clean("", item, depth + 1) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact_text(str(value))


def _names_a_secret(key: str) -> bool:
    name = key.lower().replace("-", "_")
    return name.endswith("api_key") or not SECRET_WORDS.isdisjoint(name.split("_"))


def _shared_processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _drop_colours(_logger: WrappedLogger, _method: str, event_dict: EventDict) -> EventDict:
    """Drop uvicorn's second copy of each message, made for a terminal."""
    event_dict.pop("color_message", None)
    return event_dict


def _console_renderer(target: TextIO) -> Processor:
    return structlog.dev.ConsoleRenderer(
        colors=target.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


def _json_renderer() -> Processor:
    def dumps(value: Any, **_options: Any) -> str:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()

    return structlog.processors.JSONRenderer(serializer=dumps)


def _route_libraries() -> None:
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # Requests have a line of our own, with an id and without secrets.
    logging.getLogger("uvicorn.access").setLevel(logging.CRITICAL)
    for name in _QUIETED_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
