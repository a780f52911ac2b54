"""PendingReplies: a session's replies that are not on record yet, and their tasks.

However fast a client asks for replies, the model is asked at a bounded rate: a reply that comes too
early waits, and one that was thrown away meanwhile is never asked for.
"""

import asyncio

from sessions.interviewer.protocol import Conversation
from sessions.side_tasks import Spawn
from sessions.speaking.reply_writer import ReplyWriter
from sessions.speaking.voiced_reply import VoicedReply
from sessions.token_bucket import TokenBucket

CALLS_AT_ONCE, CALLS_A_S = 30, 1.0
"""Most calls of the model: a lively conversation with replies prepared in its pauses
(`Rules.speculation_per_minute`) needs half as many."""

CALL_LOOK_S = 0.1
"""Pause before a reply that waits looks again whether it may be asked for."""


class PendingReplies:
    """Replies by generation, from the first request until they are on record or thrown away.

    `spawn` starts a task of the session; it returns None once the session is over.
    """

    def __init__(
        self,
        writer: ReplyWriter,
        spawn: Spawn,
    ) -> None:
        self._writer = writer
        self._spawn = spawn
        self._replies: dict[int, VoicedReply] = {}
        self._composing: dict[int, asyncio.Task[None]] = {}
        self._calls = TokenBucket(CALLS_AT_ONCE, CALLS_A_S, asyncio.get_running_loop().time())

    def __getitem__(self, generation: int) -> VoicedReply:
        return self._replies[generation]

    def __len__(self) -> int:
        return len(self._replies)

    @property
    def composing(self) -> int:
        """How many are still being written or voiced."""
        return len(self._composing)

    def compose(self, generation: int, conversation: Conversation) -> None:
        """Begin to write and voice a reply."""
        reply = self._replies[generation] = VoicedReply(generation)
        task = self._spawn(self._compose(reply, conversation))
        if task is not None:
            self._composing[generation] = task
            task.add_done_callback(lambda _: self._composing.pop(generation, None))

    async def _compose(self, reply: VoicedReply, conversation: Conversation) -> None:
        loop = asyncio.get_running_loop()
        while True:
            if self._calls.take(loop.time()):
                break
            await asyncio.sleep(CALL_LOOK_S)
        await self._writer.compose(reply, conversation)

    def fill(self, generation: int, language: str) -> None:
        """Bridge the wait for a reply that has no sound yet."""
        self._spawn(self._writer.fill(self._replies[generation], language))

    def stop_composing(self, generation: int) -> None:
        """Write and voice no more of a reply; what there is of it stays."""
        task = self._composing.pop(generation, None)
        if task is not None:
            task.cancel()

    def take(self, generation: int) -> VoicedReply | None:
        """Remove a reply and return it; None where there is none."""
        return self._replies.pop(generation, None)
