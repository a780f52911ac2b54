"""How the pages look, state by state: nothing is cut off, and all of it can be reached and read."""

import re
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.fakes.page_browser import open_page
from tests.fakes.page_states import LONG_NAME, STATES, scene

CUT_OFF = (Path(__file__).parents[2] / "fakes" / "cut-off.js").read_text()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page of its own."""
    async with open_page(browser) as page:
        yield page


@pytest.mark.parametrize(
    ("state", "control", "reason", "told"),
    [
        ("setup", "start", "It starts once you have ticked the box above.", "start-warning"),
        ("cockpit-viewer", "listen", "Your role does not allow listening", "refusal"),
        ("cockpit-viewer", "hint-send", "Your role does not allow giving hints", "refusal"),
        ("cockpit-viewer", "pause", "Your role does not allow pausing", "refusal"),
        ("cockpit-viewer", "at-once", "Your role does not allow pausing", "refusal"),
        ("cockpit-viewer", "floor", "Your role does not allow taking the floor", "refusal"),
        ("cockpit", "talk", "To talk, first take the floor.", "refusal"),
    ],
)
async def test_a_control_that_is_held_back_can_be_reached_and_says_why(
    page: Page, state: str, control: str, reason: str, told: str
) -> None:
    async with scene() as told_about:
        await STATES[state](page, told_about)
        held = page.get_by_test_id(control)
        await held.focus()
        await expect(held).to_be_focused()
        await expect(held).to_have_attribute("aria-disabled", "true")
        await expect(held).to_have_accessible_description(re.compile(re.escape(reason)))
        await page.keyboard.press("Space")
        await expect(page.get_by_test_id(told)).to_be_visible()
        assert not await page.evaluate("document.querySelectorAll(':disabled').length")


@pytest.mark.parametrize("state", STATES)
async def test_nothing_is_cut_off_in_a_narrow_window_whatever_the_name(
    page: Page, state: str
) -> None:
    """320 px wide is what 400 % of zoom leaves of 1280."""
    async with scene(LONG_NAME) as told:
        await page.set_viewport_size({"width": 320, "height": 640})
        await STATES[state](page, told)
        faults: list[str] = await page.evaluate(CUT_OFF)
    assert faults == []


@pytest.mark.parametrize("state", STATES)
async def test_a_checker_of_accessibility_finds_nothing(page: Page, state: str) -> None:
    axe = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    async with scene() as told:
        await STATES[state](page, told)
        found: dict[str, Any] = await page.evaluate(
            f"async () => {{ {axe}; return await axe.run(); }}"
        )
    faults = [
        (rule["id"], node["html"][:200], node["failureSummary"])
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
    assert faults == []


async def test_a_hint_that_may_not_be_asked_is_sent_only_when_the_recruiter_insists(
    page: Page,
) -> None:
    async with scene() as told:
        await STATES["cockpit-unlawful-hint"](page, told)
        asked = page.get_by_test_id("confirm-text")
        await expect(asked).to_contain_text("This seems to ask about family")
        await page.get_by_test_id("confirm-no").click()
        await expect(page.get_by_test_id("hint-text")).to_be_focused()
        await expect(page.get_by_test_id("hint-text")).to_have_value("ask whether she has children")
        assert told.commands == []
        await page.keyboard.press("Enter")
        await page.get_by_test_id("confirm-yes").click()
        await expect(page.get_by_test_id("hint-text")).to_be_empty()
        await page.get_by_test_id("hint-text").fill("ask about the migration")
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("hint-text")).to_be_empty()
        texts = [command["text"] for command in told.commands if command["type"] == "hint"]
        assert texts == ["ask whether she has children", "ask about the migration"]
