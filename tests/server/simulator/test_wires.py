"""The bridges' side of the wires, against our dialects: what each says, the other understands."""

from typing import Any

import numpy as np
import pytest

from audio.speech import SPEECH_RATE, VOICE_RATE
from server.dialects.browser.dialect import BrowserDialect
from server.dialects.close_reasons import CloseReason
from server.dialects.dialect import CallStarted, Dialect, PeerReply, Several, WireMessage
from server.dialects.realtime.dialect import RealtimeDialect
from server.dialects.telephony.asterisk import AsteriskDialect
from server.dialects.telephony.l16 import L16Dialect
from server.dialects.telephony.telnyx import TelnyxDialect
from server.dialects.telephony.twilio import TwilioDialect
from server.dialects.telephony.vonage import VonageDialect
from server.simulator.call import WIRES
from server.simulator.wire import (
    BridgeWire,
    CallDetails,
    DropSound,
    EndCall,
    Order,
    PlaySound,
    SetMark,
    WireError,
)
from sessions.leg import DigitPressed, FlushDone, MarkReached, PlayedTo
from tests.server.dialects.telephony.test_codec import tone

DIALECTS: dict[str, Any] = {
    "twilio": TwilioDialect,
    "asterisk": AsteriskDialect,
    "vonage": VonageDialect,
    "telnyx": TelnyxDialect,
    "l16": L16Dialect,
    "realtime": lambda: RealtimeDialect("call"),
}
TELEPHONES = [name for name in DIALECTS if name != "realtime"]
RETURNS_MARKS = {"twilio", "telnyx", "l16"}


class Pair:
    """A bridge and a dialect that talk to each other."""

    def __init__(self, name: str) -> None:
        context = CallDetails("the-call", "+441632960961", {"ticket": "let me in"}, "a secret")
        self.wire: BridgeWire = WIRES[name](context)
        self.dialect: Dialect = DIALECTS[name]()

    def up(self, messages: Any) -> list[Any]:
        """What the bridge's messages mean, without what means nothing."""
        meanings: list[Any] = []
        for message in messages:
            if isinstance(message, bytes):
                meanings.append(self.dialect.receive_audio(message))
            else:
                meanings.append(self.dialect.receive_text(message))
        flat = [n for m in meanings for n in (m.parts if isinstance(m, Several) else (m,))]
        return [meaning for meaning in flat if not isinstance(meaning, PeerReply)]

    def down(self, messages: list[WireMessage]) -> list[Order]:
        """What the dialect's messages ask for."""
        return [order for message in messages for order in self.wire.receive(message)]


@pytest.fixture(params=TELEPHONES)
def pair(request: pytest.FixtureRequest) -> Pair:
    return Pair(request.param)


def spoken(pair: Pair, pieces: int) -> list[Order]:
    sound = tone(VOICE_RATE, 0.1).astype("<i2").tobytes()
    pair.down(pair.dialect.begin(1, 0))
    orders = [o for _ in range(pieces) for o in pair.down(pair.dialect.audio(sound))]
    return [*orders, *pair.down(pair.dialect.mark(1))]


class TestOneConversation:
    """The same recorded conversation gives the same events, whatever the wire."""

    def test_over_every_telephone(self, pair: Pair) -> None:
        (started,) = pair.up(pair.wire.hello())
        assert isinstance(started, CallStarted)
        assert started.call in ("the-call", "")
        if pair.wire.subprotocol != "media":  # Asterisk's are in the address
            assert started.parameters["ticket"] == "let me in"
        assert check_conversation(pair) == EXPECTED

    def test_over_the_realtime_protocol(self) -> None:
        pair = Pair("realtime")
        heard = sum(len(piece) for piece in speech(pair) if isinstance(piece, np.ndarray))
        assert heard == pytest.approx(SPEECH_RATE, rel=0.05)

    def test_over_the_browser(self) -> None:
        dialect = BrowserDialect()
        frames = tone(SPEECH_RATE, 1.0).reshape(-1, 320)
        heard = np.concatenate([dialect.receive_audio(f.astype("<i2").tobytes()) for f in frames])
        assert heard.tolist() == tone(SPEECH_RATE, 1.0).tolist()


EXPECTED = [
    "a second of 440 Hz",
    DigitPressed("1"),
    "a second of 440 Hz is spoken",
    "positions that rise to the end",
    MarkReached(1),
    FlushDone(2, 0),
    DigitPressed("#"),
]
"""What the conversation of `check_conversation` means."""


def check_conversation(pair: Pair) -> list[Any]:
    """A second of sound in, a key, a second out that is heard to its end, one that is cut off at
    once, and another key."""
    events: list[Any] = [described(np.concatenate(speech(pair)), SPEECH_RATE, "")]
    events += pair.up(pair.wire.press("1"))
    orders = spoken(pair, 10)
    out = b"".join(order.pcm for order in orders if isinstance(order, PlaySound))
    events.append(described(np.frombuffer(out, "<i2"), VOICE_RATE, " is spoken"))
    marks = [order.name for order in orders if isinstance(order, SetMark)]
    told = [event for name in marks for event in pair.up(pair.wire.mark_played(name))]
    positions = [event.samples for event in told if isinstance(event, PlayedTo)]
    rising = positions == sorted(set(positions)) and 0 < positions[-1] <= VOICE_RATE + 480
    events.append("positions that rise to the end" if rising else positions)
    events += [event for event in told if not isinstance(event, PlayedTo)]
    events += interrupted(pair)
    return [*events, *pair.up(pair.wire.press("#"))]


def speech(pair: Pair) -> list[Any]:
    frames = tone(SPEECH_RATE, 1.0).reshape(-1, 320)
    return [piece for frame in frames for piece in pair.up(pair.wire.audio(frame))]


def described(sound: Any, rate: int, what: str) -> str:
    """In words, as far as a line keeps it."""
    assert len(sound) == pytest.approx(rate, rel=0.06)
    middle = sound[rate // 8 : rate // 8 * 7].astype(float)
    pitch = np.argmax(np.abs(np.fft.rfft(middle))) * rate / len(middle)
    return f"a second of {round(float(pitch), -1):.0f} Hz{what}"


def interrupted(pair: Pair) -> list[Any]:
    """A reply that is flushed at once: the marks in it are returned, or lost."""
    sound = tone(VOICE_RATE, 0.5).astype("<i2").tobytes()
    pair.down(pair.dialect.begin(2, 0))
    pending = [o.name for o in pair.down(pair.dialect.audio(sound)) if isinstance(o, SetMark)]
    orders = pair.down(pair.dialect.flush(2))
    assert isinstance(orders[0], DropSound)
    events = pair.up(pair.wire.flushed(pending, 0))
    for order in orders[1:]:
        assert isinstance(order, SetMark)
        events += pair.up(pair.wire.mark_played(order.name))
    return events


def test_every_dialect_is_in_the_conversation() -> None:
    assert set(DIALECTS) == set(WIRES)


def test_at_the_end_bridges_that_can_be_told_hang_up() -> None:
    for name in ("asterisk", "l16"):
        pair = Pair(name)
        pair.up(pair.wire.hello())
        assert pair.down(pair.dialect.closing_messages(CloseReason.NORMAL)) == [EndCall()]
        assert pair.down(pair.dialect.closing_messages(CloseReason.RESTART)) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("twilio", '{"event": "sing", "streamSid": "MZ55555555555555555555555555555555"}'),
        ("twilio", '{"event": "clear", "streamSid": "another"}'),
        ("twilio", b"\x00"),
        ("telnyx", '{"event": "media", "media": {"payload": "AAAA"}}'),
        ("asterisk", bytes(161)),
        ("asterisk", bytes(160 * 500)),
        ("asterisk", '{"command": "MARK_MEDIA", "correlation_id": "' + "x" * 128 + '"}'),
        ("asterisk", '{"command": "DANCE"}'),
        ("vonage", bytes(320)),
        ("vonage", '{"action": "dance"}'),
        ("l16", bytes(3)),
        ("l16", '{"type": "dance"}'),
        ("realtime", b"\x00"),
    ],
)
def test_what_a_bridge_would_not_take_is_an_error(name: str, message: WireMessage) -> None:
    with pytest.raises(WireError):
        Pair(name).wire.receive(message)
