"""The loudspeaker of a Realtime client: by arithmetic, told the time. Interrupted, it knows how
much of the last item was played, as clients of that protocol do."""

import base64
from dataclasses import dataclass, field

from audio.pcm import AudioFormat, ms_of
from tests.server.sockets.realtime_events import Event


@dataclass
class Item:
    """What has come of one item; times in seconds."""

    pcm: bytearray = field(default_factory=bytearray)
    began_s: float = 0.0
    ends_s: float = 0.0
    cut_s: float | None = None


class Player:
    """Plays items one after the other, each sound as soon as it comes and the one before it has
    been played."""

    def __init__(self, wire: AudioFormat) -> None:
        self.wire = wire
        self.items: dict[str, Item] = {}
        self._present: str | None = None

    def take(self, event: Event, now_s: float) -> None:
        """A `response.output_audio.delta`."""
        item = self.items.setdefault(event["item_id"], Item(began_s=now_s, ends_s=now_s))
        data = base64.b64decode(event["delta"])
        item.pcm += data
        item.ends_s = max(item.ends_s, now_s) + self._lasts_s(len(data))
        self._present = event["item_id"]

    def busy_s(self, now_s: float) -> float:
        """How much is still to be played."""
        item = self.items.get(self._present or "")
        return 0.0 if item is None else max(0.0, item.ends_s - now_s)

    def interrupt(self, now_s: float) -> tuple[str, int] | None:
        """Fall silent. What was interrupted, and how many ms of it were played."""
        item_id, self._present = self._present, None
        item = self.items.get(item_id or "")
        if item_id is None or item is None or item.ends_s <= now_s:
            return None
        item.cut_s = now_s - item.began_s
        return item_id, int(min(item.cut_s, self._lasts_s(len(item.pcm))) * 1000)

    def _lasts_s(self, size: int) -> float:
        return ms_of(size // self.wire.bytes_per_sample, self.wire.sample_rate) / 1000
