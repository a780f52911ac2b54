"""Conversation items: their order as a Realtime client sees it, and events as JSON.

Pure: ids are counted, beginning with a name that is given. Nothing here is the record of the
interview; it is what this one connection was sent.
"""

import json
from typing import Any

from server.dialects.dialect import PeerReply

Fields = dict[str, Any]

MAX_ITEMS = 500
"""Most items that are kept: more than three hours of conversation have. The oldest are dropped."""


class ConversationItems:
    """Items of one connection, in order. `name` makes its ids differ from every other's."""

    def __init__(self, name: str) -> None:
        self.id = f"conv_{name}"
        self._name = name
        self._count = 0
        self._events = 0
        self._last: str | None = None
        self._items: dict[str, Fields] = {}
        self._before: dict[str, str | None] = {}

    def new_id(self, kind: str) -> str:
        """Return an id that nothing else has: `kind` is "item" or "resp"."""
        self._count += 1
        return f"{kind}_{self._name}{self._count:04}"

    def event(self, kind: str, **fields: Any) -> str:
        """Return a server event."""
        self._events += 1
        event_id = f"event_{self._name}{self._events:05}"
        return json.dumps({"type": kind, "event_id": event_id} | fields, separators=(",", ":"))

    def error(
        self,
        code: str,
        message: str,
        *,
        param: str | None = None,
        event_id: str | None = None,
        kind: str = "invalid_request_error",
    ) -> str:
        """Return an `error` event; `event_id` is that of the client's event."""
        problem = {"type": kind, "code": code, "message": message}
        return self.event("error", error=problem | {"param": param, "event_id": event_id})

    def refusal(
        self, code: str, message: str, *, param: str | None = None, event_id: str | None = None
    ) -> PeerReply:
        """Return the reply to an event that is in the protocol and cannot be granted."""
        return PeerReply((self.error(code, message, param=param, event_id=event_id),))

    # --- items -----------------------------------------------------------------------------------

    @property
    def last(self) -> str | None:
        """Id of the newest item."""
        return self._last

    def find(self, item_id: str) -> Fields | None:
        """Return an item by its id."""
        return self._items.get(item_id)

    def add(self, item: Fields) -> str:
        """Add an item at the end; return `conversation.item.added`."""
        item_id = item["id"]
        self._before[item_id], self._last = self._last, item_id
        self._items[item_id] = item
        while len(self._items) > MAX_ITEMS:
            oldest = next(iter(self._items))
            del self._items[oldest]
            self._before.pop(oldest, None)
        return self._item_event("added", item)

    def done(self, item: Fields) -> str:
        """Complete an item; return `conversation.item.done`."""
        self.change(item)
        return self._item_event("done", item)

    def change(self, item: Fields) -> None:
        """Replace what is known of an item; the caller sends another event."""
        if item["id"] in self._items:
            self._items[item["id"]] = item

    def delete(self, item_id: str) -> str:
        """Delete an item; return `conversation.item.deleted`."""
        self._items.pop(item_id, None)
        before = self._before.pop(item_id, None)
        for other, previous in self._before.items():
            if previous == item_id:
                self._before[other] = before
        if self._last == item_id:
            self._last = before
        return self.event("conversation.item.deleted", item_id=item_id)

    def _item_event(self, what: str, item: Fields) -> str:
        return self.event(
            f"conversation.item.{what}", previous_item_id=self._before.get(item["id"]), item=item
        )


def spoken_item(item_id: str, transcript: str | None) -> Fields:
    """Return the item of what the candidate has said; its words may follow."""
    content = [{"type": "input_audio", "transcript": transcript}]
    return _message(item_id, "user", "completed", content)


def written_item(item_id: str, text: str) -> Fields:
    """Return the item of what the candidate has written."""
    return _message(item_id, "user", "completed", [{"type": "input_text", "text": text}])


def reply_item(item_id: str, transcript: str | None, status: str) -> Fields:
    """Return the item of what the interviewer says; without content until it says something."""
    spoken = [] if transcript is None else [{"type": "output_audio", "transcript": transcript}]
    return _message(item_id, "assistant", status, spoken)


def _message(item_id: str, role: str, status: str, content: list[Fields]) -> Fields:
    return {
        "id": item_id,
        "object": "realtime.item",
        "type": "message",
        "status": status,
        "role": role,
        "content": content,
    }
