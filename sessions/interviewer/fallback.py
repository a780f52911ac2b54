"""The scripted interviewer steps in for a language model that fails before it has said a word.

A model that keeps failing is left alone for a while (a circuit breaker), so that the candidate
does not wait for its timeout at every turn.
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
)

FAILURES_TO_OPEN = 3
"""So many failures running, over all sessions, and the model is left alone."""

REST_S = 20.0
"""For so long; then one reply tries it again."""

log = structlog.get_logger()


class FallbackInterviewer:
    """An `Interviewer` that asks `primary` first and `spare` when that fails in time. Once
    something was spoken, a failure is raised: two voices in one reply would confuse. What is
    urgent, since a first try took too long, goes to `spare` at once."""

    def __init__(
        self,
        primary: Interviewer,
        spare: Interviewer,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._primary = primary
        self._spare = spare
        self._clock = clock
        self._failures = 0
        self._rests_until = 0.0

    @property
    def model(self) -> str:
        """The primary model's name; a reply's Usage tells when the spare one wrote it."""
        return self._primary.model

    async def warm_up(self) -> None:
        """Warm up both. Raises InterviewerError if the primary is set up wrongly: that is to be
        noticed at the start, not in an interview."""
        await self._spare.warm_up()
        await self._primary.warm_up()

    async def reply(self, conversation: Conversation) -> AsyncGenerator[ReplyPart, None]:
        """Stream the next reply. Raises InterviewerError."""
        if not conversation.urgent and self._clock() >= self._rests_until:
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
            except InterviewerError as error:
                self._failed(error, spoken)
                if spoken:
                    raise
            if spoken:
                return
        async with aclosing(self._spare.reply(conversation)) as parts:
            async for part in parts:
                yield part

    async def close(self) -> None:
        """Close both."""
        await self._primary.close()
        await self._spare.close()

    def _failed(self, error: InterviewerError, spoken: bool) -> None:
        self._failures += 1
        rests = self._failures >= FAILURES_TO_OPEN
        if rests:
            self._rests_until = self._clock() + REST_S
        log.warning(
            "the language model failed",
            model=self._primary.model,
            problem=str(error),
            scripted_reply=not spoken,
            rests_s=REST_S if rests else 0,
        )
