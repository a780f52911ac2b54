"""The candidate's page in a real browser: the way in, what is seen, coming back, the end."""

import asyncio
import re

import httpx
import pytest
from playwright.async_api import Dialog, Page, expect

from server.dialects.browser.messages import (
    AudioBegin,
    Caption,
    Continue,
    End,
    Ended,
    Hello,
    Line,
    Mute,
    Notice,
    Played,
    Start,
    State,
    TurnCommitted,
)
from tests.fakes.page_browser import open_page
from tests.fakes.page_peer import TOKEN, Leg, PagePeer, enter, problem, stats
from tests.patience import PATIENCE_S
from tests.support.chromium import open_browser

# --- before the interview


async def test_the_pages_are_never_stored_and_run_only_our_own_files(peer: PagePeer) -> None:
    async with httpx.AsyncClient(base_url=peer.address) as client:
        for path in (f"/join/{TOKEN}", "/recruiter", "/recruiter/interviews/1"):
            answer = await client.get(path)
            assert answer.status_code == 200
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert "script-src 'self';" in answer.headers["content-security-policy"]
            assert TOKEN not in answer.text
            for inline in ("<style", "style=", "onclick=", "http://", "https://", "//cdn"):
                assert inline not in answer.text
        script = await client.get("/static/candidate.js")
        assert script.headers["cache-control"] == "no-cache"
        assert script.headers["content-type"].startswith("text/javascript")


async def test_a_candidate_checks_the_microphone_and_consents_before_the_start(
    page: Page, peer: PagePeer
) -> None:
    await page.goto(f"{peer.address}/join/{TOKEN}?raw=1")
    await expect(page.get_by_test_id("welcome-title")).to_have_text("Hello, Ada Lovelace")
    await expect(page.get_by_test_id("consent-text")).to_contain_text("Northwind Labs to read")
    await expect(page.get_by_test_id("start")).to_be_disabled()
    await expect(page.get_by_test_id("level-hint")).to_have_text("We hear you")
    assert await page.get_by_test_id("mic-select").locator("option").count() >= 1
    await page.get_by_test_id("test-sound").click()
    await expect(page.get_by_test_id("sound-hint")).to_contain_text("Heard nothing?")
    await page.get_by_test_id("consent").check()
    await expect(page.get_by_test_id("start")).to_be_enabled()
    assert peer.tickets_asked == 0


@pytest.mark.usefixtures("real_browser")
async def test_a_blocked_microphone_is_explained_with_what_to_do(peer: PagePeer) -> None:
    flags = ("--use-fake-ui-for-media-stream=deny", "--use-fake-device-for-media-stream")
    async with open_browser(*flags) as browser, open_page(browser) as page:
        await page.goto(f"{peer.address}/join/{TOKEN}")
        await page.get_by_test_id("consent").check()
        await page.get_by_test_id("start").click()
        await expect(page.get_by_test_id("mic-problem")).to_be_visible()
        await expect(page.get_by_test_id("mic-problem-title")).to_have_text(
            "The microphone is blocked"
        )
        await expect(page.get_by_test_id("mic-retry")).to_be_visible()
        await expect(page.get_by_test_id("start")).to_be_enabled()


@pytest.mark.usefixtures("real_browser")
async def test_a_missing_microphone_is_told_apart_from_a_blocked_one(peer: PagePeer) -> None:
    flags = ("--use-fake-ui-for-media-stream",)
    async with open_browser(*flags) as browser, open_page(browser) as page:
        await page.goto(f"{peer.address}/join/{TOKEN}")
        await page.get_by_test_id("consent").check()
        await page.get_by_test_id("start").click()
        await expect(page.get_by_test_id("mic-problem-title")).to_have_text(
            "No microphone was found"
        )


async def test_a_microphone_without_any_sound_does_not_pass_in_silence(
    page: Page, peer: PagePeer
) -> None:
    await page.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () =>"
        " new AudioContext().createMediaStreamDestination().stream;"
    )
    await page.goto(f"{peer.address}/join/{TOKEN}")
    await page.get_by_test_id("consent").check()
    await page.get_by_test_id("start").click()
    warning = page.get_by_test_id("start-warning")
    await expect(warning).to_contain_text("Your microphone gives no sound at all")
    await expect(page.get_by_test_id("start")).to_have_text("Start without sound")
    assert peer.tickets_asked == 0
    await page.get_by_test_id("start").click()
    await peer.next_leg()


async def test_leaving_a_running_interview_is_asked_about_and_an_ended_one_is_left(
    page: Page, peer: PagePeer
) -> None:
    asked: list[str] = []

    async def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.accept()

    page.on("dialog", leave)
    leg = await enter(page, peer)
    await page.reload()
    assert asked == ["beforeunload"]
    leg = await enter(page, peer)
    asked.clear()
    await leg.say(Ended(reason="completed", message="That was the whole interview."))
    await expect(page.get_by_test_id("ended")).to_be_visible()
    await page.reload()
    assert asked == []


@pytest.mark.parametrize(
    ("code", "status", "title"),
    [
        ("unknown-link", 404, "This link does not work"),
        ("link-expired", 410, "This link has expired"),
        ("interview-over", 410, "This interview is over"),
    ],
)
async def test_a_link_that_leads_nowhere_gets_a_friendly_page(
    page: Page, peer: PagePeer, code: str, status: int, title: str
) -> None:
    peer.join_problem = problem(status, code, "Title", "A sentence from the server.")
    await page.goto(f"{peer.address}/join/{TOKEN}")
    await expect(page.get_by_test_id("problem-title")).to_have_text(title)
    await expect(page.get_by_test_id("problem-message")).to_have_text("A sentence from the server.")
    await expect(page.get_by_test_id("try-again")).to_be_hidden()


# --- what is seen


async def test_captions_are_replaced_as_words_firm_up_and_final_ones_are_announced_if_asked_for(
    page: Page, peer: PagePeer
) -> None:
    leg = await enter(page, peer)
    lines = page.get_by_test_id("caption-list").locator("li")
    await leg.say(Caption(speaker="interviewer", id="g1", text="Hello Ada.", final=True))
    await leg.say(Caption(speaker="candidate", id="u1", text="I bill", final=False))
    await expect(lines).to_have_text(["RobinHello Ada.", "YouI bill"])
    await expect(lines.nth(1)).to_have_class("caption interim")
    await expect(page.get_by_test_id("caption-announcer")).to_be_empty()
    await page.get_by_test_id("captions-aloud").check()
    tentative = lines.nth(1).locator(".tentative")
    await expect(tentative).to_have_count(0)
    growing = "I build <b>engines</b>."
    await leg.say(Caption(speaker="candidate", id="u1", text=growing, final=False, stable_words=2))
    await expect(lines.nth(1)).to_have_text(f"You{growing}")
    await expect(tentative).to_have_text("<b>engines</b>.")
    await leg.say(Caption(speaker="candidate", id="u1", text=growing, final=True))
    await expect(tentative).to_have_count(0)
    await expect(lines).to_have_text(["RobinHello Ada.", "YouI build <b>engines</b>."])
    await expect(page.get_by_test_id("caption-announcer")).to_have_text(
        "You: I build <b>engines</b>."
    )
    await leg.say(TurnCommitted(index=0, speaker="interviewer", text="Hello Ada."))
    await page.wait_for_function("window.vivaStats.committed === 1")


async def test_the_page_says_who_is_speaking_how_long_is_left_and_what_went_wrong(
    page: Page, peer: PagePeer
) -> None:
    leg = await enter(page, peer)
    state = page.get_by_test_id("state")
    await expect(page.get_by_test_id("connection")).to_have_text("Connected")
    for interviewer, word in (
        ("idle", "Listening"),
        ("thinking", "Thinking"),
        ("speaking", "Speaking"),
        ("held", "Listening"),
    ):
        await leg.say(
            State.model_validate(
                {"candidate": "quiet", "interviewer": interviewer, "time_left_ms": 59_000}
            )
        )
        await expect(state).to_have_text(word)
        await expect(state).to_have_attribute("data-state", word.lower())
    await expect(page.get_by_test_id("time-left")).to_contain_text(re.compile("0:[0-5][0-9]"))
    await expect(page.get_by_test_id("time-announcer")).to_have_text("Less than a minute is left.")
    await leg.say(Notice(code="stt_slow", message="Transcription is slow just now."))
    await expect(page.get_by_test_id("notice")).to_have_text("Transcription is slow just now.")
    await leg.say_text('{"type": "of_a_later_version"}')
    await leg.say(Notice(code="still_here", message="Still here."))
    await expect(page.get_by_test_id("notice")).to_have_text("Still here.")


# --- coming back


async def test_after_a_cut_the_page_comes_back_by_itself_with_a_new_ticket(
    page: Page, peer: PagePeer
) -> None:
    first = await enter(page, peer)
    await first.say(Caption(speaker="interviewer", id="g1", text="Half a sen", final=False))
    peer.resume_with([Line(index=0, speaker="interviewer", text="Hello Ada, welcome.")])
    await first.close(1012)
    second = await peer.next_leg()
    assert isinstance(second.messages[1], Start)
    await second.heard(5)
    assert second.frames_before_start == 0
    await expect(page.get_by_test_id("caption-list").locator("li")).to_have_text(
        ["RobinHello Ada, welcome."]
    )
    await expect(page.get_by_test_id("connection")).to_have_text("Connected")
    assert (await stats(page))["connects"] == 2
    await second.say(AudioBegin(generation=9))
    await second.play(bytes(4_800))
    assert await second.expect(Played) == Played(generation=9, samples=2_400)


async def test_what_is_said_during_a_short_outage_is_sent_afterwards(
    page: Page, peer: PagePeer
) -> None:
    first = await enter(page, peer)
    await first.heard(3)
    peer.ticket_problem = problem(503, "store-unavailable", "Database unavailable", "Wait.")
    await first.close(1011)
    await expect(page.get_by_test_id("state")).to_have_text("Reconnecting")
    async with peer.asked:
        await asyncio.wait_for(peer.asked.wait_for(lambda: peer.tickets_asked >= 2), PATIENCE_S)
    peer.ticket_problem = None
    second = await peer.next_leg()
    await second.heard(60)
    found = await stats(page)
    assert found["framesSent"] >= 60
    assert found["framesDropped"] == 0
    assert {len(frame) for frame in second.frames} == {1_024}


async def test_a_ticket_that_is_refused_is_replaced_once(page: Page, peer: PagePeer) -> None:
    peer.refuse_tickets = 1
    await enter(page, peer)
    assert peer.tickets_asked == 2


async def test_a_second_refused_ticket_is_told(page: Page, peer: PagePeer) -> None:
    peer.refuse_tickets = 2
    await page.goto(f"{peer.address}/join/{TOKEN}?raw=1")
    await page.get_by_test_id("consent").check()
    await page.get_by_test_id("start").click()
    await expect(page.get_by_test_id("problem-message")).to_have_text(
        "The ticket is unknown, used or expired."
    )
    await expect(page.get_by_test_id("try-again")).to_be_visible()
    assert peer.tickets_asked == 2


def opened_ms(leg: Leg) -> int | None:
    """What the page's first message says of when it was opened."""
    hello = leg.messages[0]
    assert isinstance(hello, Hello)
    return hello.opened_ms


async def test_coming_back_by_itself_the_page_says_when_it_was_opened_and_a_click_does_not(
    page: Page, peer: PagePeer
) -> None:
    first = await enter(page, peer)
    assert opened_ms(first) is None
    await first.close(1012)
    second = await peer.next_leg()
    assert opened_ms(second) == peer.ready.opened_ms
    await second.close(4409, "The interview was opened in another window.")
    await page.get_by_test_id("take-back").click()
    third = await peer.next_leg()
    assert opened_ms(third) is None


async def test_opened_elsewhere_the_page_says_so_and_can_take_it_back(
    page: Page, peer: PagePeer
) -> None:
    first = await enter(page, peer)
    await first.close(4409, "The interview was opened in another window.")
    await expect(page.get_by_test_id("elsewhere")).to_be_visible()
    assert peer.tickets_asked == 1
    await page.get_by_test_id("take-back").click()
    second = await peer.next_leg()
    await second.heard(3)
    await expect(page.get_by_test_id("live")).to_be_visible()


async def test_a_reload_welcomes_back_and_shows_what_was_said(page: Page, peer: PagePeer) -> None:
    peer.invitation |= {"status": "running", "begun": True}
    peer.resume_with(
        [
            Line(index=0, speaker="interviewer", text="What do you build?"),
            Line(index=1, speaker="candidate", text="Engines."),
        ]
    )
    await page.goto(f"{peer.address}/join/{TOKEN}?raw=1")
    await expect(page.get_by_test_id("welcome-title")).to_have_text("Welcome back, Ada Lovelace")
    await expect(page.get_by_test_id("consent")).to_be_checked()
    await page.get_by_test_id("start").click()
    await peer.next_leg()
    await expect(page.get_by_test_id("caption-list").locator("li")).to_have_text(
        ["RobinWhat do you build?", "YouEngines."]
    )


# --- the end


async def test_the_end_is_confirmed_sent_and_thanked_for(page: Page, peer: PagePeer) -> None:
    leg = await enter(page, peer)
    await page.get_by_test_id("end").click()
    await page.get_by_test_id("end-cancel").click()
    await expect(page.get_by_test_id("end")).to_be_focused()
    await page.get_by_test_id("end").click()
    await page.get_by_test_id("end-confirm").click()
    await leg.expect(End)
    assert sum(isinstance(message, End) for message in leg.messages) == 1
    await leg.say(Ended(reason="candidate", message="You ended the interview."))
    await leg.close(1000)
    await expect(page.get_by_test_id("ended")).to_be_visible()
    await expect(page.get_by_test_id("ended-title")).to_have_text("Thank you, Ada Lovelace")
    await expect(page.get_by_test_id("ended-message")).to_have_text("You ended the interview.")
    await expect(page.get_by_test_id("ended")).to_have_attribute("data-reason", "candidate")
    assert peer.tickets_asked == 1


async def test_an_interview_that_is_over_is_not_entered_again(page: Page, peer: PagePeer) -> None:
    leg = await enter(page, peer)
    await leg.close(4410, "This interview has ended already.")
    await expect(page.get_by_test_id("ended-message")).to_have_text(
        "This interview has ended already."
    )
    assert peer.tickets_asked == 1


async def test_a_pause_stands_still_on_the_page_and_a_recruiter_is_named(
    page: Page, peer: PagePeer
) -> None:
    leg = await enter(page, peer)
    state, clock = page.get_by_test_id("state"), page.get_by_test_id("time-left")
    await leg.say(led_by("paused"))
    await expect(state).to_have_text("Paused")
    await expect(clock).to_have_text("12:34")
    moved = "() => performance.now() - window.since > 1500"
    await page.evaluate("() => { window.since = performance.now(); }")
    await page.wait_for_function(moved)
    await expect(clock).to_have_text("12:34")
    await leg.say(led_by("recruiter", speaks=True))
    await expect(state).to_have_text("Hiring team")
    await expect(page.get_by_test_id("state-hint")).to_have_text("Somebody is speaking with you.")
    await leg.say(led_by("interviewer"))
    await expect(state).to_have_text("Listening")
    await expect(clock).not_to_have_text("12:34")


async def test_while_the_candidate_is_waited_for_the_clock_stands_still_and_a_button_goes_on(
    page: Page, peer: PagePeer
) -> None:
    leg = await enter(page, peer)
    go_on = page.get_by_test_id("continue")
    await leg.say(led_by("interviewer"))
    await expect(go_on).to_be_hidden()
    await leg.say(led_by("waiting"))
    await expect(page.get_by_test_id("state")).to_have_text("Paused")
    await expect(page.get_by_test_id("state-hint")).to_contain_text("Speak, or press Continue")
    await go_on.click()
    assert await leg.expect(Continue) == Continue()
    await leg.say(State.model_validate(led_by("waiting").model_dump() | {"candidate": "speaking"}))
    await expect(page.get_by_test_id("state")).to_have_text("Listening")
    await expect(go_on).to_be_hidden()
    await leg.close(4425)
    await expect(page.get_by_test_id("paused")).to_be_visible()
    await page.get_by_test_id("go-on").click()
    second = await peer.next_leg()
    assert isinstance(second.messages[1], Start)
    await expect(page.get_by_test_id("live")).to_be_visible()


async def test_a_microphone_that_is_muted_on_the_page_is_told_and_told_again_when_it_comes_back(
    page: Page, peer: PagePeer
) -> None:
    first = await enter(page, peer)
    await page.get_by_test_id("mute").click()
    assert await first.expect(Mute) == Mute(muted=True)
    await first.close(1012)
    second = await peer.next_leg()
    assert await second.expect(Mute) == Mute(muted=True)
    await page.get_by_test_id("mute").click()
    assert await second.expect(Mute) == Mute(muted=False)


def led_by(floor: str, *, speaks: bool = False) -> State:
    quiet = {"candidate": "quiet", "interviewer": "idle", "time_left_ms": 754_000}
    return State.model_validate(quiet | {"floor": floor, "recruiter_speaks": speaks})
