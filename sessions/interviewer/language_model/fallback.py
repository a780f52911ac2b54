"""Fallback: the scripted interviewer steps in for a model that fails before its first word.

A circuit breaker keeps a model that fails again and again from being called for a while, so that
the candidate does not wait for its timeout at every turn.
"""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import structlog

from sessions.interviewer.protocol import (
    Conversation,
    Interviewer,
    InterviewerError,
    Move,
    ReplyPart,
    UnfitReply,
)

FAILURES_TO_OPEN = 3
"""Failures in a row, over all sessions, that open the circuit: the model is not called."""

OPEN_S = 20.0
"""Time for which the circuit stays open; then one reply tries the model again."""

log = structlog.get_logger()


class FallbackInterviewer:
    """Interviewer with a backup: calls `primary`, and `backup` if that fails before its first word.

    Once something was spoken, a failure is raised: two voices in one reply would confuse. An urgent
    reply, for which a first attempt took too long, is the backup's at once.
    """

    def __init__(
        self,
        primary: Interviewer,
        backup: Interviewer,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._primary = primary
        self._backup = backup
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0

    @property
    def model(self) -> str:
        """Name of the primary model; a reply's Usage shows when the backup wrote it."""
        return self._primary.model

    async def warm_up(self) -> None:
        """Warm up both.

        Raises InterviewerError if the primary is set up wrongly: that must show at the start, not
        in an interview.
        """
        await self._backup.warm_up()
        await self._primary.warm_up()

    async def reply(self, conversation: Conversation) -> AsyncGenerator[ReplyPart, None]:
        """Stream the next reply. Raises InterviewerError."""
        if not conversation.urgent and self._clock() >= self._open_until:
            spoken = False
            held: list[Move] = []
            try:
                async with aclosing(self._primary.reply(conversation)) as parts:
                    async for part in parts:
                        if isinstance(part, Move) and not spoken:
                            held.append(part)
                            continue
                        if isinstance(part, str) and not spoken:
                            spoken = True
                            self._failures = 0
                            for move in held:
                                yield move
                        yield part
            except UnfitReply as error:  # the model answers, so it goes on being asked
                log.warning("language model reply replaced", problem=str(error))
            except InterviewerError as error:
                self._failed(error, spoken)
                if spoken:
                    raise
            if spoken:
                return
        async with aclosing(self._backup.reply(conversation)) as parts:
            async for part in parts:
                yield part

    async def close(self) -> None:
        """Close both."""
        await self._primary.close()
        await self._backup.close()

    def _failed(self, error: InterviewerError, spoken: bool) -> None:
        self._failures += 1
        opens = self._failures >= FAILURES_TO_OPEN
        if opens:
            self._open_until = self._clock() + OPEN_S
        log.warning(
            "language model failed",
            model=self._primary.model,
            problem=str(error),
            scripted_reply=not spoken,
            circuit_open_s=OPEN_S if opens else 0,
        )
