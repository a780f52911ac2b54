"""Fallback: a chain of interviewers, each of which steps in for those before it that fail.

A circuit breaker each keeps a model that fails again and again from being called for a while, so
that the candidate does not wait for its timeout at every turn.
"""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

import structlog

from audio.providers.circuit_breaker import Attempt, Circuit
from sessions.interviewer.protocol import (
    Conversation,
    Interviewer,
    InterviewerError,
    Move,
    ReplyPart,
    UnfitReply,
)

log = structlog.get_logger()


class FallbackInterviewer:
    """Interviewer over a chain of them: the first that can writes the reply.

    One that fails before its first word is replaced by the next. Once something was spoken, a
    failure is raised: two minds in one reply would confuse; the words spoken stay on record, and
    what they lack is another reply's. An urgent reply, for which a first attempt took too long, is
    the last one's at once. The last is called whatever its circuit says.
    """

    def __init__(self, *members: Interviewer, clock: Callable[[], float] = time.monotonic) -> None:
        self._members = members
        self.circuits: Sequence[Circuit] = [Circuit(member.model, clock) for member in members]

    @property
    def model(self) -> str:
        """Name of the first model; a reply's Usage shows who wrote it."""
        return self._members[0].model

    async def warm_up(self) -> None:
        """Warm up all, the last first.

        Raises InterviewerError if one is set up wrongly: that must show at the start, not in an
        interview.
        """
        for member in reversed(self._members):
            await member.warm_up()

    async def reply(self, conversation: Conversation) -> AsyncGenerator[ReplyPart, None]:
        """Stream the next reply. Raises InterviewerError."""
        last = len(self._members) - 1
        begin = last if conversation.urgent else 0
        for position in range(begin, last + 1):
            attempt = self.circuits[position].attempt(at_any_rate=position == last)
            if attempt is None:
                continue
            try:
                async with aclosing(self._try(position, attempt, conversation)) as parts:
                    spoken = False
                    async for part in parts:
                        spoken = True
                        yield part
            except InterviewerError as error:
                if spoken and isinstance(error, UnfitReply):
                    return  # its beginning was fit, and is all of the reply
                if spoken or position == last:
                    raise
                continue
            finally:
                attempt.let_go()
            return
        raise InterviewerError("No language model takes a request just now.", retryable=True)

    async def close(self) -> None:
        """Close all."""
        for member in self._members:
            await member.close()

    async def _try(
        self, position: int, attempt: Attempt, conversation: Conversation
    ) -> AsyncGenerator[ReplyPart, None]:
        """Stream a member's reply from its first word on: nothing before it is handed on.

        Raises InterviewerError, also for a reply without a word.
        """
        member = self._members[position]
        spoken = False
        held: list[ReplyPart] = []
        try:
            async with aclosing(member.reply(conversation)) as parts:
                async for part in parts:
                    if isinstance(part, Move) and not spoken:
                        held.append(part)
                        continue
                    if isinstance(part, str) and not spoken:
                        spoken = True
                        for move in held:
                            yield move
                    yield part
        except UnfitReply as error:  # the model answers, so it goes on being asked
            attempt.succeeded()
            log.warning("language model reply replaced", problem=str(error))
            raise
        except InterviewerError as error:
            attempt.failed(str(error), refused=not error.retryable)
            log.warning(
                "language model failed",
                model=member.model,
                problem=str(error),
                replaced=not spoken,
                circuit_open_s=round(self.circuits[position].due_in_s(), 1),
            )
            raise
        if not spoken:
            problem = InterviewerError(f"The language model {member.model} said nothing.")
            attempt.failed(str(problem))
            raise problem
        attempt.succeeded()
