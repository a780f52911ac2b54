"""`viva call` against a real server: a ticket, consent, one answer; what is printed and kept."""

import io
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from rich.console import Console

from audio.container import write_wav
from audio.speech import SPEECH_RATE, VOICE_RATE
from server.simulator.call import CallError, CallPlan, run_call
from server.simulator.webhooks import request_webhook
from server.simulator.wire import CallDetails, WireError
from sessions.turntaking.turns import Speaker
from tests.seeding import SeededInterview
from tests.server.conftest import Speak
from tests.server.edge import SHORT_PLAN, Edge
from tests.server.telephony.calls import all_turns_of

Seed = Callable[..., Awaitable[SeededInterview]]

PATHS = {"l16": "/bridges/l16/stream", "realtime": "/v1/realtime"}


@pytest.mark.parametrize(("dialect", "keys"), [("l16", ["1"]), ("realtime", [])])
async def test_a_caller_answers_once_and_hangs_up(
    edge: Edge, seed_interview: Seed, speak: Speak, tmp_path: Path, dialect: str, keys: list[str]
) -> None:
    interview = await seed_interview(plan_document=SHORT_PLAN)
    folder = tmp_path / "answers"
    folder.mkdir()
    write_wav(folder / "01.wav", await speak("I like the old oak."), SPEECH_RATE)
    (folder / "01.txt").write_text("I like the old oak.")
    console = Console(file=io.StringIO(), width=200)
    plan = CallPlan(
        dialect=dialect,
        url=edge.base_url.replace("http", "ws", 1) + PATHS[dialect],
        answers=folder,
        out=tmp_path / "out",
        join=interview.join_token,
        keys=keys,
        barge_in=frozenset({1} if keys else ()),
    )
    assert not await run_call(plan, console)
    assert isinstance(console.file, io.StringIO)
    printed = console.file.getvalue()
    assert "interviewer: Hello" in printed or "you like" in printed
    assert "candidate: I like the old oak." in printed
    assert "Voice to voice: p50" in printed
    assert "nothing more to say" in printed
    assert "The interview did not complete" in printed
    with wave.open(str(tmp_path / "out" / "call.wav")) as recording:
        assert (recording.getnchannels(), recording.getframerate()) == (2, VOICE_RATE)
        assert recording.getnframes() > 3 * VOICE_RATE
    turns = await all_turns_of(edge, interview)
    said = [turn.text.lower() for turn in turns if turn.speaker is Speaker.CANDIDATE]
    assert any("oak" in text for text in said)


async def test_where_nobody_listens_it_is_said(closed_port: int) -> None:
    url = f"ws://127.0.0.1:{closed_port}/bridges/l16/stream"
    plan = CallPlan(dialect="l16", url=url, join="x")
    with pytest.raises(CallError, match="cannot be reached"):
        await run_call(plan, Console(file=io.StringIO()))


async def test_a_used_up_link_gives_no_ticket(edge: Edge) -> None:
    url = edge.base_url.replace("http", "ws", 1) + PATHS["l16"]
    with pytest.raises(CallError, match="gives no ticket"):
        await run_call(CallPlan("l16", url, join="unknown"), Console(file=io.StringIO()))


async def test_webhooks_that_cannot_be_asked_are_named(closed_port: int) -> None:
    with pytest.raises(WireError, match="asterisk"):
        await request_webhook("asterisk", f"http://127.0.0.1:{closed_port}/", CallDetails("a-call"))
