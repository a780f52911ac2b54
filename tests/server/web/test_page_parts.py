"""The parts of the page that need no device, run in a browser: resampler, queue, backlog."""

import numpy as np
import pytest
from playwright.async_api import Page

from tests.fakes.page_peer import TOKEN, PagePeer

# --- the parts that need no device


@pytest.mark.parametrize(
    ("into", "out", "kept", "gone"),
    [(44_100, 16_000, 1_000, 9_000), (48_000, 16_000, 6_000, 8_500), (24_000, 44_100, 9_000, None)],
)
async def test_the_resampler_keeps_what_fits_and_removes_what_would_fold(
    page: Page, peer: PagePeer, into: int, out: int, kept: int, gone: int | None
) -> None:
    await page.goto(f"{peer.address}/join/{TOKEN}")
    script = """async ([into, out, hertz]) => {
      const { Resampler } = await import("/static/resampler.js");
      const resampler = new Resampler(into, out);
      const block = new Float32Array(128), room = new Float32Array(1000), all = [];
      for (let n = 0; n < into; n += 128) {
        for (let i = 0; i < 128; i++) block[i] = Math.sin(2 * Math.PI * hertz * (n + i) / into);
        all.push(...room.subarray(0, resampler.process(block, room)));
      }
      return all;
    }"""
    heard = np.array(await page.evaluate(script, [into, out, kept]))
    assert abs(len(heard) - out) < 0.01 * out
    middle = heard[out // 4 : 3 * out // 4] * np.hanning(out // 2)
    spectrum = np.abs(np.fft.rfft(middle))
    peak = int(np.argmax(spectrum))
    assert peak * 2 == pytest.approx(kept, abs=4)
    assert np.max(np.abs(heard[out // 4 : 3 * out // 4])) == pytest.approx(1, abs=0.02)
    spectrum[max(0, peak - 8) : peak + 8] = 0
    assert spectrum.max() < 1e-3 * out / 8
    if gone is not None:
        folded = np.array(await page.evaluate(script, [into, out, gone]))
        assert np.abs(folded[out // 4 :]).max() < 1e-3


async def test_of_a_long_outage_only_the_last_seconds_are_kept(page: Page, peer: PagePeer) -> None:
    await page.goto(f"{peer.address}/join/{TOKEN}")
    kept = await page.evaluate("""async () => {
      const { InterviewSocket } = await import("/static/socket.js");
      const socket = new InterviewSocket(null, {});
      socket.everStarted = true;
      for (let n = 0; n < 1000; n++) socket.sendFrame(n);
      return [socket.backlog[0], socket.backlog.length, window.vivaStats.framesDropped];
    }""")
    assert kept == [875, 125, 875]


async def test_the_playback_queue_never_jumps_whatever_befalls_it(
    page: Page, peer: PagePeer
) -> None:
    """A constant level is played; flushes, dry spells and new replies may only fade it."""
    await page.goto(f"{peer.address}/join/{TOKEN}")
    found = await page.evaluate("""async () => {
      const { PlaybackQueue } = await import("/static/playback-queue.js");
      let seed = 1;
      const random = (n) => (seed = (seed * 48271) % 2147483647) % n;
      const told = [];
      const queue = new PlaybackQueue((message) => told.push(message));
      const out = new Float32Array(64);
      let last = 0, jump = 0, generation = 0, pushed = {};
      for (let step = 0; step < 20000; step++) {
        const choice = random(60);
        if (choice === 0) { queue.begin(++generation, 0); pushed[generation] = 0; }
        else if (choice < 8 && generation) {
          const pcm = new Int16Array(random(3000)).fill(16384);
          if (queue.push(pcm)) pushed[generation] += pcm.length;
        }
        else if (choice === 8) queue.flush(1 + random(generation + 1));
        else if (choice === 9) queue.mark(generation, step);
        queue.pull(out);
        for (const value of out) { jump = Math.max(jump, Math.abs(value - last)); last = value; }
      }
      const over = told.filter((m) => m.type === "played" && m.samples > pushed[m.generation]);
      const marks = told.filter((m) => m.type === "marked").map((m) => m.id);
      return { jump, over: over.length, marks, told: told.length };
    }""")
    assert found["told"] > 100
    assert found["over"] == 0
    assert found["marks"] == sorted(found["marks"])
    assert found["jump"] < 0.5 / 100  # 5 ms from full to nothing is 120 samples


async def test_words_that_became_no_turn_are_taken_back_on_both_pages(
    page: Page, peer: PagePeer
) -> None:
    await page.goto(f"{peer.address}/join/{TOKEN}")
    shown = await page.evaluate("""async () => {
      const { Captions } = await import("/static/captions.js");
      const { LiveTranscript } = await import("/static/cockpit-transcript.js");
      const make = (tag) => document.body.appendChild(document.createElement(tag));
      const texts = (list) => [...list.querySelectorAll("li")].map((line) => line.innerText);
      const names = { candidate: "You", interviewer: "Robin" };
      const parts = { list: make("ol"), announcer: make("p"), latest: make("button") };
      const captions = new Captions({ ...parts, names, aloud: () => false });
      const cockpit = new LiveTranscript(make("ol"), make("button"));
      const ada = { candidate_name: "Ada", transcript: [], captions: [] };
      cockpit.replace(ada);
      const said = (speaker, id, text, final) => {
        captions.take({ speaker, id, text, final });
        cockpit.caption({ speaker, id, text, final, seq: 1 });
      };
      const turn = (index, speaker, text) =>
        cockpit.commit({ index, speaker, text, started_ms: 0, interrupted: false });
      said("candidate", "said-1", "We built", true);
      turn(0, "candidate", "We built");
      said("interviewer", "reply-1", "I see.", false);
      cockpit.reopen(0);
      said("candidate", "said-1", "We built a search engine", false);
      const going = [texts(parts.list), texts(cockpit.list)];
      said("interviewer", "reply-1", "", true);
      said("candidate", "said-1", "We built a search engine.", true);
      turn(0, "candidate", "We built a search engine.");
      said("interviewer", "reply-2", "Thanks.", true);
      turn(1, "interviewer", "Thanks.");
      said("candidate", "said-2", "Mhm", false);
      said("candidate", "said-2", "", true);
      return [going, [texts(parts.list), texts(cockpit.list)]];
    }""")
    words = [
        [[line.splitlines()[-1] for line in lines] for lines in both_pages] for both_pages in shown
    ]
    assert words == [
        [["We built a search engine", "I see."]] * 2,
        [["We built a search engine.", "Thanks."]] * 2,
    ]
