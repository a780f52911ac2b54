"""A whole interview on the page: real server, real Whisper and voice, and a real browser with a
spoken microphone, from the join link to the transcript in the database."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect
from sqlalchemy.ext.asyncio import AsyncEngine

from server.composition import Viva, make_viva
from server.settings import Settings
from server.simulator.demo import serving
from sessions.record.store import SessionStore
from sessions.turntaking.turns import Speaker
from tests.audio.speaking import word_error_rate
from tests.fakes.page_browser import open_page
from tests.fakes.page_taps import MICROPHONE, say
from tests.patience import MODEL_DEADLINES, PATIENCE_S
from tests.seeding import seed_interview
from tests.server.conftest import Speak
from tests.support.chromium import microphone_flags, open_browser

ANSWER = "I work on the search service of a large library, and I enjoy it very much."
PLAN: dict[str, Any] = {
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


@pytest.fixture
async def viva(database_url: str, tmp_path: Path) -> Viva:
    """The product as it is put together for a fresh machine."""
    return make_viva(Settings(data_dir=tmp_path, port=0, **MODEL_DEADLINES), database_url)


class Replies:
    """What the interviewer has said on a page, as it goes on record."""

    def __init__(self, page: Page) -> None:
        self._said: asyncio.Queue[str] = asyncio.Queue()
        page.on("websocket", lambda socket: socket.on("framereceived", self._note))

    def _note(self, frame: str | bytes) -> None:
        if isinstance(frame, str):
            message = json.loads(frame)
            if message["type"] == "turn.committed" and message["speaker"] == "interviewer":
                self._said.put_nowait(message["text"])

    async def next(self) -> str:
        """Return the next one."""
        async with asyncio.timeout(2 * PATIENCE_S):
            return await self._said.get()


async def test_a_candidate_is_interviewed_on_the_page_from_the_link_to_the_goodbye(
    real_browser: None, viva: Viva, speak: Speak, clean_database: AsyncEngine
) -> None:
    made = await seed_interview(clean_database, plan_document=PLAN, time_limit_s=600)
    answer = await speak(ANSWER)
    async with (
        serving(viva) as address,
        open_browser(*microphone_flags(None)) as browser,
        open_page(browser) as page,
    ):
        await page.add_init_script(MICROPHONE)
        replies = Replies(page)
        await page.goto(f"{address.replace('127.0.0.1', 'localhost')}/join/{made.join_token}?raw=1")
        await page.get_by_test_id("consent").check()
        await page.get_by_test_id("start").click()
        while PLAN["closing"] not in await replies.next():
            await say(page, answer)
        await expect(page.get_by_test_id("ended")).to_be_visible()
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
