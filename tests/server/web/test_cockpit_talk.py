"""Two who watch and a candidate, in three real browsers on a real server with real speech: live
text, sound in both ears, a hint, a takeover by voice and handing back."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from server.store.records import Account
from tests.fakes.page_browser import open_page
from tests.fakes.page_taps import EARS, EYES, MICROPHONE, lateness, say
from tests.patience import PATIENCE_S
from tests.seeding import SeededInterview
from tests.server.conftest import Speak
from tests.server.edge import SHORT_PLAN, Edge
from tests.server.sockets.monitors import make_user
from tests.server.stage import PASSWORD
from tests.support.chromium import microphone_flags, open_browser

Seed = Callable[..., Awaitable[SeededInterview]]
AUDIBLE = 0.01
"""RMS of full scale, some -40 dBFS: quiet speech is louder."""

PATIENCE_MS = 1000 * PATIENCE_S


@pytest.fixture
async def pages(edge: Edge, real_browser: None) -> AsyncIterator[list[Page]]:
    """A page in each of three browsers: the candidate's, and two to watch."""
    async with AsyncExitStack() as stack:
        opened = []
        for scripts in ((MICROPHONE,), (MICROPHONE, EYES), (EARS, EYES)):
            browser = await stack.enter_async_context(open_browser(*microphone_flags(None)))
            page = await stack.enter_async_context(open_page(browser))
            for script in scripts:
                await page.add_init_script(script)
            opened.append(page)
        yield opened


def place(edge: Edge, path: str) -> str:
    """An address that a browser gives a microphone to."""
    return edge.base_url.replace("127.0.0.1", "localhost") + path


async def open_cockpit(edge: Edge, page: Page, account: Account, interview_id: UUID) -> None:
    """Sign in, find the interview in the overview, and open it by keyboard."""
    await page.goto(place(edge, "/recruiter"))
    await page.get_by_test_id("email").fill(account.email)
    await page.get_by_test_id("password").fill(PASSWORD)
    await page.get_by_test_id("sign-in").click()
    await page.get_by_test_id("nav-live").click()
    await expect(page.get_by_test_id("tile")).to_have_attribute("data-id", str(interview_id))
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("line-state")).to_have_text("Live")


async def line(page: Page, speaker: str, words: str) -> None:
    """Wait for a turn on record, by this speaker and with these words."""
    found = page.locator(f'[data-testid="line"][data-speaker="{speaker}"][data-index]')
    await expect(found.filter(has_text=words).first).to_be_visible(timeout=PATIENCE_MS)


@asynccontextmanager
async def talking(page: Page) -> AsyncIterator[None]:
    """The key to talk is held."""
    await page.keyboard.down("Alt")
    await page.keyboard.down("t")
    await expect(page.get_by_test_id("talk")).to_have_attribute("aria-pressed", "true")
    yield
    await page.keyboard.up("t")
    await page.keyboard.up("Alt")


async def test_two_watch_in_browsers_one_gives_a_hint_takes_over_and_hands_back(
    edge: Edge, seed_interview: Seed, speak: Speak, pages: list[Page]
) -> None:
    candidate, recruiter, observer = pages
    interview = await seed_interview(plan_document=SHORT_PLAN)
    rita = await make_user(edge, interview.organisation_id)
    olga = await make_user(edge, interview.organisation_id, "observer")
    await candidate.goto(place(edge, f"/join/{interview.join_token}?raw=1"))
    await candidate.get_by_test_id("consent").check()
    await candidate.get_by_test_id("start").click()
    await expect(candidate.get_by_test_id("live")).to_be_visible()
    await open_cockpit(edge, recruiter, rita, interview.interview_id)
    await open_cockpit(edge, observer, olga, interview.interview_id)
    await expect(observer.get_by_test_id("hint-send")).to_be_disabled()
    session = edge.viva.registry.find(interview.interview_id)
    assert session is not None
    ahead_ms = time.time() * 1000 - session.now()
    await observer.keyboard.press("Alt+l")
    await expect(observer.get_by_test_id("listen")).to_have_attribute("aria-pressed", "true")

    await hint_becomes_the_next_question(candidate, recruiter, speak)
    await line(observer, "interviewer", "could you tell me about the migration?")
    await the_floor_goes_and_comes_back(candidate, recruiter, speak)
    notice = candidate.get_by_test_id("notice")
    await expect(notice).to_have_text(
        "Somebody from the hiring team is listening now.", timeout=PATIENCE_MS
    )
    await line(observer, "interviewer", "Thank you.")
    await everything_was_seen_and_heard(observer, ahead_ms)
    await on_record(edge, interview)


async def hint_becomes_the_next_question(candidate: Page, recruiter: Page, speak: Speak) -> None:
    await line(recruiter, "interviewer", "Which tree")
    await recruiter.keyboard.press("Alt+h")
    await recruiter.keyboard.type("ask about the migration")
    await recruiter.keyboard.press("Enter")
    await expect(recruiter.get_by_test_id("action").first).to_have_attribute("data-state", "asked")
    await recruiter.keyboard.press("Escape")
    await say(candidate, await speak("I like the old oak tree best of all."))
    await line(recruiter, "candidate", "oak tree")
    await line(recruiter, "interviewer", "could you tell me about the migration?")


async def the_floor_goes_and_comes_back(candidate: Page, recruiter: Page, speak: Speak) -> None:
    await recruiter.keyboard.press("Alt+f")
    await expect(recruiter.get_by_test_id("floor-state")).to_have_text("You", timeout=PATIENCE_MS)
    async with talking(recruiter):  # until it is on record: a busy browser sends it late
        await say(recruiter, await speak("Good morning. My name is Rita, and I work in the team."))
        await line(recruiter, "recruiter", "Rita")
    await say(candidate, await speak("Nice to meet you, Rita."))
    await line(recruiter, "candidate", "meet you")
    await recruiter.keyboard.press("Alt+f")
    await expect(recruiter.get_by_test_id("floor-state")).to_have_text(
        "The interviewer", timeout=PATIENCE_MS
    )
    await line(recruiter, "interviewer", "Thank you.")


async def everything_was_seen_and_heard(observer: Page, ahead_ms: float) -> None:
    """Text and sound came all the time, however late a busy machine shows and plays it."""
    late = await lateness(observer, ahead_ms)
    heard = await observer.evaluate("window.vivaStats.listened")
    behind = [report["at"] - ahead_ms - report["playingMs"] for report in heard]
    loudest = await observer.evaluate("window.loudest")
    assert len(late) >= 10
    assert 0 < max(late) < PATIENCE_MS
    assert len(behind) >= 10
    assert 0 < max(behind) < PATIENCE_MS
    assert min(loudest) > AUDIBLE, "both sides are heard, each in an ear of its own"


async def on_record(edge: Edge, interview: SeededInterview) -> None:
    store = edge.viva.services.store
    records = await store.interviews.transcript(interview.organisation_id, interview.interview_id)
    turns = [record.turn for record in records]
    said = {
        speaker: " ".join(turn.text for turn in turns if turn.speaker == speaker)
        for speaker in ("candidate", "interviewer", "recruiter")
    }
    assert "Rita" in said["recruiter"]
    assert "meet you" in said["candidate"]
    assert "migration" in said["interviewer"]
    actions = await store.monitors.list_actions(interview.organisation_id, interview.interview_id)
    spoken = ("hint", "take_over", "hand_back")
    done = [a.action for a in actions if a.action in spoken and a.outcome == "done"]
    assert done == list(spoken)
