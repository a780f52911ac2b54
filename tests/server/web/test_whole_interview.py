"""A whole interview on the page: real server, real Whisper and voice, a real browser, and a WAV
as its microphone, from the join link to the transcript in the database."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Browser, expect
from sqlalchemy.ext.asyncio import AsyncEngine

from audio.container import write_wav
from audio.local_voice import LocalVoice
from audio.pcm import from_bytes
from audio.speech import VOICE_RATE
from server.composition import Viva, make_viva
from server.settings import Settings
from server.simulator.demo import serving
from sessions.record.store import SessionStore
from sessions.turntaking.turns import Speaker
from tests.audio.speaking import word_error_rate
from tests.fakes.page_browser import open_page
from tests.patience import MODEL_DEADLINES
from tests.seeding import seed_interview
from tests.support.chromium import microphone_flags, open_browser

ANSWER = "I work on the search service of a large library, and I enjoy it very much."
PERIOD_S = 16.0
"""The answer is said once in this time, over and over: time enough for every reply between."""

PLAN = {
    "title": "A short conversation",
    "role": "engineer",
    "opening": "Hello.",
    "closing": "Thank you. Goodbye.",
    "sections": [
        {
            "title": "All",
            "questions": [
                {"id": "work", "text": "What do you do?", "competency": "Work", "must_ask": True},
                {"id": "joy", "text": "What do you enjoy?", "competency": "Joy", "must_ask": True},
                {"id": "next", "text": "What is next?", "competency": "Plans", "must_ask": True},
            ],
        }
    ],
}


@pytest.fixture(scope="module")
async def microphone(tmp_path_factory: pytest.TempPathFactory, real_models: None) -> Path:
    """The answer and silence; Chromium plays the file over and over."""
    voice = LocalVoice()
    sound = from_bytes(b"".join([piece async for piece in voice.speak(ANSWER)]))
    await voice.close()
    period = np.random.default_rng(3).normal(0, 8, int(PERIOD_S * VOICE_RATE)).astype(np.int16)
    begin = 2 * VOICE_RATE
    period[begin : begin + len(sound)] = sound
    path = tmp_path_factory.mktemp("answers") / "answer.wav"
    write_wav(path, period, VOICE_RATE)
    return path


@pytest.fixture(scope="module")
async def speaking_browser(microphone: Path, real_browser: None) -> AsyncIterator[Browser]:
    """A browser whose microphone is the answer."""
    async with open_browser(*microphone_flags(microphone)) as browser:
        yield browser


@pytest.fixture
async def viva(database_url: str, tmp_path: Path) -> Viva:
    """The product as it is put together for a fresh machine."""
    return make_viva(Settings(data_dir=tmp_path, port=0, **MODEL_DEADLINES), database_url)


async def test_a_candidate_is_interviewed_on_the_page_from_the_link_to_the_goodbye(
    speaking_browser: Browser, viva: Viva, clean_database: AsyncEngine
) -> None:
    made = await seed_interview(clean_database, plan_document=PLAN, time_limit_s=600)
    async with serving(viva) as address, open_page(speaking_browser) as page:
        await page.goto(f"{address.replace('127.0.0.1', 'localhost')}/join/{made.join_token}?raw=1")
        await page.get_by_test_id("consent").check()
        await page.get_by_test_id("start").click()
        await expect(page.get_by_test_id("ended")).to_be_visible(timeout=200_000)
        assert await page.get_by_test_id("ended").get_attribute("data-reason") == "completed"
        stats = await page.evaluate("window.vivaStats")
        invitation = await viva.services.store.tickets.find_invitation(made.join_token)
        assert invitation is not None
        records = await viva.services.store.interviews.transcript(
            made.organisation_id, made.interview_id
        )

    turns = [record.turn for record in records]
    assert invitation.interview.status == "completed"
    asked = [t.move["question"] for t in turns if t.move.get("kind") == "ask"]
    assert asked == ["work", "joy", "next"]
    answers = [t.text for t in turns if t.speaker is Speaker.CANDIDATE]
    assert len(answers) >= 3
    assert word_error_rate([ANSWER] * len(answers), answers) <= 0.05
    assert turns[-1].move["kind"] == "close"
    asked_out = [t for t in turns if t.speaker is Speaker.INTERVIEWER and not t.interrupted]
    assert asked_out
    assert all(t.heard_text == t.text for t in asked_out), "what was played is what was said"
    assert stats["connects"] == 1
    assert await SessionStore(clean_database).read(records[0].session_id) == turns
