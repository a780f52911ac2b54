"""MonitorReader: takes what a monitor sends: commands, each answered, and a recruiter's microphone.

What is wrong with it is told to this monitor alone, by a typed refusal.
"""

from collections.abc import Callable

import structlog
from starlette.websockets import WebSocket

from audio.speech import SPEECH_RATE
from server.dialects.close_reasons import MonitorClose
from server.dialects.monitor import commands as said
from server.dialects.monitor import messages as wire
from server.dialects.monitor.dialect import (
    MonitorDialectError,
    as_json,
    receive_audio,
    receive_text,
)
from server.sockets.monitor_sender import MonitorSender
from server.sockets.serve import MISTAKES_ALLOWED, SentAway, receive
from server.sockets.throttle import Throttle
from sessions.monitor.protocol import RequestRefused, Seat
from sessions.record.action_log import ActionKind
from sessions.token_bucket import TokenBucket

COMMANDS_A_S = 5.0
COMMANDS_AT_ONCE = 20
"""As many commands as a person can mean who clicks fast."""

FLOOD_A_S = 20.0
FLOOD_AT_ONCE = 80
"""More messages than these come from a program out of control."""

NO_FLOOR_EVERY_S = 1.0
"""Sound without the floor is answered this often at most."""

log = structlog.get_logger()


class MonitorReader:
    """The reading half of one connection, once it is let in."""

    def __init__(self, seat: Seat, sender: MonitorSender, clock: Callable[[], float]) -> None:
        self._seat = seat
        self._sender = sender
        self._clock = clock
        now = clock()
        self._throttle = Throttle(clock)
        self._commands = TokenBucket(COMMANDS_AT_ONCE, COMMANDS_A_S, now)
        self._flood = TokenBucket(FLOOD_AT_ONCE, FLOOD_A_S, now)
        self._no_floor_at = -NO_FLOOR_EVERY_S + now
        self._mistakes = 0

    async def read(self, websocket: WebSocket) -> None:
        """Take messages until the peer goes.

        Raises WebSocketDisconnect then, and SentAway for a peer that cannot be kept.
        """
        while True:
            message = await receive(websocket)
            try:
                if isinstance(message, bytes):
                    await self._hear(message)
                else:
                    await self._command(message)
            except MonitorDialectError as error:
                self._mistake(error)

    async def _hear(self, frame: bytes) -> None:
        samples = receive_audio(frame)
        try:
            self._seat.hear(samples)
        except RequestRefused as refusal:
            now = self._clock()
            if now - self._no_floor_at >= NO_FLOOR_EVERY_S:
                self._no_floor_at = now
                self._refuse(None, refusal)
        if not await self._throttle.take_audio(len(samples) / SPEECH_RATE):
            raise SentAway(MonitorClose.TOO_MUCH)

    async def _command(self, text: str) -> None:
        now = self._clock()
        if not self._flood.take(now):
            raise SentAway(MonitorClose.TOO_MUCH)
        command = receive_text(text)
        if isinstance(command, said.MonitorPing):
            self._sender.answer(as_json(wire.MonitorPong(t=command.t)))
            return
        if isinstance(command, said.MonitorHello):
            raise MonitorDialectError("already_in", "The ticket was shown already.")
        try:
            if not self._commands.take(now):
                raise RequestRefused("too_many", "That is more than one can mean: slow down.")
            action_id = await self._do(command)
        except RequestRefused as refusal:
            self._refuse(command.ref, refusal)
        else:
            self._sender.answer(as_json(wire.MonitorAccepted(ref=command.ref, action_id=action_id)))

    async def _do(self, command: said.MonitorCommand) -> str | None:
        act = self._seat.act
        match command:
            case said.ListenCommand():
                self._seat.listen(command.on)
                return None
            case said.HintCommand():
                return str(await act(ActionKind.HINT, text=command.text))
            case said.PauseCommand():
                return str(await act(ActionKind.PAUSE, force=command.force))
            case said.ResumeCommand():
                return str(await act(ActionKind.RESUME))
            case said.ExtendCommand():
                return str(await act(ActionKind.EXTEND, minutes=command.minutes))
            case said.SkipCommand():
                return str(await act(ActionKind.SKIP, force=command.force))
            case said.EndCommand():
                return str(await act(ActionKind.END, force=command.force))
            case said.TakeOverCommand():
                return str(await act(ActionKind.TAKE_OVER, force=command.force))
            case said.HandBackCommand():
                return str(await act(ActionKind.HAND_BACK))

    def _refuse(self, ref: str | None, refusal: RequestRefused) -> None:
        log.info("monitor command refused", code=refusal.code)
        self._sender.answer(
            as_json(wire.MonitorRefused(ref=ref, code=refusal.code, message=str(refusal)))
        )

    def _mistake(self, error: MonitorDialectError) -> None:
        self._mistakes += 1
        fatal = error.huge or self._mistakes >= MISTAKES_ALLOWED
        log.info("invalid message", code=error.code, problem=str(error), count=self._mistakes)
        self._sender.answer(
            as_json(wire.MonitorRefused(code=error.code, message=str(error), fatal=fatal))
        )
        if fatal:
            away = MonitorClose.FRAME_TOO_BIG if error.huge else MonitorClose.PROTOCOL_ERROR
            raise SentAway(away)
