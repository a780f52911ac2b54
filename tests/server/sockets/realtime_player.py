"""The loudspeaker of a Realtime client. Interrupted, it knows how much of the last item was played,
as clients of that protocol do."""

import base64

from audio.g711 import alaw_decode, ulaw_decode
from audio.pcm import AudioFormat, Encoding, ms_of
from server.simulator.loudspeaker import Loudspeaker
from tests.server.sockets.realtime_events import Event


class Player:
    """Plays items one after the other, each sound as soon as it comes and the one before it has
    been played."""

    def __init__(self, wire: AudioFormat) -> None:
        self.wire = wire
        self.items: dict[str, bytearray] = {}
        """What has come of each item, in the wire's format."""
        self._speaker = Loudspeaker(wire.sample_rate)
        self._present: str | None = None

    def take(self, event: Event, now_s: float) -> None:
        """Play a `response.output_audio.delta`."""
        item_id, data = event["item_id"], base64.b64decode(event["delta"])
        if item_id not in self.items:
            self.items[item_id] = bytearray()
            self._speaker.begin(len(self.items), 0)
        self.items[item_id] += data
        self._speaker.audio(self._pcm(data), now_s)
        self._present = item_id

    def busy_s(self, now_s: float) -> float:
        """Return how much is still to be played."""
        return max(0.0, self._speaker.silent_from_s - now_s)

    def interrupt(self, now_s: float) -> tuple[str, int] | None:
        """Fall silent. Returns what was interrupted, and how many ms of it were played."""
        item_id, self._present = self._present, None
        busy = self._speaker.busy(now_s)
        played = self._speaker.flush(len(self.items), now_s)
        if item_id is None or not busy:
            return None
        return item_id, int(ms_of(played, self.wire.sample_rate))

    def _pcm(self, data: bytes) -> bytes:
        match self.wire.encoding:
            case Encoding.ULAW:
                return ulaw_decode(data).tobytes()
            case Encoding.ALAW:
                return alaw_decode(data).tobytes()
            case Encoding.PCM16:
                return data
