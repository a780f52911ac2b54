"""Database addresses: as people, libpq and other drivers write them, and what asyncpg takes.

A password is never part of a message, and neither is a piece of one that stands in a wrong place.
"""

import re
import ssl
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from server.database.embedded_paths import DatabaseStartError

POOLER_PORTS = (6543, 6432)
"""Ports of Supabase's pooler and PgBouncer: behind them, in transaction mode, a prepared statement
may be met on another connection than the one that made it."""

CONNECT_TIMEOUT_S = 5.0
COMMAND_TIMEOUT_S = 5.0

_POOLER_HOST = re.compile(r"(^|[.-])(pooler|pgbouncer|pgcat|supavisor|odyssey)([.-]|$)", re.I)
"""Hosts that call themselves poolers: Neon's end in -pooler, Supabase's begin with it."""

_YES = frozenset({"true", "yes", "on", "1", "t", "y"})
_NO = frozenset({"false", "no", "off", "0", "f", "n", "none", "unnamed", "disable", "disabled"})

_ASKS_FOR_UNNAMED = {
    "binary_parameters": _YES,  # lib/pq
    "default_query_exec_mode": frozenset({"simple_protocol", "exec", "cache_describe"}),  # pgx
    "disable_prepared_statements": _YES,
    "pgbouncer": _YES,  # Prisma, SQLAlchemy's users
    "pool_mode": frozenset({"transaction", "statement"}),
    "prefer_simple_protocol": _YES,
    "preferquerymode": frozenset({"simple", "extendedforprepared"}),  # JDBC
    "prepare": _NO,  # postgres.js, Postgrex
    "prepare_threshold": _NO,  # psycopg
    "prepared_statement_cache_size": _NO,  # SQLAlchemy
    "prepared_statements": _NO,  # Rails
    "preparethreshold": _NO,  # JDBC
    "statement_cache_capacity": _NO,  # sqlx, pgx
    "statement_cache_mode": frozenset({"describe"}),  # pgx
    "statement_cache_size": _NO,  # asyncpg
}
"""Parameters by which drivers are told that a pooler stands between, with the values that do."""

_WITHOUT_EFFECT = frozenset(_ASKS_FOR_UNNAMED) | frozenset(
    {
        "channel_binding",
        "connection_limit",
        "gssencmode",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "pool_timeout",
        "supa",
        "workaround",
    }
)
"""Parameters that addresses carry for other drivers, and that are left out."""

_TAKEN = frozenset(
    {
        "application_name",
        "connect_timeout",
        "host",
        "options",
        "port",
        "ssl",
        "sslmode",
        "sslrootcert",
    }
)
"""Parameters that have an effect."""

_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

_USER = re.compile(r"[^:/]*(?::[^@]*)?@")
"""User and password as SQLAlchemy finds them: they end at the first @ behind the colon."""

_PLACE = re.compile(r"(?:\[[0-9A-Fa-f:.%\w-]+\]|[\w.,~-]*)(?::(?P<port>\d*))?(?:/[^@]*)?")
"""Host, port and database, as long as no piece of a password stands in them."""

_FORM = (
    "It looks like postgresql://user:password@host:5432/database; write special characters in the "
    "password as %XX: @ as %40, / as %2F, : as %3A, ? as %3F, # as %23, [ as %5B, ] as %5D, "
    "% as %25."
)


class DatabaseUrlError(DatabaseStartError):
    """The address of the database cannot be understood."""


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a database, as SQLAlchemy's asyncpg dialect takes it."""

    url: URL
    connect_args: dict[str, Any]

    def __str__(self) -> str:
        return self.url.render_as_string(hide_password=True)


def parse_address(url: str) -> Address:
    """Parse an address with libpq's parameters. Raises DatabaseUrlError.

    It begins with `postgres://`, `postgresql://` or `postgresql+asyncpg://`.
    """
    raw = url.strip()
    try:
        parsed = make_url(raw)
    except (ArgumentError, ValueError):
        raise DatabaseUrlError(f"DATABASE_URL is not an address. {_FORM}") from None
    if parsed.drivername not in ("postgres", "postgresql", "postgresql+asyncpg"):
        raise DatabaseUrlError(
            f"DATABASE_URL begins with {parsed.drivername}://, but Viva keeps its data in "
            "PostgreSQL alone: it has to begin with postgresql://."
        )
    _check_parts(raw, parsed)
    query = {name: _single(name, value) for name, value in parsed.query.items()}
    arguments: dict[str, Any] = {"timeout": CONNECT_TIMEOUT_S, "command_timeout": COMMAND_TIMEOUT_S}
    if _says_pooler(parsed, query):
        arguments |= unnamed_statements()
    arguments |= _encryption(query)
    settings = {name: query.pop(name) for name in ("application_name", "options") if name in query}
    arguments["server_settings"] = {"application_name": "viva"} | settings
    if "connect_timeout" in query:
        arguments["timeout"] = _seconds(query.pop("connect_timeout"))
    unknown = sorted(name for name in query if not _is_known(name))
    if unknown:
        raise DatabaseUrlError(
            f"DATABASE_URL has parameters that Viva does not know: {', '.join(unknown)}."
        )
    place = {name: value for name, value in query.items() if name in _TAKEN}
    return Address(parsed.set(drivername="postgresql+asyncpg", query=place), arguments)


def unnamed_statements() -> dict[str, Any]:
    """Return the arguments with which no prepared statement is met a second time.

    Each is made under a name of its own, and no name is kept: a pooler may give every transaction
    another connection.
    """
    return {
        "statement_cache_size": 0,
        "prepared_statement_cache_size": 0,
        "prepared_statement_name_func": lambda: f"viva_{uuid4().hex}",
    }


def through_pooler(url: str) -> str:
    """Return the address with the parameter that says that a pooler stands between."""
    said = make_url(url.strip()).update_query_dict({"pgbouncer": "true"})
    return said.render_as_string(hide_password=False)


# --- helpers ----------------------------------------------------------------------------------


def _check_parts(raw: str, parsed: URL) -> None:
    """Refuse an address that was split at a character of the password.

    The text itself is looked at: what stands in host, database or parameters by mistake would be
    shown as what it is taken for.
    """
    rest = raw.partition("://")[2]
    user = _USER.match(rest)
    place, _, query = rest[user.end() if user else 0 :].partition("?")
    found = _PLACE.fullmatch(place)
    # A parameter may hold an @, as in application_name=me@here, but no half of a password.
    names = [pair.partition("=")[0] for pair in query.split("&") if "=" in pair]
    torn = "@" in query and not (names and all(_is_known(name) for name in names))
    if found is None or torn or int(found["port"] or 0) > 65_535:
        raise DatabaseUrlError(
            "DATABASE_URL cannot be told apart into user, password, host, port and database: most"
            f" likely the password holds a character that separates them. {_FORM}"
        )
    if "\ufffd" in (parsed.password or "") and "\ufffd" not in raw:
        raise DatabaseUrlError(
            f"DATABASE_URL has a % in its password that begins no character. {_FORM}"
        )


def _says_pooler(parsed: URL, query: dict[str, str]) -> bool:
    """Return whether port, host or a parameter says that a pooler stands between."""
    hosts = f"{parsed.host or ''},{query.get('host', '')}".split(",")
    return (
        parsed.port in POOLER_PORTS
        or query.get("port") in {str(port) for port in POOLER_PORTS}
        or any(_POOLER_HOST.search(host) for host in hosts if not host.startswith("/"))
        or any(
            value.strip().lower() in _ASKS_FOR_UNNAMED.get(_plain(name), ())
            for name, value in query.items()
        )
    )


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")


def _is_known(name: str) -> bool:
    return name in _TAKEN or _plain(name) in _WITHOUT_EFFECT


def _single(name: str, value: str | tuple[str, ...]) -> str:
    if isinstance(value, str):
        return value
    named = f"the parameter {name}" if _is_known(name) else "a parameter"
    raise DatabaseUrlError(f"DATABASE_URL has {named} more than once.")


def _seconds(value: str) -> float:
    try:
        return max(1.0, float(value))
    except ValueError:
        raise DatabaseUrlError(
            f"DATABASE_URL has connect_timeout={value}, which is not a number of seconds."
        ) from None


def _encryption(query: dict[str, str]) -> dict[str, Any]:
    """Take `sslmode` and `sslrootcert` (or asyncpg's own `ssl`) out of the parameters."""
    mode = query.pop("sslmode", query.pop("ssl", ""))
    authority = query.pop("sslrootcert", "")
    if mode and mode not in _SSL_MODES:
        raise DatabaseUrlError(
            f"DATABASE_URL has sslmode={mode}; it can be one of {', '.join(_SSL_MODES)}."
        )
    if mode in ("disable", "allow", "prefer") or not (authority or mode.startswith("verify")):
        return {"ssl": mode} if mode else {}
    try:
        context = ssl.create_default_context(
            cafile=authority if authority not in ("", "system") else None
        )
    except OSError as error:
        raise DatabaseUrlError(
            f"DATABASE_URL names sslrootcert={authority}, which cannot be read: {error.strerror}."
        ) from error
    # As libpq does: with a root certificate, `require` means `verify-ca`.
    context.check_hostname = mode == "verify-full"
    return {"ssl": context}
