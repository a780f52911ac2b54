"""The server under measurement, a process of its own: what `viva serve` runs, and a meter of lag.

`python -m bench.live.served`, set up by the environment like any server. It prints its address and
the recruiter's sign-in as a line of JSON, reports at /bench/lag how late its event loop was since
it was last asked, and ends when its standard input does.
"""

import asyncio

import uvloop

from bench.live.children import report_ready, until_stdin_ends
from server.composition import database, make_server, make_viva
from server.logs import configure_logging
from server.seed import seed
from server.settings import Settings
from server.settings_errors import load_settings

LAG_EVERY_S = 0.02
"""A timer of this period is the sample: 50 a second see every stall that a listener could hear,
and cost about 0.1% of a core."""


class LagMeter:
    """Meter of the event loop's lag: how late a timer's callback is called, in ms."""

    def __init__(self) -> None:
        self._late: list[float] = []
        self._due = 0.0

    def start(self) -> None:
        """Measure from now on, on the running loop."""
        self._loop = asyncio.get_running_loop()
        self._due = self._loop.time() + LAG_EVERY_S
        self._loop.call_at(self._due, self._tick)

    def _tick(self) -> None:
        now = self._loop.time()
        self._late.append((now - self._due) * 1000)
        self._due = now + LAG_EVERY_S
        self._loop.call_at(self._due, self._tick)

    async def read(self) -> list[float]:
        """Return what was measured since the last call."""
        late, self._late = self._late, []
        return [round(value, 1) for value in late]


def main() -> None:
    """Run the process."""
    settings = load_settings()
    configure_logging(settings.log_level, settings.log_format)
    with database(settings) as url:
        uvloop.run(_serve(settings, url))


async def _serve(settings: Settings, url: str) -> None:
    viva = make_viva(settings, url)
    meter = LagMeter()
    viva.app.add_api_route("/bench/lag", meter.read)
    server = make_server(viva)
    serving = asyncio.create_task(server.serve())
    await server.settled.wait()
    if server.started:
        meter.start()
        found = await seed(viva.services.store, viva.services.passwords, settings)
        await viva.settle()
        port = server.servers[0].sockets[0].getsockname()[1]
        report_ready(
            {
                "base_url": f"http://127.0.0.1:{port}",
                "email": found.email if found else "",
                "password": found.password if found else "",
            }
        )
        await until_stdin_ends()
        server.should_exit = True
    await serving


if __name__ == "__main__":
    main()
