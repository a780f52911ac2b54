"""Whole interviews over every bridge's wire at once, at 8 kHz, with real hearing and speaking."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from server.simulator.answers import SpokenAnswer, trimmed
from server.simulator.call import WIRES
from server.simulator.caller import Caller, CallResult
from server.simulator.webhooks import request_webhook
from server.simulator.wire import CallDetails
from server.telephony.lines import ASTERISK_PATH, L16_PATH, TELNYX_PATH
from sessions.session_context import Providers
from sessions.turntaking.turns import Speaker, Turn
from tests.audio.speaking import word_error_rate
from tests.patience import PATIENCE_S
from tests.seeding import SeededInterview
from tests.server.conftest import Speak
from tests.server.edge import QUESTIONS, SHORT_PLAN, open_edge
from tests.server.stage import make_settings
from tests.server.telephony.calls import turns_of

Seed = Callable[..., Awaitable[SeededInterview]]

SECRET = "the bridges' shared secret, for tests"
SIGNATURE = "the signature secret of an account, for tests"
PLAN: dict[str, Any] = SHORT_PLAN | {
    "opening": "Hello. It is good of you to take the time today, and we will not keep you long."
}
MOST_WER = 0.12

SAID = [
    "I like the old oak behind the house.",
    "I use a spade and a long rake.",
    "I live in a small town by the sea.",
]
NUMBERS = {"asterisk": "+441632960961", "vonage": "+441632960962"} | {
    "telnyx": "+441632960963",
    "l16": "+441632960964",
}
TALKED_OVER = 2
"""The second thing said is the interview's opening, after the dialogue's question."""


class SpokenAnswers:
    """One after the other; what is said over the opening comes first. On a busy machine more may
    be asked than there are questions: the last is said as often as it takes."""

    def __init__(self, answers: list[SpokenAnswer]) -> None:
        self._answers = answers

    async def next(self, _heard: str) -> SpokenAnswer | None:
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


async def test_an_interview_completes_over_every_line_and_is_interrupted_on_each(
    clean_database: AsyncEngine,
    database_url: str,
    local_providers: Providers,
    speak: Speak,
    seed_interview: Seed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Viva marks the end of what it says: a gap in it is the machine's, and no turn.
    monkeypatch.setattr("server.simulator.handset.TURN_PAUSE_S", PATIENCE_S)
    settings = make_settings(
        tmp_path, bridge_token=SECRET, vonage_signature_secret=SIGNATURE, telnyx_public_key=""
    )
    interviews = {
        name: await seed_interview(plan_document=PLAN, candidate_phone=number)
        for name, number in NUMBERS.items()
    }
    spoken = ["Wait, I have a question about the time.", *SAID]
    answers = [SpokenAnswer(text, trimmed(await speak(text)), "tts") for text in spoken]

    async with open_edge(settings, database_url, local_providers) as edge:
        socket_base = edge.base_url.replace("http", "ws", 1)
        held = await asyncio.gather(
            *(hold(name, edge.base_url, socket_base, SpokenAnswers([*answers])) for name in NUMBERS)
        )
        turns = {name: await turns_of(edge, interviews[name]) for name in NUMBERS}
    heard = [check(name, call, turns[name]) for name, call in zip(NUMBERS, held, strict=True)]
    said = [" ".join(said_to_the_end(call)) for call in held]
    assert all(words.startswith(" ".join(spoken)) for words in said), said
    assert word_error_rate(said, heard) <= MOST_WER, heard


async def hold(name: str, base: str, socket_base: str, answers: SpokenAnswers) -> CallResult:
    """One call, as its vendor puts it through."""
    url = f"{socket_base}{ {'asterisk': ASTERISK_PATH, 'telnyx': TELNYX_PATH}.get(name, L16_PATH)}"
    context = CallDetails(f"call-of-{name}", NUMBERS[name], secret=SECRET)
    if name == "telnyx":  # shows no secret in the handshake, but has it among its parameters
        context = CallDetails(context.ref, context.number, {"token": SECRET})
    if name == "vonage":
        signed = CallDetails(context.ref, context.number, secret=SIGNATURE)
        url, given = await request_webhook("vonage", f"{base}/bridges/vonage/answer", signed)
        context = CallDetails(context.ref, context.number, given)
    lines: list[str] = []
    caller = Caller(
        WIRES[name](context),
        answers,
        lines.append,
        keys=["1"],
        barge_in=frozenset({1, TALKED_OVER}),
    )
    async with asyncio.timeout(5 * PATIENCE_S):
        call = await caller.hold(url)
    assert call.completed, "\n".join([name, call.close_reason, *lines])
    return call


def said_to_the_end(call: CallResult) -> list[str]:
    """What the caller said; where the goodbye is late, one more answer is begun and cut off."""
    return [exchange.said or "" for exchange in call.interview.exchanges if exchange.ended_s]


def check(name: str, call: CallResult, turns: list[Turn]) -> str:
    """Each question was put and answered; the reply that was talked over fell silent, and only its
    beginning was heard. What the candidate said, as it is on record."""
    asked = " ".join(turn.text for turn in turns if turn.speaker is Speaker.INTERVIEWER)
    assert all(question in asked for question in QUESTIONS), name
    answers = [turn for turn in turns if turn.speaker is Speaker.CANDIDATE]
    heard = " ".join(turn.text for turn in answers)
    assert len(answers) >= 4, (name, heard)
    opening = next(turn for turn in turns if turn.speaker is Speaker.INTERVIEWER)
    assert opening.interrupted, (name, opening)
    assert 0 < len(opening.heard_text) < len(opening.text), (name, opening.heard_text)
    assert call.silenced_ms, name
    assert call.troubles == []
    return heard


def test_every_line_has_its_wire() -> None:
    assert set(NUMBERS) < set(WIRES)
