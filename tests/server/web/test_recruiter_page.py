"""The recruiter's page in a real browser: signing in, inviting, following, reading, plans."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.fakes.page_browser import open_page
from tests.fakes.recruiter_api import EMAIL, PASSWORD, PLAN_ID, RecruiterApi, turn


@pytest.fixture
async def page(browser: Browser, address: str) -> AsyncIterator[Page]:
    """The page as it first opens, not signed in."""
    async with open_page(browser) as page:
        await page.goto(f"{address}/recruiter")
        yield page


async def sign_in(page: Page, password: str = PASSWORD) -> None:
    await page.get_by_test_id("email").fill(EMAIL)
    await page.get_by_test_id("password").fill(password)
    await page.get_by_test_id("sign-in").click()


async def test_a_wrong_password_is_told_and_the_right_one_opens_the_list(page: Page) -> None:
    await expect(page.get_by_test_id("nav")).to_be_hidden()
    await sign_in(page, "wrong")
    await expect(page.get_by_test_id("sign-in-error")).to_have_text(
        "The e-mail address or the password is wrong."
    )
    await sign_in(page)
    await expect(page.get_by_test_id("no-interviews")).to_be_visible()
    await expect(page.get_by_test_id("nav-interviews")).to_have_attribute("aria-current", "page")
    await page.reload()
    await expect(page.get_by_test_id("no-interviews")).to_be_visible()
    await page.get_by_test_id("sign-out").click()
    await expect(page.get_by_test_id("sign-in")).to_be_visible()
    assert await page.evaluate("sessionStorage.length") == 0


async def test_inviting_a_candidate_gives_a_link_to_copy(page: Page, api: RecruiterApi) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await sign_in(page)
    await page.get_by_test_id("invite").click()
    await expect(page.get_by_test_id("plan").locator("option")).to_have_text(["Backend engineer"])
    await page.get_by_test_id("candidate-name").fill("  Grace Hopper ")
    await page.get_by_test_id("candidate-email").fill("grace@example.com")
    await page.get_by_test_id("minutes").fill("20")
    await page.get_by_test_id("accommodation").select_option("2")
    await page.get_by_test_id("create").click()
    await expect(page.get_by_test_id("join-link")).to_have_value("http://localhost:8000/join/first")
    await page.get_by_test_id("copy").click()
    await expect(page.get_by_test_id("copy")).to_have_text("Copied")
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied == "http://localhost:8000/join/first"
    assert api.created == [
        {
            "plan_id": PLAN_ID,
            "candidate_name": "Grace Hopper",
            "candidate_email": "grace@example.com",
            "time_limit_s": 1_200,
            "accommodation": 2,
        }
    ]
    await page.get_by_test_id("another").click()
    await expect(page.get_by_test_id("candidate-name")).to_be_empty()


async def test_a_candidate_with_a_telephone_has_a_pin_and_can_be_called(
    page: Page, api: RecruiterApi
) -> None:
    await sign_in(page)
    await page.get_by_test_id("invite").click()
    await page.get_by_test_id("candidate-name").fill("Grace Hopper")
    await page.get_by_test_id("candidate-phone").fill("01632 960961")
    await page.get_by_test_id("create").click()  # the browser says what is wrong
    assert api.created == []
    await page.get_by_test_id("candidate-phone").fill("+441632960961")
    await page.get_by_test_id("create").click()
    await expect(page.get_by_test_id("pin")).to_have_text("2073 4416")
    assert api.created[0]["candidate_phone"] == "+441632960961"
    await page.get_by_role("link", name="Follow this interview").click()
    await page.get_by_test_id("call").click()
    await expect(page.get_by_test_id("calling")).to_have_text("Calling +441632960961 ...")
    api.interviews["i-1"] |= {"status": "running", "live": True}
    await expect(page.get_by_test_id("status")).to_have_text("Running")
    await page.get_by_test_id("call").click()
    await expect(page.get_by_test_id("error")).to_contain_text("Twilio is away.")


async def test_the_list_goes_on_page_by_page_and_follows_what_is_running(
    page: Page, api: RecruiterApi
) -> None:
    for number in range(1, 31):
        api.add(number, f"Candidate {number}", "completed")
    running = api.add(31, "Ada Lovelace", "running")
    await sign_in(page)
    rows = page.get_by_test_id("interview")
    await expect(rows).to_have_count(25)
    await expect(rows.first.get_by_test_id("status")).to_have_text("Running")
    await page.get_by_test_id("more").click()
    await expect(rows).to_have_count(31)
    await expect(page.get_by_test_id("more")).to_be_hidden()
    running |= {"status": "completed", "live": False}
    await expect(rows.first.get_by_test_id("status")).to_have_text("Completed")
    await expect(rows).to_have_count(31)
    await rows.nth(3).get_by_test_id("status").click()  # anywhere in the row opens it
    await expect(page).to_have_url(re.compile("/recruiter/interviews/i-28$"))
    await page.go_back()
    await expect(rows).to_have_count(25)


async def test_what_was_promised_stands_above_the_transcript_with_its_turn(
    page: Page, api: RecruiterApi
) -> None:
    api.add(1, "Ada Lovelace", "completed", end_reason="completed")
    api.turns["i-1"] = [
        turn(0, "candidate", "What does it pay?", (0, 1_800)),
        turn(
            1,
            "interviewer",
            "I'll pass it on.",
            (2_000, 3_000),
            move={"to_do": "What <b>pays</b>?"},
        ),
    ]
    await sign_in(page)
    await page.get_by_test_id("open").click()
    await expect(page.get_by_test_id("to-do")).to_have_text("“What <b>pays</b>?” Turn 2")
    await page.get_by_test_id("to-do-turn").click()
    await expect(page.get_by_test_id("turn").nth(1)).to_be_focused()
    await expect(page).to_have_url(re.compile("/recruiter/interviews/i-1$"))


async def test_a_transcript_shows_what_was_not_heard_struck_through(
    page: Page, api: RecruiterApi
) -> None:
    api.add(1, "Ada Lovelace", "completed", end_reason="time_limit")
    api.turns["i-1"] = [
        turn(0, "interviewer", "What do you build?", (0, 1_800)),
        turn(1, "candidate", "Engines <b>of</b> brass.", (2_600, 61_000), confidence=0.9),
        turn(
            2,
            "interviewer",
            "I see. And how do you test them?",
            (61_900, 63_000),
            interrupted=True,
            heard_text="I see. And how",
            latency={"first_token": 61_400.0, "voice_to_voice_ms": 870.4},
        ),
    ]
    await sign_in(page)
    await page.get_by_test_id("open").click()
    turns = page.get_by_test_id("turn")
    await expect(turns).to_have_count(3)
    await expect(turns.nth(1)).to_contain_text("Engines <b>of</b> brass.")
    await expect(turns.nth(1)).to_contain_text("0:03 – 1:01")
    await expect(turns.nth(2)).to_contain_text("replied after 0.9 s")
    await expect(turns.nth(2).get_by_test_id("turn-text")).to_have_text(
        "I see. And how do you test them?"
    )
    await expect(turns.nth(2).get_by_test_id("unheard")).to_have_text(" do you test them?")
    await turns.nth(2).locator("summary").click()
    await expect(turns.nth(2).locator("dd")).to_have_text(["at 61.40 s", "870 ms"])
    await expect(page.get_by_test_id("view")).to_contain_text("time limit")
    await expect(page.get_by_test_id("end-interview")).to_have_count(0)


async def test_a_running_interview_can_be_followed_relinked_and_ended(
    page: Page, api: RecruiterApi
) -> None:
    api.add(1, "Ada Lovelace", "running")
    await sign_in(page)
    await page.get_by_test_id("open").click()
    await expect(page.get_by_test_id("no-turns")).to_be_visible()
    api.turns["i-1"] = [turn(0, "interviewer", "What do you build?", (0, 1_800))]
    await expect(page.get_by_test_id("turn")).to_have_count(1)
    await page.get_by_test_id("new-link").click()
    await page.get_by_test_id("confirm-no").click()  # the old link would stop working
    await expect(page.get_by_test_id("join-link")).to_have_count(0)
    await page.get_by_test_id("new-link").click()
    await page.get_by_test_id("confirm-yes").click()
    await expect(page.get_by_test_id("join-link")).to_have_value(
        "http://localhost:8000/join/second"
    )
    await page.get_by_test_id("end-interview").click()
    await page.get_by_test_id("confirm-no").click()
    assert api.interviews["i-1"]["status"] == "running"
    await page.get_by_test_id("end-interview").click()
    await page.get_by_test_id("confirm-yes").click()
    await expect(page.get_by_test_id("status")).to_have_text("Ended")
    await expect(page.get_by_test_id("join-link")).to_have_count(0)


async def test_a_plan_is_uploaded_and_its_faults_are_told_place_by_place(
    page: Page, api: RecruiterApi, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("title: Customer support\n")
    await sign_in(page)
    await page.get_by_test_id("nav-plans").click()
    await page.get_by_test_id("plan-file").set_input_files(plan)
    await expect(page.get_by_test_id("error").locator("li")).to_have_text(
        [
            "sections This field is missing.",
            "sections.0.questions.1.minutes Not a number (line 12).",
        ]
    )
    plan.write_text("title: Customer support\nsections: []\n")
    await page.get_by_test_id("plan-file").set_input_files(plan)
    await expect(page.get_by_test_id("uploaded")).to_have_text(
        "“Customer support” is ready to be used."
    )
    await expect(page.get_by_test_id("error")).to_be_hidden()
    await expect(page.get_by_test_id("plan-item")).to_have_count(2)
    assert api.uploads[1] == ("application/yaml", "title: Customer support\nsections: []\n")


async def test_the_password_is_changed_with_the_old_one(page: Page, api: RecruiterApi) -> None:
    await sign_in(page)
    await page.get_by_test_id("nav-account").click()
    await expect(page.get_by_test_id("me")).to_have_text(f"{EMAIL}, Northwind Labs")

    async def change(old: str, new: str, again: str) -> None:
        await page.get_by_test_id("old-password").fill(old)
        await page.get_by_test_id("new-password").fill(new)
        await page.get_by_test_id("again-password").fill(again)
        await page.get_by_test_id("change-password").click()

    await change(PASSWORD, "battery staple", "battery stable")
    await expect(page.get_by_test_id("error")).to_have_text("The two new passwords differ.")
    await change("wrong", "battery staple", "battery staple")
    await expect(page.get_by_test_id("error")).to_have_text(
        "The old password is not the right one."
    )
    await change(PASSWORD, "battery staple", "battery staple")
    await expect(page.get_by_test_id("password-changed")).to_be_visible()
    assert api.password == "battery staple"


async def test_a_token_that_is_no_longer_taken_leads_back_to_signing_in(
    page: Page, api: RecruiterApi
) -> None:
    await sign_in(page)
    await expect(page.get_by_test_id("no-interviews")).to_be_visible()
    api.valid = False
    await page.get_by_test_id("nav-plans").click()
    await expect(page.get_by_test_id("sign-in-form")).to_contain_text("Please sign in again.")
    api.valid = True
    await sign_in(page)
    await expect(page.get_by_test_id("plan-item")).to_have_count(1)


async def test_an_interview_that_does_not_exist_is_told(page: Page, address: str) -> None:
    await sign_in(page)
    await expect(page.get_by_test_id("no-interviews")).to_be_visible()
    await page.goto(f"{address}/recruiter/interviews/none")
    await expect(page.get_by_test_id("error")).to_have_text("There is no interview with this id.")
