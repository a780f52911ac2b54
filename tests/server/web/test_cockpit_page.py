"""The overview and the cockpit in a real browser on a real server: what one may not do, what is
refused, and coming back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page, WebSocketRoute, expect

from server.store.records import Account
from tests.fakes.page_browser import open_page
from tests.patience import PATIENCE_S
from tests.seeding import SeededInterview
from tests.server.conftest import Speak
from tests.server.edge import SHORT_PLAN, Edge, Tab
from tests.server.sockets.monitors import make_user
from tests.server.stage import PASSWORD

Seed = Callable[..., Awaitable[SeededInterview]]
Talk = tuple[SeededInterview, Tab]


@pytest.fixture
async def talk(edge: Edge, seed_interview: Seed) -> AsyncIterator[Talk]:
    """An interview that has begun."""
    interview = await seed_interview(plan_document=SHORT_PLAN)
    async with edge.tab(interview.join_token) as tab:
        await tab.start()
        await tab.expect("turn.committed", index=0)
        yield interview, tab


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page of its own."""
    async with open_page(browser) as page:
        yield page


async def enter(edge: Edge, page: Page, account: Account) -> None:
    """Sign in, and open the only interview in the overview."""
    await page.goto(edge.base_url.replace("127.0.0.1", "localhost") + "/recruiter/live")
    await page.get_by_test_id("email").fill(account.email)
    await page.get_by_test_id("password").fill(PASSWORD)
    await page.get_by_test_id("sign-in").click()
    await expect(page.get_by_test_id("tile-question")).to_contain_text("Question 1 of 3")
    await page.get_by_test_id("tile-open").click()
    await expect(page.get_by_test_id("line-state")).to_have_text("Live")


async def test_what_a_viewer_may_not_do_is_disabled_and_the_page_says_why(
    edge: Edge, talk: Talk, page: Page
) -> None:
    await enter(edge, page, await make_user(edge, talk[0].organisation_id, "viewer"))
    await expect(page.get_by_test_id("line").first).to_contain_text("Which tree do you like?")
    for name in ("listen", "hint-text", "pause", "skip", "end-it", "floor", "talk"):
        await expect(page.get_by_test_id(name)).to_be_disabled()
    reasons = page.locator("[data-reason]:visible")
    await expect(reasons).to_have_count(4)
    await page.keyboard.press("p")  # as speech input types letters
    await expect(page.get_by_test_id("refusal")).to_be_hidden()
    await page.keyboard.press("Alt+p")
    await expect(page.get_by_test_id("refusal")).to_contain_text("does not allow pausing")
    await page.keyboard.press("Alt+/")
    await expect(page.get_by_test_id("help")).to_be_visible()


async def test_a_refusal_is_a_sentence_and_a_pause_is_shown_on_both_pages(
    edge: Edge, talk: Talk, page: Page
) -> None:
    interview, tab = talk
    await enter(edge, page, await make_user(edge, interview.organisation_id))
    await page.keyboard.press("Alt+Shift+P")
    await tab.expect("notice", code="paused")
    await expect(page.get_by_test_id("phase")).to_have_text("Paused")
    await page.get_by_test_id("help-open").click()
    await page.get_by_test_id("single-keys").check()
    await page.get_by_test_id("help-close").click()
    await page.keyboard.press("s")
    await expect(page.get_by_test_id("refusal")).to_be_visible()
    await expect(page.get_by_test_id("refusal")).not_to_be_empty()
    await page.keyboard.press("p")
    await tab.expect("notice", code="goes_on")
    await expect(page.get_by_test_id("phase")).not_to_have_text("Paused")


async def test_a_cockpit_that_was_cut_off_names_what_it_has_and_gets_the_rest(
    edge: Edge, talk: Talk, page: Page, speak: Speak
) -> None:
    interview, tab = talk
    hellos: list[str] = []
    lines: list[WebSocketRoute] = []

    def through(line: WebSocketRoute) -> None:
        server = line.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if isinstance(message, str) and '"hello"' in message:
                hellos.append(message)
            server.send(message)

        line.on_message(pass_on)
        lines.append(line)

    await page.route_web_socket("**/ws/monitor", through)
    await enter(edge, page, await make_user(edge, interview.organisation_id))
    await expect(page.get_by_test_id("line").first).to_contain_text("Which tree do you like?")
    await page.get_by_test_id("lines").evaluate("(list) => (list.firstChild.id = 'kept')")
    await lines[0].close(code=1012)
    await tab.say(await speak("I like the old oak tree best of all."))
    await tab.expect("turn.committed", index=2)
    await expect(page.locator('[data-testid="line"][data-index="1"]')).to_contain_text("oak")
    await expect(page.locator("#kept")).to_have_count(1)
    assert '"stream"' not in hellos[0]
    assert '"stream"' in hellos[1]
    assert '"last"' in hellos[1]


async def test_signing_out_closes_the_socket(edge: Edge, talk: Talk, page: Page) -> None:
    closed = asyncio.Event()
    page.on("websocket", lambda socket: socket.on("close", lambda _: closed.set()))
    await enter(edge, page, await make_user(edge, talk[0].organisation_id))
    async with page.expect_response("**/api/v1/auth/sign-out") as answer:
        await page.get_by_test_id("sign-out").click()
    assert (await answer.value).status == 204
    await expect(page.get_by_test_id("sign-in")).to_be_visible()
    await asyncio.wait_for(closed.wait(), PATIENCE_S)
