"""The bench of barge-in: from a candidate's onset to silence in a real browser, on one audio clock.

A real server with the local voice and Whisper, the real page in a real Chromium, and a WAV as its
microphone that interrupts. What the page hears and what it plays are recorded side by side in its
audio thread: from an interruption's first sample to the first of silence is a count of samples.
What the loudspeaker really played is written down by Whisper and held against the record.
"""

import asyncio
import json
import secrets
import tempfile
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table
from starlette.responses import Response

from audio.container import write_wav
from audio.local_voice import LocalVoice
from audio.local_whisper import LocalWhisper
from audio.resample import resample
from audio.speech import SPEECH_RATE, VOICE_RATE, SpeechError, Synthesizer, Transcriber
from bench.bargein.analysis import Stop, paired, runs, stops, words_apart, words_of
from bench.bargein.line import INTERRUPTIONS, SILENCE_MS, HissingVoice, Line, make_line
from bench.bargein.tap import (
    RECORDER_PATH,
    Recording,
    read_recording,
    recorded_for,
    recorder_script,
    tap,
)
from bench.percentiles import percentiles
from server.composition import Viva, database, make_viva
from server.database.embedded import DatabaseStartError
from server.logs import configure_logging
from server.settings import Settings
from server.settings_errors import SettingsError, load_settings
from server.simulator.demo import DemoError, serving
from server.store.records import NewInterview
from sessions.interviewer.protocol import Conversation, Move, MoveKind, ReplyPart
from sessions.listening.vad_ticker import VadTicker
from sessions.plan.plan import Plan, parse_plan
from sessions.session_context import Providers
from sessions.turntaking.causes import Cause
from sessions.turntaking.turns import Speaker, Turn
from tests.support.chromium import BrowserError, check_browser, microphone_flags, open_browser
from tests.support.memory_log import MemoryLog

GOAL_MS = 200.0
LONGER_S = 2.0
"""The browser is recorded for so long after the last word."""

ENDED_WITHIN_MS = 60_000

SPEECHES = (
    "Let me tell you a little about the team before we go on, because people often ask about it. "
    "Some of us look after payments, and the others look after everything that customers see. We "
    "work in pairs most of the time, and every other Friday we show each other what we have done. "
    "Nobody works on one thing for longer than a month, so that everybody knows all of it.",
    "For the next question please imagine an ordinary Monday morning in the office. A customer "
    "calls because nothing works, while both of your colleagues are ill at home. Your "
    "manager is on a train without a connection, and the telephone keeps on ringing all the time. "
    "What would you do first in such a situation, and what would you leave for later?",
    "We are about halfway through now, and you are doing very well so far. In the second half I "
    "would like to talk about how you work with other people, about plans that changed, and about "
    "things that did not go well. Let us begin with a plan that changed after you had spent a lot "
    "of time on it. What did you do when you heard the news, and who helped you?",
)
"""About 20 s each: longer than from one interruption to the next."""

Progress = Callable[[str], None]


class Talker:
    """Interviewer: one that never comes to an end.

    `turns` is the conversation as it was last shown.
    """

    model = "bench"

    def __init__(self) -> None:
        self.turns: tuple[Turn, ...] = ()

    async def warm_up(self) -> None:
        """Load nothing."""

    async def close(self) -> None:
        """Close nothing."""

    async def reply(self, conversation: Conversation) -> AsyncGenerator[ReplyPart, None]:
        """See `Interviewer`."""
        self.turns = tuple(conversation.turns)
        spoken = sum(turn.speaker is Speaker.INTERVIEWER for turn in conversation.turns)
        question = conversation.plan.questions()[0].id
        opening = conversation.cause is Cause.OPENING
        yield Move(MoveKind.ASK if opening else MoveKind.PROBE, question)
        yield SPEECHES[spoken % len(SPEECHES)]


@dataclass(frozen=True, slots=True)
class Measured:
    """The results of one run.

    `pairs`: each of the interviewer's turns on record, and what Whisper made of what was played of
    it. `remembered`: the interviewer was shown the record, word for word.
    """

    stops: list[Stop]
    pairs: list[tuple[str, str]]
    remembered: bool
    latency_ms: float
    underruns: int

    @property
    def silent_after_ms(self) -> list[float]:
        """Times from onset to silence of the interruptions that met the interviewer speaking."""
        return [one.silent_after_ms for one in self.stops if one.silent_after_ms is not None]

    @property
    def words_off(self) -> list[int]:
        """For each turn, the number of words that differ between the record and what was heard."""
        return [words_apart(words_of(text), words_of(heard)) for text, heard in self.pairs]

    def figures(self) -> dict[str, Any]:
        """Return what goes into the JSON file."""
        return {
            "interruptions": len(self.silent_after_ms),
            "missed": len(self.stops) - len(self.silent_after_ms),
            "onset_to_silence_ms": _percentiles(self.silent_after_ms),
            "heard": {
                "turns": len(self.pairs),
                "to_the_word": sum(off == 0 for off in self.words_off),
                "within_a_word": sum(off <= 1 for off in self.words_off),
                "most_words_off": max(self.words_off, default=0),
                "memory_as_recorded": self.remembered,
            },
            "underruns": self.underruns,
            "output_latency_ms": round(self.latency_ms, 1),
            "each": [
                {"words": one.words, "found": one.found, "silent_after_ms": one.silent_after_ms}
                for one in self.stops
            ],
        }


def _percentiles(values: list[float]) -> dict[str, float]:
    found = percentiles(values, 50, 95, 100)
    return {("max" if name == "p100" else name): value for name, value in found.items()}


async def measure(
    settings: Settings, database_url: str, line: Line, folder: Path, progress: Progress
) -> Measured:
    """Hold one interview in which the candidate says `line`.

    `folder` takes the microphone's file; the database has its tables. Raises BrowserError,
    DemoError, SpeechError.
    """
    voice, whisper, talker = HissingVoice(LocalVoice()), LocalWhisper(), Talker()
    vad_ticker = VadTicker()
    try:
        await asyncio.gather(
            voice.warm_up(), whisper.warm_up(), asyncio.to_thread(vad_ticker.warm_up)
        )
        microphone = folder / "microphone.wav"
        write_wav(microphone, line.sound, VOICE_RATE)
        own = settings.model_copy(update={"endpoint_silence_ms": SILENCE_MS, "port": 0})
        viva = make_viva(
            own, database_url, Providers(talker, whisper, voice, vad_ticker, log=MemoryLog())
        )
        viva.app.add_api_route(
            RECORDER_PATH,
            lambda: Response(recorder_script(), media_type="text/javascript"),
            response_model=None,
        )
        async with serving(viva) as address:
            progress(f"An interview of {line.seconds:.0f} s, in real time.")
            recording, turns, underruns = await _interview(viva, address, microphone, line.seconds)
        progress("Listening to what was heard.")
        said = [turn for turn in turns if turn.speaker is Speaker.INTERVIEWER]
        return Measured(
            stops=stops(recording, line.interruptions),
            pairs=paired([turn.heard_text for turn in said], await _written(recording, whisper)),
            remembered=remembered(talker.turns, turns),
            latency_ms=recording.latency_ms,
            underruns=underruns,
        )
    finally:
        await voice.close()
        await whisper.close()


def remembered(shown: Sequence[Turn], recorded: Sequence[Turn]) -> bool:
    """Return whether every turn that was shown is on record with the same words, or was reopened
    since."""
    now = {turn.index: turn for turn in recorded}
    return len(shown) > 0 and all(
        turn.index in now
        and (
            now[turn.index].revision > turn.revision
            or now[turn.index].heard_text == turn.heard_text
        )
        for turn in shown
    )


async def _interview(
    viva: Viva, address: str, microphone: Path, seconds: float
) -> tuple[Recording, list[Turn], int]:
    """Hold the interview. Returns the recording, the record, and the page's count of underruns."""
    organisation, interview, token = await _invite(viva)
    async with open_browser(*microphone_flags(microphone, loop=False)) as browser:
        page = await browser.new_page()
        await tap(page)
        await page.goto(f"{address.replace('127.0.0.1', 'localhost')}/join/{token}?raw=1")
        await page.get_by_test_id("consent").check()
        await page.get_by_test_id("start").click()
        await recorded_for(page, seconds + LONGER_S)
        recording = await read_recording(page)
        underruns = int(await page.evaluate("window.vivaStats.underruns"))
        await page.get_by_test_id("end").click()
        await page.get_by_test_id("end-confirm").click()
        await page.get_by_test_id("ended").wait_for(timeout=ENDED_WITHIN_MS)
    records = await viva.services.store.interviews.transcript(organisation, interview)
    return recording, [record.turn for record in records], underruns


async def _invite(viva: Viva) -> tuple[Any, Any, str]:
    """Create an organisation and an interview. Returns the ids of both, and the join token."""
    store = viva.services.store
    account = await store.accounts.create_organisation(
        "Bench",
        email="bench@viva.example",
        password_hash=secrets.token_hex(),  # of no password: nobody signs in
        user_name="Bench",
        role="recruiter",
    )
    plan = _plan()
    stored = await store.plans.create(
        account.organisation_id, plan.title, plan.model_dump(mode="json"), account.id
    )
    new = NewInterview(stored, "Ada", None, plan.language, plan.time_limit_minutes * 60)
    interview, token = await store.interviews.create(
        account.organisation_id, new, viva.settings.join_lifetime_s, account.id
    )
    return account.organisation_id, interview.id, token


def _plan() -> Plan:
    question = {"id": "talk", "text": "What do you think?", "competency": "Patience"}
    sections = [{"title": "Bench", "questions": [question]}]
    return parse_plan({"title": "Bench", "role": "candidate", "sections": sections})


async def _written(recording: Recording, whisper: Transcriber) -> list[str]:
    """Transcribe everything that was played, by Whisper."""
    return [
        (await whisper.transcribe(resample(run, recording.rate, SPEECH_RATE))).text
        for run in runs(recording)
    ]


# --- the command ---------------------------------------------------------------------------------


def bargein_command(json_file: Path | None) -> int:
    """Run the bench. Returns 1 if nobody was interrupted, 2 if it could not be run."""
    console = Console()
    try:
        check_browser()
        configure_logging("warning", "auto")
        measured = _run(lambda text: console.print(text, style="dim", highlight=False))
    except (BrowserError, DatabaseStartError, DemoError, SettingsError, SpeechError) as error:
        console.print(str(error), style="red", highlight=False, markup=False)
        return 2
    figures = measured.figures()
    _show(console, measured, figures)
    if json_file is not None:
        json_file.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0 if measured.silent_after_ms else 1


def _run(progress: Progress) -> Measured:
    async def work(settings: Settings, url: str, folder: Path) -> Measured:
        voice: Synthesizer = LocalVoice()
        try:
            line = await make_line(voice, INTERRUPTIONS)
        finally:
            await voice.close()
        return await measure(settings, url, line, folder, progress)

    with tempfile.TemporaryDirectory(prefix="viva-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL's own user must pass through
        settings = load_settings(data_dir=folder / "data", database_url=None)
        progress("Starting the database, the server and the browser ...")
        with database(settings) as url:
            return uvloop.run(work(settings, url, folder))


def _show(console: Console, measured: Measured, figures: dict[str, Any]) -> None:
    found, heard = figures["onset_to_silence_ms"], figures["heard"]
    table = Table("p50", "p95", "max", title="From the onset to silence in the browser, ms")
    table.add_row(*(f"{found.get(name, 0):.0f}" for name in ("p50", "p95", "max")))
    console.print(table)
    console.print(
        f"{figures['interruptions']} interruptions ({figures['missed']} met silence). Of "
        f"{heard['turns']} turns on record {heard['to_the_word']} hold exactly what Whisper hears "
        f"in the loudspeaker's sound, {heard['within_a_word']} within a word. Beyond the page, the "
        f"browser and its device take {figures['output_latency_ms']:.0f} ms.",
        highlight=False,
    )
    if found.get("p95", 0) > GOAL_MS:
        console.print(f"The goal is {GOAL_MS:.0f} ms at p95.", style="yellow", highlight=False)
