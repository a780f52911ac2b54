"""What goes out to a monitor: in order, and never at the interview's cost."""

import asyncio
from typing import Any, cast

from starlette.websockets import WebSocket, WebSocketState

from server.dialects.close_reasons import MonitorClose
from server.sockets.bounded_sender import TAKE_WITHIN_S
from server.sockets.monitor_sender import MAX_ANSWERS, MonitorSender
from sessions.leg import EndedNote
from sessions.monitor.channel import Channel
from sessions.monitor.events import ConnectionNow, SoundFrame
from sessions.monitor.subscription import MAX_EVENTS
from tests.support.virtual_time import now_ms, pass_ms, run_virtual


class FakeSocket:
    """Takes what it is sent, until it is full."""

    def __init__(self, room: int = 10_000) -> None:
        self.room = room
        self.sent: list[Any] = []
        self.closed: list[int] = []
        self.client_state = WebSocketState.CONNECTED

    async def send_text(self, text: str) -> None:
        await self._take(text)

    async def send_bytes(self, data: bytes) -> None:
        await self._take(data)

    async def close(self, code: int, reason: str) -> None:
        self.closed.append(code)

    async def _take(self, message: Any) -> None:
        if len(self.sent) >= self.room:
            await asyncio.get_running_loop().create_future()
        self.sent.append(message)


def start(socket: FakeSocket) -> tuple[MonitorSender, asyncio.Task[None]]:
    sender = MonitorSender(cast("WebSocket", socket))
    return sender, asyncio.create_task(sender.run())


class Watch:
    """A monitor that was let in to a channel: its subscription, its socket and its sender."""

    def __init__(self, channel: Channel, room: int = 10_000) -> None:
        self.subscription, _ = channel.subscribe(None)
        self.socket = FakeSocket(room)
        self.sender, self.sending = start(self.socket)
        self.sender.begin(self.subscription, "opening")


def test_a_monitor_that_takes_nothing_is_let_go_after_ten_seconds_with_little_kept_for_it() -> None:
    async def story() -> None:
        channel = Channel(now_ms)
        watch = Watch(channel, room=3)
        watch.subscription.wants_sound = True
        began_ms = now_ms()
        while not watch.sending.done():
            channel.publish(ConnectionNow(True))
            channel.offer(SoundFrame(1, 0.0, bytes(5_120)))
            assert watch.subscription.waiting <= MAX_EVENTS
            assert len(watch.subscription._frames) <= 4
            await pass_ms(80)
        assert watch.socket.closed == [MonitorClose.LAGGED.code]
        assert abs(now_ms() - began_ms - TAKE_WITHIN_S * 1000) < 1_500

    run_virtual(story())


def test_one_that_is_too_slow_for_the_events_is_closed_as_lagged() -> None:
    async def story() -> None:
        channel = Channel(now_ms)
        watch = Watch(channel)
        for _ in range(MAX_EVENTS + 1):
            channel.publish(ConnectionNow(True))
        await watch.sending
        assert watch.socket.sent == ["opening"]
        assert watch.socket.closed == [4425]

    run_virtual(story())


def test_what_happened_before_the_end_is_told_before_the_close() -> None:
    async def story() -> None:
        channel = Channel(now_ms)
        watch = Watch(channel)
        channel.publish(EndedNote("completed", "Thank you."))
        channel.end("completed")
        await watch.sending
        assert len(watch.socket.sent) == 2
        assert '"reason":"completed"' in watch.socket.sent[1]
        assert watch.socket.closed == [1000]

        watch = Watch(channel)
        channel.end("suspended")
        await watch.sending
        assert watch.socket.closed == [1012]

    run_virtual(story())


def test_whoever_has_lost_the_right_is_sent_nothing_more() -> None:
    async def story() -> None:
        channel = Channel(now_ms)
        watch = Watch(channel)
        await pass_ms(1)
        channel.publish(ConnectionNow(True))
        watch.sender.close_with(MonitorClose.ACCESS_CHANGED)
        await watch.sending
        assert watch.socket.sent == ["opening"]
        assert watch.socket.closed == [4403]

    run_virtual(story())


def test_whoever_asks_on_and_reads_no_answer_is_a_flood() -> None:
    async def story() -> None:
        socket = FakeSocket(room=0)
        sender, sending = start(socket)
        for _ in range(MAX_ANSWERS + 2):
            sender.answer("no")
        await sending
        assert socket.closed == [MonitorClose.TOO_MUCH.code]

    run_virtual(story())
