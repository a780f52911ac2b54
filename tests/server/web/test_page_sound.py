"""Sound on the candidate's page: what a real browser sends of a microphone, and how it plays."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Page, expect

from server.dialects.browser.messages import (
    AudioBegin,
    AudioFlush,
    AudioMark,
    Ended,
    Flushed,
    Marked,
    Notice,
    Played,
)
from tests.fakes.page_browser import Samples, best_correlation
from tests.fakes.page_peer import Leg, PagePeer, enter, stats


def tone(seconds: float, hertz: float = 440.0) -> bytes:
    """PCM16 24 kHz."""
    times = np.arange(int(seconds * 24_000)) / 24_000
    return (np.sin(2 * np.pi * hertz * times) * 8_000).astype("<i2").tobytes()


async def played_to_the_end(leg: Leg, samples: int) -> list[Played]:
    """All progress reports up to the one that says so many samples."""
    reports = [await leg.expect(Played)]
    while reports[-1].samples < samples:
        reports.append(await leg.expect(Played))
    return reports


# --- sound up


async def test_frames_are_32_ms_and_carry_what_the_microphone_heard(
    page: Page, peer: PagePeer, spoken: tuple[Path, Samples]
) -> None:
    leg = await enter(page, peer)
    frames = await leg.heard(100)
    assert {len(frame) for frame in frames} == {1_024}
    assert leg.frames_before_start == 0
    heard = np.frombuffer(b"".join(frames), "<i2") / 32_768
    # Pieces over two frames: the file's own seam, or a busy machine, may cut some of them.
    pieces = [heard[start : start + 1_000] for start in range(8_000, 48_000, 1_000)]
    matches = sorted(best_correlation(piece, spoken[1]) for piece in pieces)
    assert matches[-1] > 0.99
    assert matches[len(matches) // 2] > 0.9
    loudness = np.median([np.sqrt(np.mean(piece**2)) for piece in pieces])
    assert loudness == pytest.approx(np.sqrt(np.mean(spoken[1] ** 2)), rel=0.2)


async def test_a_muted_microphone_sends_silence_and_says_so(page: Page, peer: PagePeer) -> None:
    leg = await enter(page, peer)
    await leg.heard(5)
    await page.get_by_test_id("mute").click()
    await expect(page.get_by_test_id("mute")).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_test_id("state-hint")).to_have_text("You are muted: nobody hears you.")
    silence = bytes(1_024)
    while leg.frames[-1] != silence:  # what was under way before the click
        await leg.heard(len(leg.frames) + 1)
    frames = await leg.heard(len(leg.frames) + 15)
    assert frames[-15:] == [silence] * 15
    await page.get_by_test_id("mute").click()
    while leg.frames[-1] == silence:
        await leg.heard(len(leg.frames) + 1)
    frames = await leg.heard(len(leg.frames) + 10)
    assert np.abs(np.frombuffer(b"".join(frames[-10:]), "<i2")).max() > 1_000


# --- sound down


async def test_playback_reports_progress_and_answers_marks_in_order(
    page: Page, peer: PagePeer
) -> None:
    leg = await enter(page, peer)
    await leg.say(AudioBegin(generation=1))
    await leg.play(tone(0.5))
    await leg.say(AudioMark(generation=1, id=1))
    await leg.play(tone(0.3))
    await leg.say(AudioMark(generation=1, id=2))
    reports = await played_to_the_end(leg, 19_200)
    assert [r.samples for r in reports] == sorted({r.samples for r in reports})
    assert all(b.samples - a.samples <= 3_000 for a, b in itertools.pairwise(reports))
    second = await leg.expect(Marked)
    assert second == Marked(generation=1, id=2)
    order = [m for m in leg.messages if isinstance(m, Marked | Played)]
    assert order.index(Marked(generation=1, id=1)) < order.index(second)
    assert order[order.index(Marked(generation=1, id=1)) - 1] == Played(
        generation=1, samples=12_000
    )
    assert (await stats(page))["played"] == {"1": 19_200}


async def test_a_flush_is_answered_at_once_with_what_was_played(page: Page, peer: PagePeer) -> None:
    leg = await enter(page, peer)
    await leg.say(AudioBegin(generation=4))
    await leg.play(tone(30.0))
    before = (await played_to_the_end(leg, 6_000))[-1].samples
    await leg.say(AudioMark(generation=4, id=9))
    await leg.say(AudioFlush(generation=4))
    await leg.play(tone(0.2))  # already under way as the flush was sent: dropped
    flushed = await leg.expect(Flushed)
    assert flushed.generation == 4
    assert before <= flushed.samples < 30 * 24_000
    # the held reply goes on where it was stopped, and the count with it
    await leg.say(AudioBegin(generation=4, offset=flushed.samples))
    await leg.play(tone(0.25))
    await leg.say(AudioMark(generation=4, id=10))
    assert await leg.expect(Marked) == Marked(generation=4, id=10)
    reports = [m.samples for m in leg.messages if isinstance(m, Played)]
    assert reports[-1] == flushed.samples + 6_000
    found = await stats(page)
    assert found["stray"] == 1
    assert found["underruns"] == 0, "who was told to be silent has no gap"
    assert len(found["flushMs"]) == 1


async def test_a_flush_of_what_was_never_heard_of_is_answered_too(
    page: Page, peer: PagePeer
) -> None:
    leg = await enter(page, peer)
    await leg.say(AudioFlush(generation=77))
    assert await leg.expect(Flushed) == Flushed(generation=77, samples=0)


async def test_when_the_browser_puts_sound_to_sleep_a_button_wakes_it(
    page: Page, peer: PagePeer
) -> None:
    await page.add_init_script(
        "window.AudioContext = class extends AudioContext {"
        "constructor(options) { super(options); window.held = this; } };"
    )
    leg = await enter(page, peer)
    await leg.say(AudioBegin(generation=1))
    await leg.play(tone(30.0))
    await leg.expect(Played)
    await expect(page.get_by_test_id("hear")).to_be_hidden()
    await page.evaluate("window.held.suspend()")
    await leg.say(AudioFlush(generation=1))  # answered even so
    flushed = await leg.expect(Flushed)
    assert 0 < flushed.samples < 30 * 24_000
    await page.get_by_test_id("hear").click()
    await expect(page.get_by_test_id("hear")).to_be_hidden()
    await leg.say(AudioBegin(generation=2))
    await leg.play(tone(0.1))
    await leg.say(AudioMark(generation=2, id=1))
    assert await leg.expect(Marked) == Marked(generation=2, id=1)


@pytest.mark.parametrize("state", ["suspended", "interrupted", "a state of a later browser"])
async def test_in_whatever_state_sound_does_not_run_the_button_is_offered(
    page: Page, peer: PagePeer, state: str
) -> None:
    await page.add_init_script(
        "window.told = null; window.AudioContext = class extends AudioContext {"
        "constructor(options) { super(options); window.held = this; }"
        "get state() { return window.told ?? super.state; } };"
    )
    await enter(page, peer)
    await expect(page.get_by_test_id("hear")).to_be_hidden()
    tell = "told => { window.told = told; window.held.dispatchEvent(new Event('statechange')); }"
    await page.evaluate(tell, state)
    await expect(page.get_by_test_id("hear")).to_be_visible()
    await page.evaluate(tell, None)
    await expect(page.get_by_test_id("hear")).to_be_hidden()
    await page.evaluate("window.held.suspend()")
    await expect(page.get_by_test_id("hear")).to_be_visible()
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # looked at again
    await expect(page.get_by_test_id("hear")).to_be_hidden()


# --- a microphone that goes and returns

DEVICES = """
window.refused = null;
window.opened = [];
const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  if (window.refused) throw new DOMException("refused by the test", window.refused);
  const stream = await real(wanted);
  window.opened.push(stream.getAudioTracks()[0]);
  return stream;
};
window.lastTrack = (event) => window.opened.at(-1).dispatchEvent(new Event(event));
window.devices = (refused) => {
  window.refused = refused;
  navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
};
"""


async def test_a_microphone_that_the_device_silences_is_told_of_until_it_goes_on(
    page: Page, peer: PagePeer
) -> None:
    await page.add_init_script(DEVICES)
    leg = await enter(page, peer)
    notice = page.get_by_test_id("notice")
    await page.evaluate("window.lastTrack('mute')")
    await expect(notice).to_contain_text("Your device has silenced the microphone")
    await leg.say(Notice(code="listened", message="Grace Hopper listens."))
    await page.evaluate("window.lastTrack('unmute')")
    await expect(notice).to_have_text("Grace Hopper listens.")


@pytest.mark.parametrize(
    ("refused", "told"),
    [
        ("NotFoundError", "Plug it in again"),
        ("NotReadableError", "Another program uses your microphone"),
        ("NotAllowedError", "The microphone is blocked"),
    ],
)
async def test_a_microphone_that_returns_is_picked_up_without_a_reload(
    page: Page, peer: PagePeer, refused: str, told: str
) -> None:
    await page.add_init_script(DEVICES)
    leg = await enter(page, peer)
    notice = page.get_by_test_id("notice")
    await page.get_by_test_id("mute").click()
    await page.evaluate(f"window.refused = {refused!r}; window.lastTrack('ended')")
    await expect(notice).to_contain_text(told)
    for _ in range(3):  # a hub that is plugged in brings several devices
        await page.evaluate(f"window.devices({refused!r})")
    await expect(notice).to_contain_text(told)
    opened = await page.evaluate("window.opened.length")
    await page.evaluate("window.devices(null); window.devices(null)")
    await expect(notice).to_have_text("Your microphone works again.")
    assert await page.evaluate("window.opened.length") == opened + 1
    assert not await page.evaluate("window.opened.at(-1).enabled")  # muted it was, and stays
    await page.get_by_test_id("mute").click()
    before = len(leg.frames)
    while not any(any(frame) for frame in leg.frames[before:]):
        await leg.heard(len(leg.frames) + 1)


async def test_a_microphone_that_returns_after_the_end_is_not_opened(
    page: Page, peer: PagePeer
) -> None:
    await page.add_init_script(DEVICES)
    leg = await enter(page, peer)
    await page.evaluate("window.refused = 'NotFoundError'; window.lastTrack('ended')")
    await expect(page.get_by_test_id("notice")).to_contain_text("Plug it in again")
    await leg.say(Ended(reason="completed", message="That was the whole interview."))
    await expect(page.get_by_test_id("ended")).to_be_visible()
    opened = await page.evaluate("window.opened.length")
    await page.evaluate("window.devices(null)")
    assert await page.evaluate("window.opened.length") == opened


async def test_a_gap_inside_a_reply_is_counted_and_one_after_a_mark_is_not(
    page: Page, peer: PagePeer
) -> None:
    leg = await enter(page, peer)
    await leg.say(AudioBegin(generation=1))
    await leg.play(tone(0.2))
    await played_to_the_end(leg, 4_800)
    await leg.play(tone(0.2))
    await leg.say(AudioMark(generation=1, id=1))
    await leg.expect(Marked)
    await leg.play(tone(0.2))
    await leg.say(AudioMark(generation=1, id=2))
    await leg.expect(Marked)
    found = await stats(page)
    inside, after = found["gaps"]
    assert (inside["afterMark"], after["afterMark"]) == (False, True)
    assert found["underruns"] == 1
    assert found["maxGapMs"] == inside["ms"] > 0


async def test_a_new_reply_is_not_heard_into_the_one_before(page: Page, peer: PagePeer) -> None:
    leg = await enter(page, peer)
    await leg.say(AudioBegin(generation=1))
    await leg.play(tone(30.0))
    await leg.expect(Played)
    await leg.say(AudioFlush(generation=1))
    await leg.say(AudioBegin(generation=2))
    await leg.play(tone(0.25))
    await leg.say(AudioMark(generation=2, id=1))
    assert await leg.expect(Marked) == Marked(generation=2, id=1)
    assert (await stats(page))["played"]["2"] == 6_000
