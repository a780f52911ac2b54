"""Fallback: a chain of interviewers, each of which steps in for those before it that fail.

A circuit breaker each keeps a model that fails again and again from being called for a while, so
that the candidate does not wait for its timeout at every turn.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

import structlog

from audio.providers.circuit_breaker import Attempt, Circuit
from audio.providers.late_hosts import LateHosts
from sessions.interviewer.protocol import (
    Conversation,
    Interviewer,
    InterviewerError,
    ReplyPart,
    UnfitReply,
)

LEAST_PATIENCE_S = 1.0
"""Least time to the first word that a model is given, however many stand before the last:
gpt-6-luna takes 1.14 s at most in nine of ten replies (reported)."""

log = structlog.get_logger()


class FallbackInterviewer:
    """Interviewer over a chain of them: the first that can writes the reply.

    One that fails before its first word is replaced by the next. Once something was spoken, a
    failure is raised: two minds in one reply would confuse; the words spoken stay on record, and
    what they lack is another reply's. An urgent reply, for which a first attempt took too long, is
    the last one's at once. The last is called whatever its circuit says.

    `budget_s` is how long all but the last may take together to their first word, None for as long
    as each allows itself. `hosts` are those of the members, "" or missing where none is known; one
    of the `late` hosts gets little time.
    """

    def __init__(
        self,
        *members: Interviewer,
        clock: Callable[[], float] = time.monotonic,
        hosts: Sequence[str] = (),
        budget_s: float | None = None,
        late: LateHosts | None = None,
    ) -> None:
        self._members = members
        self._clock = clock
        self._hosts = [*hosts, *[""] * (len(members) - len(hosts))]
        self._budget_s = budget_s
        self._late = LateHosts(clock) if late is None else late
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
        ends = None if self._budget_s is None else self._clock() + self._budget_s
        for position in range(begin, last + 1):
            attempt = self.circuits[position].attempt(at_any_rate=position == last)
            if attempt is None:
                continue
            try:
                async with aclosing(self._try(position, attempt, conversation, ends)) as parts:
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
        self, position: int, attempt: Attempt, conversation: Conversation, ends: float | None
    ) -> AsyncGenerator[ReplyPart, None]:
        """Stream a member's reply from its first word on: nothing before it is handed on.

        Raises InterviewerError, also for a reply without a word.
        """
        member, host = self._members[position], self._hosts[position]
        spoken = False
        try:
            async with aclosing(member.reply(conversation)) as parts:
                held = await self._beginning(position, parts, ends)
                self._late.answered(host)
                for part in held:
                    spoken = True
                    yield part
                async for part in parts:
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
        attempt.succeeded()

    async def _beginning(
        self, position: int, parts: AsyncGenerator[ReplyPart, None], ends: float | None
    ) -> list[ReplyPart]:
        """Return the parts up to the first word. Raises InterviewerError if it is late, or none."""
        held: list[ReplyPart] = []
        name, host = self._members[position].model, self._hosts[position]
        try:
            async with asyncio.timeout(self._patience_s(position, ends)):
                async for part in parts:
                    held.append(part)
                    if isinstance(part, str):
                        return held
        except TimeoutError:
            self._late.was_late(host)
            raise InterviewerError(
                f"The language model {name} did not begin to reply in time.", retryable=True
            ) from None
        raise InterviewerError(f"The language model {name} said nothing.", retryable=True)

    def _patience_s(self, position: int, ends: float | None) -> float | None:
        """Return how long a member may take to its first word; None: as long as it likes."""
        last = len(self._members) - 1
        if ends is None or position == last:
            return None
        ahead = sum(circuit.living for circuit in self.circuits[position + 1 : last])
        share = max(LEAST_PATIENCE_S, (ends - self._clock()) / (ahead + 1))
        return min(share, LEAST_PATIENCE_S) if self._hosts[position] in self._late else share
