"""Deadlines of the product that a busy machine misses, put off: no test of whole parts is about
them (those that are about one set it themselves, and most run in virtual time)."""

from typing import Any

import server.database.address
import server.database.engine

PATIENCE_S = 60.0
"""How long anything may take on a machine that has other things to do."""

MODEL_DEADLINES: dict[str, Any] = {
    "llm_first_token_timeout_s": PATIENCE_S,
    "llm_between_tokens_timeout_s": PATIENCE_S,
}
"""Settings: the scripted interviewer is never late, but its process may get no time."""

UNHURRIED: dict[str, Any] = {
    "transcript_wait_ms": 1000 * PATIENCE_S,
    "wordless_grace_ms": 1000 * PATIENCE_S,
    "filler_ms": 1000 * PATIENCE_S,
    "reply_wait_ms": 1000 * PATIENCE_S,
    "reply_stall_ms": 1000 * PATIENCE_S,
    "no_sound_ms": 1000 * PATIENCE_S,
    "idle_first_ms": 1000 * PATIENCE_S,
    "idle_next_ms": 1000 * PATIENCE_S,
    "idle_last_ms": 1000 * PATIENCE_S,
}
"""Rules of turn-taking: what Viva does about somebody, or something, that is slow."""


def put_off_deadlines() -> None:
    """Wait for the database as long as it takes, for the life of this process."""
    server.database.address.CONNECT_TIMEOUT_S = PATIENCE_S
    server.database.address.COMMAND_TIMEOUT_S = PATIENCE_S
    server.database.engine.POOL_TIMEOUT_S = PATIENCE_S
