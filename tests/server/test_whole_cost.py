"""The cost of a whole interview is what its provider bills, however it goes: within a hundredth."""

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from audio.metering import Consumption, Service
from server.providers import make_providers
from server.store.costs import Cost
from server.store.store import Store
from sessions.cost.money import bill_of
from sessions.record.store import SessionStore
from sessions.turntaking.causes import EndReason
from tests.patience import PATIENCE_S
from tests.seeding import SeededInterview
from tests.server.conftest import Speak
from tests.server.edge import QUESTIONS, SHORT_PLAN, Edge, Tab, open_edge
from tests.server.stage import make_settings
from tests.support.openai_double import Message, OpenAIDouble

Seed = Callable[..., Awaitable[SeededInterview]]

WITHIN = 0.01
"""How far our sum may be from the bill."""

EARS, VOICE, MODEL = "gpt-transcribe", "gpt-4o-mini-tts", "gpt-5.4-mini"
HALVES = (
    ("I like the old oak, and I would say", "the beech behind the house as well."),
    ("I use a spade on most days, and", "a rake in autumn, when the leaves come down."),
    ("I live in a village, which is", "quite far away from any town."),
)
QUESTION_IDS = ("tree", "tool", "town")


class Talk:
    """The provider's part in the talk: words for what it hears, and a question for each answer."""

    def __init__(self, double: OpenAIDouble) -> None:
        self.asked = asyncio.Event()
        self.heard = 0
        self.question = 0
        double.text_for = lambda _request: " ".join(HALVES[min(self.question, 2)])
        double.reply_to = self._reply

    async def reply_begun(self) -> None:
        """Wait until a reply is asked for."""
        async with asyncio.timeout(PATIENCE_S):
            await self.asked.wait()
        self.asked.clear()

    def _reply(self, _messages: list[Message]) -> str:
        self.asked.set()
        if self.question >= len(QUESTIONS):
            return "[[close]] Thank you for all of that. Goodbye."
        text = QUESTIONS[self.question]
        return f"[[ask {QUESTION_IDS[self.question]}]] All right, thank you for telling me. {text}"


async def hold(tab: Tab, talk: Talk, double: OpenAIDouble, speak: Speak) -> None:
    """Answer three questions, each in two halves: the second comes when a reply is begun."""
    await tab.start()
    asked = await tab.expect("turn.committed", speaker="interviewer")
    faults = [("transcriptions", "500"), ("speech", "garbage"), ("chat", "503")]
    for number, (first, second) in enumerate(HALVES):
        assert asked["text"]
        talk.asked.clear()
        await tab.say(await speak(first))
        await talk.reply_begun()
        double.fail(faults[number][0], faults[number][1], 1)  # type: ignore[arg-type]
        await tab.say(await speak(second))
        talk.question = number + 1
        await tab.expect("turn.committed", speaker="candidate")
        asked = await tab.expect("turn.committed", speaker="interviewer")


def per_model(costs: tuple[Cost, ...], quantity: str) -> Counter[str]:
    """What is on record of a quantity, by model."""
    found = Counter[str]()
    for cost in costs:
        if amount := cost.used.quantities[quantity]:
            found[cost.used.model] += amount
    return found


def billed_usd(double: OpenAIDouble) -> float:
    """What the provider's own counts come to."""
    bill, host = double.billed, "api.openai.com"
    calls = (
        Consumption(Service.HEARING, host, EARS, audio_ms=bill.audio_ms[EARS]),
        Consumption(Service.SPEAKING, host, VOICE, characters=bill.characters[VOICE]),
        Consumption(
            Service.LANGUAGE,
            host,
            MODEL,
            input_tokens=bill.input_tokens[MODEL],
            output_tokens=bill.output_tokens[MODEL],
        ),
    )
    amount = bill_of(calls).as_number
    assert amount
    return amount


async def test_what_a_whole_interview_cost_is_what_the_provider_bills(
    clean_database: AsyncEngine,
    database_url: str,
    seed_interview: Seed,
    speak: Speak,
    tmp_path: Path,
) -> None:
    interview = await seed_interview(plan_document=SHORT_PLAN)
    async with OpenAIDouble(token_ms=60.0) as double:
        settings = make_settings(
            tmp_path,
            openai_api_key=SecretStr("sk-test"),
            openai_base_url=double.base_url,
            openai_stt_model=EARS,
            openai_tts_model=VOICE,
            llm_model=f"openai:{MODEL}",
            llm="model",
            stt="openai",
            tts="openai",
        )
        talk = Talk(double)
        providers = make_providers(settings, SessionStore(clean_database))
        for part in (providers.transcriber, providers.synthesizer, providers.interviewer):
            await part.warm_up()
        await asyncio.to_thread(providers.vad_ticker.warm_up)
        async with open_edge(settings, database_url, providers) as edge:
            await _held(edge, interview, talk, double, speak)
        for part in (providers.transcriber, providers.synthesizer, providers.interviewer):
            await part.close()
        costs = await _costs(clean_database, interview)
        assert len(double.chats) > len(QUESTIONS) + 1 + 1  # drafts were thrown away
        for quantity in ("audio_ms", "characters", "input_tokens"):
            ours, theirs = per_model(costs, quantity), getattr(double.billed, quantity)
            assert ours.keys() == theirs.keys()
            for model, amount in theirs.items():
                assert math.isclose(ours[model], amount, rel_tol=WITHIN), (quantity, model)
        usd = sum(float(cost.usd or 0) for cost in costs)
        assert math.isclose(usd, billed_usd(double), rel_tol=WITHIN)


async def _held(
    edge: Edge, interview: SeededInterview, talk: Talk, double: OpenAIDouble, speak: Speak
) -> None:
    async with edge.tab(interview.join_token) as tab:
        await hold(tab, talk, double, speak)
        await edge.viva.registry.end(interview.interview_id, EndReason.RECRUITER)


async def _costs(engine: AsyncEngine, interview: SeededInterview) -> tuple[Cost, ...]:
    store = Store.on(engine)
    return await store.costs.of_interview(interview.organisation_id, interview.interview_id)
