"""docs/realtime.md: its example holds an interview, and its tables name every event there is."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from typing import get_args

import numpy as np
import pytest

from audio.resample import resample
from audio.speech import SPEECH_RATE, VOICE_RATE
from server.dialects.realtime.messages import AnyClientEvent
from tests.house import ROOT
from tests.patience import PATIENCE_S
from tests.seeding import SeededInterview
from tests.server.conftest import Speak
from tests.server.dialects.realtime.realtime_wire import Bench, kinds, sound
from tests.server.edge import QUESTIONS, SHORT_PLAN, Edge
from tests.server.sockets.realtime_client import realtime_key
from tests.server.sockets.realtime_events import Event

PAGE = (ROOT / "docs/realtime.md").read_text(encoding="utf-8")
ANSWER = "I like the oak tree."
CHUNK_S = 0.1


def part(name: str) -> str:
    """What stands between a part's marks."""
    found = re.search(rf"<!-- {name}: .*?-->\n(.*?)<!-- end of {name} -->", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def named(name: str) -> list[str]:
    """The events in the first column of a table."""
    return re.findall(r"^\| `([a-z_.]+)`", part(name), re.MULTILINE)


def test_every_event_that_a_client_may_send_is_in_the_table() -> None:
    known = [
        get_args(model.model_fields["type"].annotation)[0] for model in get_args(AnyClientEvent)
    ]
    assert sorted(named("client events")) == sorted(known)


def test_the_other_table_has_every_event_that_the_server_sends_and_no_other() -> None:
    listed = named("server events")
    assert len(set(listed)) == len(listed)
    assert set(kinds(everything())) == set(listed)


def everything() -> list[Event]:
    """A connection on which everything happens that can."""
    bench = Bench()
    talk = {"audio": {"input": {"turn_detection": None}}}
    bench.replies()
    bench.mark()
    item_id = bench.of_type("response.output_item.added")[0]["item"]["id"]
    bench.state("speaking/held")
    bench.receive("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=1)
    bench.receive("conversation.item.retrieve", item_id=item_id)
    bench.state("pausing/idle")
    for text in ("I build.", "I build bridges."):  # reopened
        bench.understood(text)
    bench.state("quiet/idle")
    bench.receive("session.update", session=talk | {"instructions": "Hire me."})
    bench.receive("input_audio_buffer.clear")
    bench.append(sound(200))
    bench.receive("input_audio_buffer.commit")
    bench.state("quiet/thinking")
    return bench.events


class Pipes:
    """The example's process, with a microphone and somebody who reads what it says."""

    def __init__(self, process: Process, answer: bytes) -> None:
        self.process = process
        self.lines: list[str] = []
        self.sound = b""
        self._answer = answer
        self._waiting = b""
        self._rng = np.random.default_rng(1)

    async def talk(self) -> int:
        """Until it ends; its exit status."""
        self._speak()
        try:
            async with asyncio.timeout(3 * PATIENCE_S):
                await asyncio.gather(self._read(), self._listen())
        finally:
            self._microphone.cancel()
        assert self.process.stdin is not None
        self.process.stdin.close()
        return await self.process.wait()

    def _speak(self) -> None:
        """In real time, as a microphone does: a quiet room, and the answer when it is time."""
        assert self.process.stdin is not None
        self._microphone = asyncio.get_running_loop().call_later(CHUNK_S, self._speak)
        size = int(VOICE_RATE * CHUNK_S) * 2
        room = self._rng.normal(0, 8, size // 2).astype("<i2").tobytes()
        piece, self._waiting = self._waiting[:size], self._waiting[size:]
        self.process.stdin.write(piece + room[len(piece) :])

    async def _read(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.lines.append(line.decode().strip())
            if self._answer and self.lines[-1].startswith("Interviewer:"):
                # The last 0.3 s are still to be played, and then a person draws breath.
                self._waiting, self._answer = bytes(VOICE_RATE * 2) + self._answer, b""

    async def _listen(self) -> None:
        assert self.process.stdout is not None
        self.sound = await self.process.stdout.read()


async def test_the_example_holds_an_interview(
    edge: Edge, seed_interview: Callable[..., Awaitable[SeededInterview]], speak: Speak
) -> None:
    section = SHORT_PLAN["sections"][0]
    one = SHORT_PLAN | {"sections": [section | {"questions": section["questions"][:1]}]}
    interview = await seed_interview(plan_document=one)
    key = await realtime_key(edge, interview.join_token)
    code = re.search(r"```python\n(.*?)```", part("example"), re.DOTALL)
    assert code is not None
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code[1],
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env={**os.environ, "VIVA_KEY": key["api_key"], "VIVA_URL": key["base_url"]},
    )
    answer = resample(await speak(ANSWER), SPEECH_RATE, VOICE_RATE).astype("<i2").tobytes()
    pipes = Pipes(process, answer)
    assert await pipes.talk() == 0, pipes.lines
    first, said, last = pipes.lines
    assert first == f"Interviewer: Hello. {QUESTIONS[0]}"
    assert said == f"You: {ANSWER}"
    assert last.endswith("Goodbye.")
    assert len(pipes.sound) / 2 / VOICE_RATE == pytest.approx(5, abs=3)
