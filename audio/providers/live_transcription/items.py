"""Items: which piece of sound the events of one connection are about. Pure.

A commit becomes an item, whose id the server chooses. Commits are taken in their order, so that an
item belongs to the oldest commit that has none; which item came first says `previous_item_id`. No
words are taken for a piece before its item is known, and none of an item that is nobody's.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field

from audio.providers.live_transcription.pieces import SoundPiece
from audio.providers.live_transcription.sayings import (
    Committed,
    FinalWords,
    MoreWords,
    NoWords,
)

MAX_STRANGERS = 16
"""Items that are nobody's yet, or nobody's any more, of which something is remembered."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """Something new of a piece: words so far (`final` is None), or how it ends."""

    piece: SoundPiece
    final: FinalWords | NoWords | None = None


@dataclass(slots=True)
class _Stranger:
    """What came of an item before it was known whose it is."""

    text: str = ""
    final: FinalWords | NoWords | None = None


@dataclass(slots=True)
class Items:
    """Items of one connection. `current` is the piece whose sound is being sent."""

    current: SoundPiece | None = None
    _waiting: deque[SoundPiece] = field(default_factory=deque)
    _known: dict[str, SoundPiece] = field(default_factory=dict)
    _claimed: str = ""
    _strangers: OrderedDict[str, _Stranger] = field(default_factory=OrderedDict)
    _past: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _held: list[Committed] = field(default_factory=list)
    _last: str | None = None

    def begin(self, piece: SoundPiece) -> None:
        """Note that sound of a piece is sent from now on."""
        self.current, self._claimed = piece, ""

    def commit(self, piece: SoundPiece) -> None:
        """Note that a piece was committed."""
        self._waiting.append(piece)

    def clear(self) -> None:
        """Note that the sound sent since the last commit was cleared."""
        if self._claimed:
            self._forget(self._claimed)
        self.current, self._claimed = None, ""

    def give_up(self, piece: SoundPiece) -> None:
        """Take out a piece whose commit was refused: it becomes no item."""
        self._end(piece)

    def oldest_waiting(self) -> SoundPiece | None:
        """Return the oldest piece that has no item yet."""
        return self._waiting[0] if self._waiting else None

    def by_commit_id(self, event_id: str) -> SoundPiece | None:
        """Return the piece that a commit of ours was about, None if it has its words."""
        pieces = [*self._waiting, *self._known.values()]
        return next((piece for piece in pieces if piece.commit_id == event_id), None)

    # --- what comes ------------------------------------------------------------------------------

    def committed(self, event: Committed) -> list[Learnt] | None:
        """Take in that an item was made; None if we asked for none."""
        if not self._waiting:
            self._last = event.item_id
            self._forget(event.item_id)
            return None
        self._held.append(event)
        learnt: list[Learnt] = []
        while self._waiting and (first := self._first_held()) is not None:
            self._held.remove(first)
            learnt += self._give_item(self._waiting.popleft(), first.item_id)
        return learnt

    def words(self, event: MoreWords | FinalWords | NoWords) -> list[Learnt] | None:
        """Take in words of an item, or that there are none; None if it is nobody's."""
        if event.item_id is None:
            return self._of_the_only_one(event)
        piece = self._known.get(event.item_id)
        if piece is not None:
            return [self._learn(piece, event)]
        if event.item_id in self._past:
            return None
        stranger = self._strangers.setdefault(event.item_id, _Stranger())
        if len(self._strangers) > MAX_STRANGERS:
            self._strangers.popitem(last=False)
        if not isinstance(event, MoreWords):
            stranger.final = event
            return [] if self._waiting else None
        stranger.text += event.text
        if self.current is None or self.current.committed:
            return []
        if not self._claimed:
            self._claimed = event.item_id
        if self._claimed != event.item_id:
            return None
        self.current.text = stranger.text
        return [Learnt(self.current)]

    def _of_the_only_one(self, event: MoreWords | FinalWords | NoWords) -> list[Learnt] | None:
        """Take in an event without an id: of the piece that is being sent or waited for."""
        piece = self.current
        return None if piece is None else [self._learn(piece, event)]

    def _learn(self, piece: SoundPiece, event: MoreWords | FinalWords | NoWords) -> Learnt:
        if isinstance(event, MoreWords):
            piece.text += event.text
            return Learnt(piece)
        self._end(piece)
        return Learnt(piece, event)

    def _first_held(self) -> Committed | None:
        """Return the item that follows the last one, as soon as that is certain."""
        for event in self._held:
            if event.previous_item_id is None or event.previous_item_id == self._last:
                return event
        if len(self._held) < len(self._waiting):
            return None
        held = {event.item_id for event in self._held}
        heads = [event for event in self._held if event.previous_item_id not in held]
        return next(iter(heads or self._held), None)

    def _give_item(self, piece: SoundPiece, item_id: str) -> list[Learnt]:
        """Say which item a piece is, and return what was heard of it before."""
        self._last = item_id
        self._past.pop(item_id, None)
        self._known[item_id] = piece
        if piece is self.current:
            self._claimed = ""
        before = self._strangers.pop(item_id, _Stranger())
        changed = before.text != piece.text
        piece.text = before.text
        if before.final is not None:
            return [self._learn(piece, before.final)]
        return [Learnt(piece)] if changed and piece.text else []

    def _end(self, piece: SoundPiece) -> None:
        """Forget a piece that has its words, or gets none."""
        if piece in self._waiting:
            self._waiting.remove(piece)
        for item_id in [key for key, known in self._known.items() if known is piece]:
            del self._known[item_id]
            self._forget(item_id)
        if piece is self.current:
            self.current, self._claimed = None, ""

    def _forget(self, item_id: str) -> None:
        """Remember an item as one of which nothing is taken any more."""
        self._strangers.pop(item_id, None)
        self._past[item_id] = None
        if len(self._past) > MAX_STRANGERS:
            self._past.popitem(last=False)
