"""Chain of providers of one kind: who is asked, in which order, and how long each may take.

Each has a circuit. Those that are given a rest are passed over; where nobody is left, they are
asked all the same: refusing would help nobody.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

import structlog

from audio.providers.circuit_breaker import Attempt, Circuit
from audio.providers.late_hosts import LateHosts
from audio.speech import SpeechError, SpeechUnavailable

log = structlog.get_logger()

SPEECH_FAILURES_TO_OPEN = 2
"""Failures in a row that open a circuit of speech: somebody else answers at once, and each failure
is heard as a wait."""

LEAST_PATIENCE_S = 0.6
"""Least time that a provider is given, however many stand before the last: a round trip and the
first sound of a fast one."""


class Part(Protocol):
    """What all kinds of speech providers have in common."""

    @property
    def model(self) -> str:
        """Name of the model."""

    async def warm_up(self) -> None:
        """Load what is needed. Raises SpeechError."""

    async def close(self) -> None:
        """Free threads and connections."""


P = TypeVar("P", bound=Part)
A = TypeVar("A")


@dataclass(slots=True)
class Link(Generic[P]):
    """One provider of a chain."""

    provider: P
    """The provider itself."""

    host: str
    """Host of the provider, "local" for what runs in this process."""

    circuit: Circuit
    """Its circuit."""


@dataclass(slots=True)
class Chance(Generic[P]):
    """Chance of one provider to answer a call."""

    link: Link[P]
    """Who is asked."""

    attempt: Attempt
    """Attempt whose end is to be told."""

    patience_s: float | None
    """Time until it must have begun to answer; None where nobody else is left: its own deadline."""

    late_hosts: LateHosts
    """Hosts that were late a moment ago."""

    async def in_time(self, answer: Awaitable[A]) -> A:
        """Return the answer, or its beginning. Raises SpeechUnavailable if it is late."""
        try:
            async with asyncio.timeout(self.patience_s):
                return await answer
        except TimeoutError:
            self.late_hosts.was_late(self.link.host)
            raise SpeechUnavailable(
                f"{self.link.host} did not begin to answer in time.", retryable=True
            ) from None

    def succeeded(self) -> None:
        """Tell that it did what it was asked for."""
        self.attempt.succeeded()
        self.late_hosts.answered(self.link.host)

    def failed(self, error: SpeechError) -> None:
        """Tell the circuit of a failure, and the log."""
        circuit = self.link.circuit
        self.attempt.failed(
            str(error), refused=not error.retryable, retry_after_s=error.retry_after_s
        )
        log.warning(
            "provider failed",
            provider=self.link.host,
            model=self.link.provider.model,
            problem=str(error),
            circuit_open_s=round(circuit.due_in_s(), 1),
        )


@dataclass(slots=True)
class _Budget:
    """Time that all but the last may take together."""

    clock: Callable[[], float]
    ends: float
    tried: set[str] = field(default_factory=set)

    def share(self, ahead: int) -> float:
        """Return the share of one that has `ahead` more before the last."""
        return max(LEAST_PATIENCE_S, (self.ends - self.clock()) / (ahead + 1))


class Chain(Generic[P]):
    """Chain of providers of one kind, named `kind` for people ("voice").

    `budget_s` is how long all but the last together may take to begin an answer. `links` are pairs
    of a host and its provider.
    """

    def __init__(
        self,
        kind: str,
        links: Sequence[tuple[str, P]],
        *,
        clock: Callable[[], float],
        budget_s: float,
        late: LateHosts | None = None,
    ) -> None:
        self.kind = kind
        self._late = LateHosts(clock) if late is None else late
        self._clock = clock
        self._budget_s = budget_s
        self.links = [
            Link(
                provider,
                host,
                Circuit(f"{host} ({provider.model})", clock, opens_after=SPEECH_FAILURES_TO_OPEN),
            )
            for host, provider in links
        ]
        self._warming: set[asyncio.Task[None]] = set()

    def turns(self, failed: Collection[str] = ()) -> Iterator[Chance[P]]:
        """Yield who is asked next, until somebody has answered; names that `failed` come last."""
        budget = _Budget(self._clock, self._clock() + self._budget_s)
        for position, link in enumerate(self.links):
            if link.circuit.name in failed:
                continue
            attempt = link.circuit.attempt()
            if attempt is None:
                continue
            budget.tried.add(link.circuit.name)
            later = [
                other
                for other in self.links[position + 1 :]
                if other.circuit.living and other.circuit.name not in failed
            ]
            yield Chance(link, attempt, self._patience(link, budget, later), self._late)
        rest = [link for link in self.links if link.circuit.name not in budget.tried]
        for link in sorted(rest, key=lambda link: link.circuit.due_in_s()):
            attempt = link.circuit.attempt(at_any_rate=True)
            if attempt is not None:
                yield Chance(link, attempt, None, self._late)

    def _patience(self, link: Link[P], budget: _Budget, later: Sequence[Link[P]]) -> float | None:
        if not later:
            return None
        share = budget.share(len(later) - 1)
        return min(share, LEAST_PATIENCE_S) if link.host in self._late else share

    @property
    def next_host(self) -> str:
        """Host of the provider that the next call asks first."""
        living = (link.host for link in self.links if link.circuit.living)
        return next(living, self.links[0].host)

    def nobody(self) -> SpeechError:
        """Return the error of a call that nobody could be asked to answer."""
        wait_s = min(link.circuit.due_in_s() for link in self.links)
        return SpeechUnavailable(
            f"No {self.kind} takes a request just now.", retryable=True, retry_after_s=wait_s
        )

    def trouble(self) -> str:
        """Return a sentence on why nobody of the chain can be asked; "" while somebody can."""
        if any(link.circuit.living for link in self.links):
            return ""
        return f"no {self.kind} answers: " + " ".join(
            link.circuit.problem or f"{link.host} takes no requests." for link in self.links
        ).rstrip(".")

    async def warm_up(self) -> None:
        """Load the first, so that the start is not slow; the others load in the background.

        Raises SpeechError for the first; one of the others that cannot be loaded is logged, and
        tells so when it is called.
        """
        await self.links[0].provider.warm_up()
        for link in self.links[1:]:
            task = asyncio.create_task(self._warm(link))
            self._warming.add(task)
            task.add_done_callback(self._warming.discard)

    async def close(self) -> None:
        """Stop loading, then close all."""
        for task in self._warming:
            task.cancel()
        if self._warming:
            await asyncio.wait(self._warming)
        for link in self.links:
            await link.provider.close()

    async def _warm(self, link: Link[P]) -> None:
        try:
            await link.provider.warm_up()
        except Exception as error:
            log.error("stand-in not loaded", part=self.kind, provider=link.host, problem=str(error))
