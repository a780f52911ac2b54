"""The pages in each of their states, with an organisation and an interviewer that are not real.

For the tests of how the pages look, and for their pictures in the documentation.
"""

import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from playwright.async_api import Page, WebSocketRoute, expect

from server.dialects.browser.messages import Caption, Ended, State
from tests.fakes.page_browser import serve
from tests.fakes.page_peer import TOKEN, Leg, PagePeer, enter
from tests.fakes.recruiter_api import EMAIL, PASSWORD, RecruiterApi, turn

LONG_NAME = (
    "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschaferswessenschafewaren"
)
"""More than 90 letters without a blank; people have them."""

QUESTION = "Please tell me about a project that you are proud of. What was your part in it?"
ANSWER = "I moved the search of a large library to a new index, without an hour of downtime."


@dataclass
class Scene:
    """What the pages talk with, and whom they are about."""

    address: str
    peer: PagePeer
    api: RecruiterApi
    name: str
    commands: list[dict[str, Any]] = field(default_factory=list)
    """What the cockpit has asked for."""


@contextlib.asynccontextmanager
async def scene(name: str = "Ada Lovelace") -> AsyncIterator[Scene]:
    """A server with an organisation, and one interview of somebody of this name."""
    peer, api = PagePeer(), RecruiterApi()
    peer.invitation |= {"candidate_name": name}
    app: FastAPI = peer.app()
    api.install(app)
    for number, (who, status) in enumerate(
        (("Grace Hopper", "completed"), ("Alan Turing", "invited"), (name, "running")), 1
    ):
        api.add(number, who, status, candidate_phone="+441632960961" if number == 3 else None)
    api.interviews["i-1"] |= {"ended_at": "2026-03-02T09:51:00Z"}
    api.turns["i-1"] = api.turns["i-3"] = [
        turn(0, "interviewer", QUESTION, (0, 5_200)),
        turn(1, "candidate", ANSWER, (6_900, 14_100), confidence=0.93),
        turn(
            2,
            "interviewer",
            "I see. And what was the hardest part of it?",
            (15_000, 16_400),
            interrupted=True,
            heard_text="I see. And what was",
            latency={"voice_to_voice_ms": 870.0},
        ),
        turn(3, "candidate", "The data: half of the records had no key at all.", (16_600, 20_000)),
    ]
    async with serve(app) as address:
        peer.address = address
        yield Scene(address, peer, api, name)


# --- the candidate's page


async def _welcome(page: Page, scene: Scene) -> None:
    await page.goto(f"{scene.address}/join/{TOKEN}")
    await expect(page.get_by_test_id("level-hint")).to_have_text("We hear you")


async def _too_early(page: Page, scene: Scene) -> None:
    await _welcome(page, scene)
    await page.get_by_test_id("start").click(force=True)
    await expect(page.get_by_test_id("start-warning")).not_to_be_empty()


async def _begin(page: Page, scene: Scene, state: dict[str, Any]) -> Leg:
    leg = await enter(page, scene.peer)
    said = (
        Caption(speaker="interviewer", id="g1", text=QUESTION, final=True),
        Caption(speaker="candidate", id="u1", text=ANSWER, final=True),
        Caption(speaker="candidate", id="u2", text=f"{scene.name} is my name", final=False),
    )
    for caption in said:
        await leg.say(caption)
    await leg.say(State.model_validate({"time_left_ms": 754_000, **state}))
    return leg


def _live(word: str, **state: Any) -> "Stage":
    async def stage(page: Page, scene: Scene) -> None:
        await _begin(page, scene, state)
        await expect(page.get_by_test_id("state")).to_have_text(word)

    return stage


async def _weak(page: Page, scene: Scene) -> None:
    leg = await _begin(page, scene, {"candidate": "speaking", "interviewer": "idle"})
    await page.wait_for_function("window.vivaStats.roundTripMs !== null")
    leg.answers_pings = False
    await expect(page.get_by_test_id("notice")).to_contain_text("Weak connection")


async def _devices(page: Page, scene: Scene) -> None:
    await _begin(page, scene, {"candidate": "quiet", "interviewer": "idle"})
    await page.get_by_test_id("devices").click()
    await expect(page.get_by_test_id("live-mic-select").locator("option").first).to_be_attached()


async def _ended(page: Page, scene: Scene) -> None:
    leg = await _begin(page, scene, {"candidate": "quiet", "interviewer": "speaking"})
    await leg.say(Ended(reason="completed", message="That was the whole interview. Goodbye."))
    await expect(page.get_by_test_id("ended-title")).to_be_visible()


async def _another_time(page: Page, scene: Scene) -> None:
    leg = await enter(page, scene.peer)
    await leg.close(4425, "Another time.")
    await expect(page.get_by_test_id("go-on")).to_be_visible()


async def _elsewhere(page: Page, scene: Scene) -> None:
    leg = await enter(page, scene.peer)
    await leg.close(4409, "Opened elsewhere.")
    await expect(page.get_by_test_id("elsewhere")).to_be_visible()


# --- the recruiter's pages


async def _open(page: Page, scene: Scene, path: str) -> None:
    await page.goto(f"{scene.address}/recruiter{path}")
    await page.get_by_test_id("email").fill(EMAIL)
    await page.get_by_test_id("password").fill(PASSWORD)
    await page.get_by_test_id("sign-in").click()
    await expect(page.get_by_test_id("nav")).to_be_visible()


def _view(path: str, part: str, role: str = "recruiter") -> "Stage":
    async def stage(page: Page, scene: Scene) -> None:
        scene.api.role = role
        await _open(page, scene, path)
        await expect(page.get_by_test_id(part).first).to_be_visible()

    return stage


async def _sign_in(page: Page, scene: Scene) -> None:
    await page.goto(f"{scene.address}/recruiter")
    await expect(page.get_by_test_id("sign-in-form")).to_be_visible()


async def _invited(page: Page, scene: Scene) -> None:
    await _open(page, scene, "/invite")
    await expect(page.get_by_test_id("plan").locator("option")).to_have_count(1)
    await page.get_by_test_id("candidate-name").fill(scene.name)
    await page.get_by_test_id("create").click()
    await expect(page.get_by_test_id("created")).to_be_visible()


async def _failed_action(page: Page, scene: Scene) -> None:
    await _open(page, scene, "/interviews/i-3")
    await page.get_by_test_id("call").click()
    await expect(page.get_by_test_id("error")).to_be_visible()


def _cockpit(role: str = "recruiter", **changes: Any) -> "Stage":
    async def stage(page: Page, scene: Scene) -> None:
        scene.api.role = role

        def answer(line: WebSocketRoute) -> None:
            def take(message: str | bytes) -> None:
                command = json.loads(message)
                if command["type"] == "hello":
                    line.send(json.dumps(snapshot(scene, **changes)))
                elif "ref" in command:
                    scene.commands.append(command)
                    line.send(json.dumps({"type": "accepted", "ref": command["ref"]}))

            line.on_message(take)

        await page.route_web_socket("**/ws/monitor", answer)
        await _open(page, scene, "/live/i-3")
        await expect(page.get_by_test_id("line-state")).to_have_text("Live")
        await expect(page.get_by_test_id("plan-question").first).to_be_visible()

    return stage


async def _unlawful_hint(page: Page, scene: Scene) -> None:
    await _cockpit()(page, scene)
    await page.get_by_test_id("hint-text").fill("ask whether she has children")
    await page.get_by_test_id("hint-send").click()
    await expect(page.get_by_test_id("confirm")).to_be_visible()


def snapshot(scene: Scene, **changes: Any) -> dict[str, Any]:
    """What a monitor is shown first."""
    questions = [
        {"id": f"q{n}", "text": text, "competency": "", "must_ask": n == 3, "probes": []}
        for n, text in enumerate(
            (QUESTION, "What was the hardest problem?", "When could you begin?"), 1
        )
    ]
    line = {"revision": 0, "question": None, "move": None, "hint": None}
    watcher = LONG_NAME if scene.name == LONG_NAME else "Rita Recruiter"
    kept = ("index", "speaker", "text", "started_ms", "ended_ms", "interrupted")
    turns = [line | {key: of[key] for key in kept} for of in scene.api.turns["i-3"]]
    states = ("answered", "current", "open")
    return {
        "type": "snapshot",
        "stream": "s1",
        "seq": 1,
        "user_id": "u-1",
        "candidate_name": scene.name,
        "title": "Backend engineer, first conversation",
        "connected": True,
        "rights": scene.api.monitor_rights(),
        "plan": [{"title": "Your work", "questions": questions}],
        "coverage": {
            "current": "q2",
            "next": "q3",
            "questions": [{"id": f"q{n}", "state": state} for n, state in enumerate(states, 1)],
        },
        "transcript": turns,
        "captions": [],
        "candidate": "speaking",
        "interviewer": "idle",
        "recruiter": "quiet",
        "time_left_ms": 612_000,
        "floor": {"holder": "interviewer", "state": "held", "user_id": None, "user_name": None},
        "latencies": [],
        "cost": {"cost_usd": 0.041},
        "listeners": [{"user_id": "u-1", "name": watcher, "listening": False}],
        "hints": [{"id": "h1", "text": "ask about the migration", "user_name": watcher}],
        **changes,
    }


Stage = Callable[[Page, Scene], Awaitable[None]]
PAUSED = {"holder": "nobody", "state": "paused", "user_id": None, "user_name": None}

CANDIDATE: dict[str, Stage] = {
    "setup": _welcome,
    "setup-too-early": _too_early,
    "asking": _live("Speaking", candidate="quiet", interviewer="speaking"),
    "listening": _live("Listening", candidate="speaking", interviewer="idle"),
    "paused": _live("Paused", candidate="quiet", interviewer="held", floor="paused"),
    "waiting": _live("Paused", candidate="quiet", interviewer="held", floor="waiting"),
    "another-time": _another_time,
    "weak-connection": _weak,
    "devices": _devices,
    "ended": _ended,
    "elsewhere": _elsewhere,
}
RECRUITER: dict[str, Stage] = {
    "sign-in": _sign_in,
    "interviews": _view("", "interview"),
    "interviews-viewer": _view("", "interview", role="viewer"),
    "invite": _view("/invite", "invite-form"),
    "invited": _invited,
    "result": _view("/interviews/i-1", "turn"),
    "result-running": _view("/interviews/i-3", "turn"),
    "result-viewer": _view("/interviews/i-3", "not-allowed", role="viewer"),
    "failed-action": _failed_action,
    "plans": _view("/plans", "plan-item"),
    "account": _view("/account", "me"),
    "wall": _view("/live", "tile"),
    "cockpit": _cockpit(),
    "cockpit-paused": _cockpit(floor=PAUSED),
    "cockpit-viewer": _cockpit(role="viewer"),
    "cockpit-unlawful-hint": _unlawful_hint,
}
STATES: dict[str, Stage] = CANDIDATE | RECRUITER
