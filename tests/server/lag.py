"""How late the event loop is: what tests of work beside the loop measure."""

import asyncio


class LagMeter:
    """How late a timer is that is due every 5 ms, from now until `stop`."""

    PERIOD_S = 0.005

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lags_s: list[float] = []
        self._arm()

    def stop(self) -> float:
        """The 99th percentile in seconds: work on the loop makes every timer late, a busy
        machine only some."""
        self._timer.cancel()
        ordered = sorted(self._lags_s)
        return ordered[int(len(ordered) * 0.99)]

    def _arm(self) -> None:
        self._due = self._loop.time() + self.PERIOD_S
        self._timer = self._loop.call_at(self._due, self._tick)

    def _tick(self) -> None:
        self._lags_s.append(self._loop.time() - self._due)
        self._arm()
