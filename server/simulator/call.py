"""Command `viva call`: a caller against any server that speaks a bridge's side of a wire."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import numpy as np
from rich.console import Console
from websockets.exceptions import WebSocketException

from audio.container import write_wav
from audio.pcm import from_bytes
from audio.resample import resample
from audio.speech import SPEECH_RATE, VOICE_RATE, SpeechError
from server.simulator.answer_script import ANSWERS
from server.simulator.answers import RecordedAnswers, WrittenAnswers
from server.simulator.caller import Caller, CallResult, SpeechToText
from server.simulator.candidate import Answers
from server.simulator.line_wires import AsteriskWire, L16Wire, VonageWire
from server.simulator.realtime_wire import RealtimeWire
from server.simulator.report import stereo
from server.simulator.stream_wires import TelnyxWire, TwilioWire
from server.simulator.webhooks import request_webhook
from server.simulator.wire import BridgeWire, CallDetails, WireError
from sessions.plan.plan import demo_plan

if TYPE_CHECKING:
    from audio.local_voice import LocalVoice

WIRES: dict[str, type[BridgeWire]] = {
    "twilio": TwilioWire,
    "asterisk": AsteriskWire,
    "vonage": VonageWire,
    "telnyx": TelnyxWire,
    "l16": L16Wire,
    "realtime": RealtimeWire,
}


class CallError(Exception):
    """Call that cannot be held; the text says why."""


@dataclass(frozen=True, slots=True)
class CallPlan:
    """Call as it was asked for."""

    dialect: str
    """Name of the wire, one of WIRES."""

    url: str
    """Address of a socket (ws, wss), or of a webhook (http, https) that is requested first, as the
    vendor does."""

    answers: Path | None = None
    """Folder of sound files to answer with; None for the demo's answers."""

    out: Path | None = None
    """Folder for the recording; None to keep none."""

    number: str = ""
    """Number of the caller."""

    secret: str = ""
    """Secret that the bridge shares with the server."""

    join: str = ""
    """Join token, for which the server at that address gives a ticket."""

    keys: Sequence[str] = ()
    """Keys pressed instead of the first answers, one string each."""

    parameters: dict[str, str] = field(default_factory=dict)
    """Parameters that the bridge passes on."""

    barge_in: frozenset[int] = frozenset()
    """Turns of the interviewer that are talked over; the first is 1."""


async def run_call(plan: CallPlan, console: Console) -> bool:
    """Hold one call; return whether the interview completed. Raises CallError, AnswersError."""
    recorded = RecordedAnswers(plan.answers) if plan.answers is not None else None
    try:
        url, details = await _resolve(plan)
        async with AsyncExitStack() as stack:
            speech: Answers = recorded or WrittenAnswers(demo_plan(), ANSWERS, await _voice(stack))
            caller = Caller(
                WIRES[plan.dialect](details),
                speech,
                lambda line: console.print(line, highlight=False, markup=False, soft_wrap=True),
                transcribe=await _make_transcribe(stack),
                keys=plan.keys,
                barge_in=plan.barge_in,
            )
            result = await caller.hold(url)
    except (httpx.HTTPError, WebSocketException, OSError) as error:
        raise CallError(f"The server cannot be reached: {error}") from error
    except (WireError, SpeechError) as error:
        raise CallError(str(error)) from error
    _print_result(result, plan.out, console)
    return result.completed


async def _resolve(plan: CallPlan) -> tuple[str, CallDetails]:
    """Return the socket's address, and what the bridge knows of the call."""
    details = CallDetails(f"call-{uuid4()}", plan.number, dict(plan.parameters), plan.secret)
    url = plan.url
    if plan.join:
        base = url.replace("ws", "http", 1).split("/bridges")[0].split("/v1/")[0]
        details = await _with_ticket(base, plan, details)
    if url.startswith("http"):
        url, given = await request_webhook(plan.dialect, url, details)
        details = CallDetails(details.ref, details.number, details.given | given, details.secret)
    return url, details


async def _with_ticket(base: str, plan: CallPlan, details: CallDetails) -> CallDetails:
    realtime = plan.dialect == "realtime"
    path = "/api/v1/join/realtime" if realtime else "/api/v1/join/ticket"
    wanted = {"token": plan.join} | ({"consent": True} if realtime else {})
    async with httpx.AsyncClient(base_url=base, trust_env=False) as client:
        response = await client.post(path, json=wanted)
    if response.status_code != 200:
        raise CallError(f"The server gives no ticket: {response.text}")
    body = response.json()
    if realtime:
        return CallDetails(details.ref, details.number, details.parameters, body["api_key"])
    return CallDetails(details.ref, details.number, details.given | {"ticket": body["ticket"]})


def _print_result(result: CallResult, out: Path | None, console: Console) -> None:
    interview = result.interview
    waits = [e.v2v_ms for e in interview.exchanges if e.v2v_ms is not None]
    if waits:
        p50, p95 = np.percentile(waits, [50, 95])
        console.print(f"Voice to voice: p50 {p50:.0f} ms, p95 {p95:.0f} ms", highlight=False)
    if result.silenced_ms:
        times = ", ".join(f"{ms:.0f}" for ms in result.silenced_ms)
        console.print(f"Silent after an interruption: {times} ms", highlight=False)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        write_wav(out / "call.wav", stereo(interview), VOICE_RATE)
        console.print(f"Written to {out}: call.wav", markup=False, soft_wrap=True)
    if not result.completed:
        reason = result.close_reason or "connection lost"
        console.print(f"The interview did not complete: {interview.close_code} {reason}")


async def _voice(stack: AsyncExitStack) -> "LocalVoice":
    from audio.local_voice import LocalVoice

    voice = LocalVoice()
    stack.push_async_callback(voice.close)
    await voice.warm_up()
    return voice


async def _make_transcribe(stack: AsyncExitStack) -> SpeechToText:
    from audio.local_whisper import LocalWhisper

    whisper = LocalWhisper("tiny.en")
    stack.push_async_callback(whisper.close)
    await whisper.warm_up()

    async def transcribe(pcm: bytes) -> str:
        sound = resample(from_bytes(pcm), VOICE_RATE, SPEECH_RATE)
        return (await whisper.transcribe(sound)).text

    return transcribe
