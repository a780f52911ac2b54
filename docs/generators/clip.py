"""Films docs/images/interview.webp: some 20 s of a real interview, on the real pages.

`python -m docs.generators.clip` starts `viva serve` on an empty folder (embedded PostgreSQL, local
Whisper and voice), has a voice answer on the candidate's page and a recruiter follow in the
cockpit, films both, and takes docs/images/cockpit.png. It needs the dependency groups dev and
bench, a Chromium (the variable CHROMIUM says where), and a machine that has little else to do.
"""

import asyncio
import contextlib
import os
import re
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray
from playwright.async_api import Browser, Page, expect

from audio.local_voice import LocalVoice
from audio.pcm import from_bytes
from audio.resample import resample
from audio.speech import SPEECH_RATE, VOICE_RATE
from docs.generators.film import HEIGHT, WIDTH, Camera, write_film
from server.seed import DEMO_EMAIL, SIGN_IN_FILE
from tests.fakes.page_taps import MICROPHONE, say
from tests.support.chromium import microphone_flags, open_browser

IMAGES = Path(__file__).parents[1] / "images"
FILM, COCKPIT = IMAGES / "interview.webp", IMAGES / "cockpit.png"

Sound = NDArray[np.int16]

CANDIDATE = "Ada Lovelace"

ANSWER = "I moved the search of a large library to a new index."
INTERRUPTION = "Sorry, I should add that we did it without an hour of downtime."
HARD_PART = "The hardest problem was the data. Half of the records had no key at all."
HINT = "ask about the migration"

PLAN: Mapping[str, Any] = {
    "title": "Backend engineer, first conversation",
    "role": "backend engineer",
    "organisation": "Northwind Labs",
    "time_limit_minutes": 30,
    "persona": {"name": "Robin"},
    "opening": "Hello Ada, I am Robin.",
    "closing": "Thank you, Ada. Goodbye.",
    "sections": [
        {
            "title": "Your work",
            "questions": [
                {
                    "id": "project",
                    "text": "Which project of yours are you proud of?",
                    "competency": "Ownership",
                    "must_ask": True,
                    "expects": "short",
                },
                {
                    "id": "problem",
                    "text": "What was the hardest problem in it, how did you find out what was "
                    "behind it, and what would you tell somebody who is about to do the same?",
                    "competency": "Depth",
                    "must_ask": True,
                    "expects": "short",
                    "probes": [
                        {"cue": "a solution", "text": "How did you measure that it was solved?"}
                    ],
                },
                {
                    "id": "again",
                    "text": "What would you do differently today?",
                    "competency": "Judgement",
                },
            ],
        },
        {
            "title": "Running services",
            "questions": [
                {
                    "id": "outage",
                    "text": "Tell me about an outage that you took part in.",
                    "competency": "Operations",
                    "must_ask": True,
                },
                {
                    "id": "slow",
                    "text": "What do you look at first when a service is slow?",
                    "competency": "Operations",
                },
            ],
        },
    ],
}

START_WITHIN_S = 120.0
PATIENCE_MS = 60_000
SPOKEN_OVER_S = 1.2
"""Time from the first sound of the second question to the interruption: less than half of it."""

COCKPIT_SIZE = (1_200, 750)
"""Size of the cockpit's page in the film, where it is shown at 0.8 of it: all three columns fit."""

COCKPIT_STILL_SIZE = (1_440, 960)


@dataclass(frozen=True, slots=True)
class Invited:
    """Invitation: the interview that is filmed, and how its recruiter signs in."""

    address: str
    interview_id: str
    join_url: str
    password: str


def main() -> None:
    """Film the interview, and take the picture of the cockpit."""
    with tempfile.TemporaryDirectory(prefix="viva-clip-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL's own user must pass through
        camera = asyncio.run(_take(folder))
    write_film(FILM, camera.scenes)
    sys.stdout.write(f"{FILM}: {FILM.stat().st_size / 1e6:.2f} MB\n")


async def _take(folder: Path) -> Camera:
    sounds = {text: await _spoken(text) for text in (ANSWER, INTERRUPTION, HARD_PART)}
    camera = Camera()
    async with _viva(folder) as address, open_browser(*microphone_flags(None)) as browser:
        invited = await _invite(address, folder)
        candidate = await _page(browser, (WIDTH, HEIGHT))
        await candidate.add_init_script(MICROPHONE)
        recruiter = await _page(browser, COCKPIT_SIZE)
        await _sign_in(recruiter, invited)
        await _conversation(camera, candidate, invited, sounds)
        await _cockpit(camera, candidate, recruiter, invited, sounds)
        await _record(camera, candidate, recruiter, invited)
    return camera


# --- the scenes ----------------------------------------------------------------------------------


async def _conversation(
    camera: Camera, page: Page, invited: Invited, sounds: Mapping[str, Sound]
) -> None:
    """Film the candidate, who is asked, answers, and interrupts the next question."""
    await page.goto(f"{invited.join_url}?raw=1")
    await page.get_by_test_id("consent").check()
    await page.get_by_test_id("start").click()
    await _state(page, "Speaking")
    async with camera.on(page, "The interviewer asks.|Captions follow its voice."):
        await _caption(page, "proud of")
        await _state(page, "Listening")
    async with camera.on(page, "The candidate answers.|Words appear while they are spoken."):
        await say(page, sounds[ANSWER])
        await _state(page, "Speaking")
    async with camera.on(page, "The next question follows ..."):
        await asyncio.sleep(SPOKEN_OVER_S)
    caption = "... and is interrupted.|The interviewer falls silent at once, and takes it up again."
    async with camera.on(page, caption):
        await say(page, sounds[INTERRUPTION])
        await _state(page, "Speaking")
        await _caption(page, "adding")
        await asyncio.sleep(0.8)
    await _state(page, "Listening")


async def _cockpit(
    camera: Camera, candidate: Page, recruiter: Page, invited: Invited, sounds: Mapping[str, Sound]
) -> None:
    """Film a recruiter, who follows, and has a question of their own asked."""
    await recruiter.goto(f"{invited.address}/recruiter/live/{invited.interview_id}")
    await expect(recruiter.get_by_test_id("line-state")).to_have_text("Live")
    listen = recruiter.get_by_test_id("listen")
    await listen.click()
    await expect(listen).to_have_attribute("aria-pressed", "true")
    hint = recruiter.get_by_placeholder(HINT)
    answering = asyncio.create_task(say(candidate, sounds[HARD_PART]))
    async with camera.on(recruiter, "A recruiter follows live,|and hints at what to ask next."):
        await asyncio.sleep(0.8)
        await hint.press_sequentially(HINT, delay=30)
        await asyncio.sleep(0.3)
        await hint.press("Enter")
        await asyncio.sleep(1.0)
    await answering
    asked = recruiter.get_by_test_id("line").filter(has_text="migration").first
    await expect(asked).to_be_visible(timeout=PATIENCE_MS)
    async with camera.on(recruiter, "The interviewer asks it|in words of its own."):
        await asyncio.sleep(2.5)
    await _state(candidate, "Listening")
    await expect(asked).to_have_attribute("data-index", re.compile(r"\d+"), timeout=PATIENCE_MS)
    await recruiter.set_viewport_size(_size(COCKPIT_STILL_SIZE))
    await recruiter.screenshot(path=COCKPIT)


async def _record(camera: Camera, candidate: Page, recruiter: Page, invited: Invited) -> None:
    """Film what is on record afterwards."""
    await candidate.get_by_test_id("end").click()
    await candidate.get_by_test_id("end-confirm").click()
    await candidate.get_by_test_id("ended").wait_for(timeout=PATIENCE_MS)
    await recruiter.set_viewport_size(_size((WIDTH, HEIGHT)))
    await recruiter.goto(f"{invited.address}/recruiter/interviews/{invited.interview_id}")
    unheard = recruiter.get_by_test_id("unheard").first
    await expect(unheard).to_be_visible(timeout=PATIENCE_MS)
    await recruiter.evaluate(
        "document.querySelector('[data-testid=transcript]').closest('.card').scrollIntoView()"
    )
    caption = "On record:|what was said, and what of it was really heard."
    async with camera.on(recruiter, caption):
        await asyncio.sleep(2.5)


async def _state(page: Page, label: str) -> None:
    await expect(page.get_by_test_id("state")).to_have_text(label, timeout=PATIENCE_MS)


async def _caption(page: Page, words: str) -> None:
    shown = page.get_by_test_id("caption-list").get_by_text(words).first
    await expect(shown).to_be_visible(timeout=PATIENCE_MS)


# --- the server and the pages --------------------------------------------------------------------


@contextlib.asynccontextmanager
async def _viva(folder: Path) -> AsyncIterator[str]:
    """Run `viva serve` on an empty folder for as long as the context, and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://localhost:{port}"
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("VIVA_", "OPENAI_"))}
    kept.pop("DATABASE_URL", None)
    settings = {"VIVA_DATA_DIR": str(folder), "VIVA_PUBLIC_URL": address}
    with (folder / "serve.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("viva"), "serve", "--port", str(port),
            cwd=folder, env=kept | settings, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        await _until_ready(address)
        yield address
    finally:
        process.terminate()
        await process.wait()


async def _until_ready(address: str) -> None:
    async with asyncio.timeout(START_WITHIN_S), httpx.AsyncClient(base_url=address) as client:
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get("/readyz")).status_code == httpx.codes.OK:
                    return
            await asyncio.sleep(0.2)


async def _invite(address: str, folder: Path) -> Invited:
    """Upload the plan and invite the candidate, as a recruiter does."""
    password = (folder / SIGN_IN_FILE).read_text(encoding="utf-8").strip()
    async with httpx.AsyncClient(base_url=f"{address}/api/v1") as client:
        found = await client.post("/auth/token", json={"email": DEMO_EMAIL, "password": password})
        access = found.raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {access}"
        plan = (await client.post("/plans", json=dict(PLAN))).raise_for_status().json()
        wanted = {"plan_id": plan["id"], "candidate_name": CANDIDATE}
        made = (await client.post("/interviews", json=wanted)).raise_for_status().json()
    return Invited(address, made["id"], made["join_url"], password)


async def _page(browser: Browser, size: tuple[int, int]) -> Page:
    context = await browser.new_context(viewport=_size(size), color_scheme="light")
    context.set_default_timeout(PATIENCE_MS)
    return await context.new_page()


def _size(size: tuple[int, int]) -> Any:
    return {"width": size[0], "height": size[1]}


async def _sign_in(page: Page, invited: Invited) -> None:
    await page.goto(f"{invited.address}/recruiter")
    await page.get_by_test_id("email").fill(DEMO_EMAIL)
    await page.get_by_test_id("password").fill(invited.password)
    await page.get_by_test_id("sign-in").click()
    await page.get_by_test_id("nav-live").wait_for()


async def _spoken(text: str) -> Sound:
    """Return the text as the candidate's microphone catches it: mono PCM16 at 16 kHz."""
    voice = LocalVoice()
    try:
        pcm = from_bytes(b"".join([piece async for piece in voice.speak(text)]))
    finally:
        await voice.close()
    return resample(pcm, VOICE_RATE, SPEECH_RATE)


if __name__ == "__main__":
    main()
