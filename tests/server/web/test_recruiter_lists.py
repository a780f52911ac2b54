"""The recruiter's lists in a real browser: what is new comes in, what is being read stays."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from sessions.monitor.rights import RIGHTS_OF_ROLE, Right
from tests.fakes.page_browser import open_page
from tests.fakes.recruiter_api import EMAIL, PASSWORD, RecruiterApi


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page of its own. A monitor's socket that it opens stays silent: nothing serves it here."""
    async with open_page(browser) as page:
        await page.route_web_socket("**/ws/monitor", lambda _socket: None)
        yield page


async def sign_in(page: Page, address: str, path: str = "/recruiter") -> None:
    await page.goto(address + path)
    await page.get_by_test_id("email").fill(EMAIL)
    await page.get_by_test_id("password").fill(PASSWORD)
    await page.get_by_test_id("sign-in").click()
    await expect(page.get_by_test_id("nav")).to_be_visible()


async def test_a_new_interview_comes_in_above_and_focus_and_place_are_kept(
    page: Page, address: str, api: RecruiterApi
) -> None:
    for number in range(1, 26):
        api.add(number, f"Candidate {number}", "completed")
    await sign_in(page, address)
    rows = page.get_by_test_id("interview")
    await expect(rows).to_have_count(25)
    link = page.locator('[data-id="i-3"] [data-testid="open"]')
    await link.focus()
    before = await link.bounding_box()
    api.add(26, "Grace Hopper", "running")
    await expect(rows.first.get_by_test_id("open")).to_have_text("Grace Hopper")
    await expect(link).to_be_focused()
    assert before is not None
    after = await link.bounding_box()
    assert after is not None
    assert after["y"] == pytest.approx(before["y"], abs=2)
    api.interviews["i-3"] |= {"status": "ended"}
    await expect(page.locator('[data-id="i-3"]').get_by_test_id("status")).to_have_text("Ended")
    await expect(link).to_be_focused()
    del api.interviews["i-20"]
    await expect(page.locator('[data-id="i-20"]')).to_have_count(0)
    await expect(rows).to_have_count(25)


async def test_the_first_interview_appears_in_an_empty_list_by_itself(
    page: Page, address: str, api: RecruiterApi
) -> None:
    await sign_in(page, address)
    await expect(page.get_by_test_id("no-interviews")).to_be_visible()
    api.add(1, "Ada Lovelace", "running")
    await expect(page.get_by_test_id("open")).to_have_text("Ada Lovelace")
    await expect(page.get_by_test_id("no-interviews")).to_be_hidden()
    await page.get_by_test_id("watch").click()
    await expect(page).to_have_url(re.compile("/recruiter/live/i-1$"))
    await page.get_by_test_id("page").click()
    await expect(page).to_have_url(re.compile("/recruiter/interviews/i-1$"))


async def test_trouble_with_a_list_goes_by_itself_and_stays_away_once_dismissed(
    page: Page, address: str, api: RecruiterApi
) -> None:
    api.add(1, "Ada Lovelace", "running")
    await sign_in(page, address)
    error = page.get_by_test_id("error")
    api.away = True
    await expect(error).to_have_text("Not just now.")
    await page.get_by_test_id("dismiss").click()
    asked = api.listed
    await page.evaluate("window.dispatchEvent(new Event('online'))")
    await page.wait_for_function("() => true")
    while api.listed == asked:
        await page.evaluate("new Promise((done) => requestAnimationFrame(done))")
    await expect(error).to_be_hidden()
    api.away = False
    await page.evaluate("window.dispatchEvent(new Event('online'))")
    api.away = True
    await expect(error).to_have_text("Not just now.")
    api.away = False
    await expect(error).to_be_hidden()


async def test_what_an_action_came_to_stays_until_the_next_one_succeeds(
    page: Page, address: str, api: RecruiterApi
) -> None:
    found = api.add(1, "Ada Lovelace", "running", candidate_phone="+441632960961")
    await sign_in(page, address, "/recruiter/interviews/i-1")
    error = page.get_by_test_id("error")
    await page.get_by_test_id("call").click()
    await expect(error).to_have_text("Twilio is away.")
    for title in ("Backend", "Frontend"):  # two times it is loaded again
        found["title"] = title
        await expect(page.locator(".summary .lead")).to_have_text(title)
        await expect(error).to_have_text("Twilio is away.")
    found["live"] = False
    await page.get_by_test_id("call").click()
    await expect(page.get_by_test_id("calling")).to_be_visible()
    await expect(error).to_be_hidden()


@pytest.mark.parametrize("role", RIGHTS_OF_ROLE)
async def test_nobody_is_offered_what_the_role_does_not_allow(
    page: Page, address: str, api: RecruiterApi, role: str
) -> None:
    rights = RIGHTS_OF_ROLE[role]
    api.role = role
    api.add(1, "Ada Lovelace", "running", candidate_phone="+441632960961")
    await sign_in(page, address)
    await expect(page.get_by_test_id("open")).to_be_visible()
    asked = page.get_by_test_id("not-allowed")
    await expect(page.get_by_test_id("invite")).to_have_count(int(Right.INVITE in rights))
    await page.get_by_test_id("open").click()
    await expect(page.get_by_test_id("status")).to_be_visible()
    for name, right in (
        ("call", Right.CALL),
        ("new-link", Right.INVITE),
        ("end-interview", Right.CONTROL),
    ):
        await expect(page.get_by_test_id(name)).to_have_count(int(right in rights))
    told = int(not rights >= {Right.CALL, Right.INVITE, Right.CONTROL})
    await expect(asked).to_have_count(told)
    for path, offered in (("invite", "invite-form"), ("plans", "plan-file")):
        await page.goto(f"{address}/recruiter/{path}")
        await expect(page.locator("[data-heading]")).to_be_visible()
        await expect(page.get_by_test_id(offered)).to_have_count(int(Right.INVITE in rights))
        await expect(asked).to_have_count(int(Right.INVITE not in rights))


async def test_a_role_that_was_changed_meanwhile_holds_when_the_page_is_opened_again(
    page: Page, address: str, api: RecruiterApi
) -> None:
    await sign_in(page, address)
    await expect(page.get_by_test_id("invite")).to_be_visible()
    api.role = "viewer"
    await page.reload()
    await expect(page.get_by_test_id("invite")).to_have_count(0)
