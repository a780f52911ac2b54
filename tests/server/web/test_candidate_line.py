"""The candidate's page when the line is weak or the devices change, and an answer that goes on."""

from playwright.async_api import Page, expect

from server.dialects.browser.messages import Caption, Notice, Start
from tests.fakes.page_peer import PagePeer, enter, problem, stats

# --- the line


async def test_a_line_that_stalls_is_told_and_what_is_said_meanwhile_comes_afterwards(
    page: Page, peer: PagePeer
) -> None:
    leg = await enter(page, peer)
    await page.wait_for_function("window.vivaStats.roundTripMs !== null")
    notice = page.get_by_test_id("notice")
    await expect(notice).to_be_hidden()
    leg.answers_pings = False
    await expect(notice).to_have_text("Weak connection: we keep what you say.")
    before = len(leg.frames)
    leg.answers_pings = True
    await expect(notice).to_be_hidden()
    await leg.heard(before + 60)
    assert (await stats(page))["framesDropped"] == 0


async def test_a_line_that_is_cut_is_told_and_then_that_not_all_can_be_kept(
    page: Page, peer: PagePeer
) -> None:
    leg = await enter(page, peer)
    await leg.heard(3)
    peer.ticket_problem = problem(503, "store-unavailable", "Database unavailable", "Wait.")
    await leg.close(1011)
    notice = page.get_by_test_id("notice")
    await expect(notice).to_have_text("Weak connection: we keep what you say.")
    await expect(notice).to_contain_text("Only the last seconds of what you say are kept.")
    peer.ticket_problem = None
    await peer.next_leg()
    await expect(notice).to_be_hidden()


async def test_a_line_that_turns_out_dead_costs_no_words(page: Page, peer: PagePeer) -> None:
    """What was sent into a line after it had died is sent again on the next one."""
    await enter(page, peer)
    kept = await page.evaluate("""async () => {
      const { InterviewSocket } = await import("/static/socket.js");
      const on = { lost() {}, connection() {}, message() {} };
      const socket = new InterviewSocket(() => new Promise(() => {}), on);
      const sent = [];
      Object.assign(socket, { everStarted: true, started: true, heardAt: performance.now() });
      const send = (frame) => sent.push(frame);
      socket.socket = { readyState: WebSocket.OPEN, bufferedAmount: 0, send, close() {} };
      for (const frame of [1, 2]) socket.sendFrame(frame);
      socket.receive('{"type": "pong", "t": 0}');
      for (const frame of [3, 4]) socket.sendFrame(frame);
      socket.abandon();
      socket.sendFrame(5);
      clearTimeout(socket.retryTimer);
      return { sent, waiting: socket.backlog };
    }""")
    assert kept == {"sent": [1, 2, 3, 4], "waiting": [3, 4, 5]}


# --- devices


async def test_microphone_and_loudspeaker_are_changed_within_the_interview(
    page: Page, peer: PagePeer
) -> None:
    leg = await enter(page, peer)
    await leg.heard(3)
    await page.get_by_test_id("devices").click()
    microphones = page.get_by_test_id("live-mic-select").locator("option")
    await expect(microphones.nth(1)).to_be_attached()
    other = await microphones.nth(1).get_attribute("value")
    await page.get_by_test_id("live-mic-select").select_option(other)
    await page.wait_for_function(
        "(id) => sessionStorage.getItem('viva.microphone') === id", arg=other
    )
    speakers = page.get_by_test_id("live-speaker-select").locator("option")
    await expect(speakers.nth(1)).to_be_attached()
    sink = await speakers.nth(1).get_attribute("value")
    await page.get_by_test_id("live-speaker-select").select_option(sink)
    await page.wait_for_function(
        "(id) => sessionStorage.getItem('viva.loudspeaker') === id", arg=sink
    )
    await expect(page.get_by_test_id("live-speaker-select")).to_have_value(sink or "")
    await expect(page.get_by_test_id("devices-note")).to_be_empty()
    await page.get_by_test_id("devices-close").click()
    await expect(page.get_by_test_id("devices")).to_be_focused()
    await leg.heard(len(leg.frames) + 20)
    assert (await stats(page))["connects"] == 1
    assert sum(isinstance(message, Start) for message in leg.messages) == 1


async def test_a_microphone_that_cannot_be_opened_leaves_the_one_so_far(
    page: Page, peer: PagePeer
) -> None:
    leg = await enter(page, peer)
    await page.get_by_test_id("devices").click()
    microphones = page.get_by_test_id("live-mic-select")
    await expect(microphones.locator("option").nth(1)).to_be_attached()
    chosen = await microphones.input_value()
    other = await microphones.locator(f'option:not([value="{chosen}"])').first.get_attribute(
        "value"
    )
    await page.evaluate("""void (navigator.mediaDevices.getUserMedia = async () => {
      throw new DOMException("in use", "NotReadableError");
    })""")
    await microphones.select_option(other)
    await expect(page.get_by_test_id("devices-note")).to_have_text(
        "The microphone is in use. The microphone so far is used still."
    )
    await expect(microphones).to_have_value(chosen)
    await leg.heard(len(leg.frames) + 20)


# --- an answer that goes on


async def test_the_newest_words_of_an_answer_that_goes_on_behind_a_reply_stand_last(
    page: Page, peer: PagePeer
) -> None:
    leg = await enter(page, peer)
    lines = page.get_by_test_id("caption-list").locator("li:visible")

    async def said(speaker: str, name: str, text: str, final: bool) -> None:
        await leg.say(
            Caption.model_validate({"speaker": speaker, "id": name, "text": text, "final": final})
        )

    await said("candidate", "u1", "We built", True)
    await said("interviewer", "g1", "I see. And how did you", False)
    await said("candidate", "u1", "We built a", False)
    await expect(lines).to_have_text(["YouWe built a", "RobinI see. And how did you"])
    await said("interviewer", "g1", "I see. And how did", True)
    await said("candidate", "u1", "We built a search engine", False)
    await said("candidate", "u1", "We built a search engine for libraries.", True)
    await expect(lines).to_have_text(
        ["YouWe built a", "RobinI see. And how did", "Yousearch engine for libraries."]
    )
    await said("interviewer", "g2", " ".join(["Thank you."] * 200), True)
    await said("candidate", "u1", "We built a search engine for libraries. And it", False)
    await expect(lines.last).to_have_text("YouAnd it")
    await expect(lines.last).to_be_in_viewport()
    await said("candidate", "u1", "", True)
    await expect(lines).to_have_count(2)


async def test_a_notice_that_takes_room_leaves_the_newest_words_in_view(
    page: Page, peer: PagePeer
) -> None:
    await page.set_viewport_size({"width": 320, "height": 640})
    leg = await enter(page, peer)
    text = " ".join(f"Word {number}." for number in range(80))
    await leg.say(Caption(speaker="interviewer", id="g1", text=text, final=True))
    box = page.get_by_test_id("caption-list")
    await expect(box).to_contain_text("Word 79.")
    before = await box.evaluate("(list) => list.clientHeight")
    await leg.say(Notice(code="noise", message="There is much noise. " * 3))
    await page.wait_for_function(
        "([height, name]) => document.querySelector(name).clientHeight < height",
        arg=[before, '[data-testid="caption-list"]'],
    )
    await expect(page.get_by_test_id("latest")).to_be_hidden()
    left = await box.evaluate("""async (list) => {
          await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          return list.scrollHeight - list.scrollTop - list.clientHeight;
        }""")
    assert left < 2
