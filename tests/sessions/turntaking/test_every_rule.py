"""Every rule does what its name says: changed by a little, one conversation comes out otherwise, by
exactly that much. A new rule without a conversation here fails."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import pytest

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from sessions.turntaking.endpointing.pause_rules import EndpointingRules, patience
from sessions.turntaking.machine import TurnMachine
from sessions.turntaking.rules import Rules
from tests.sessions.turntaking.script import RULES, asked, words

Happening = tuple[float, ev.Event]
Told = tuple[float, cmd.Command]

BRIDGES = "I build bridges."


def hold(rules: Rules, happens: list[Happening], *, until: float) -> list[Told]:
    """What is commanded, and when, if this happens after the first question (at 3000 ms)."""
    machine = asked(rules)
    told: list[Told] = []

    def wait(limit: float) -> None:
        while machine.deadline is not None and machine.deadline <= limit:
            due = machine.deadline
            told.extend((due, command) for command in machine.expire(due))

    for now, event in happens:
        wait(now)
        told.extend((now, command) for command in machine.handle(event, now))
    wait(until)
    return told


def when(kind: type[cmd.Command], number: int = 0) -> Callable[[list[Told]], float]:
    """When the command of this kind comes (the first, or after so many others of it)."""
    return lambda told: [at for at, command in told if isinstance(command, kind)][number]


def count(kind: type[cmd.Command]) -> Callable[[list[Told]], float]:
    """How many of this kind come."""
    return lambda told: sum(isinstance(command, kind) for _, command in told)


def cause(number: int = 0) -> Callable[[list[Told]], Cause]:
    """What the reply is for that is prepared then."""
    return lambda told: [c.cause for _, c in told if isinstance(c, cmd.PrepareReply)][number]


def onset(at: float) -> Happening:
    return at, ev.SpeechStarted(at)


def stop(at: float) -> Happening:
    return at, ev.SpeechStopped(at)


ANSWERED = [onset(5_000), stop(6_000), (6_200, words(1, 2, BRIDGES))]
"""Its patience is over at 6700 ms; generation 2 answers."""

SOUNDS: list[Happening] = [
    *ANSWERED,
    (6_900, ev.SentenceReady(2, "I see. And what was the hardest part of it?")),
    (7_000, ev.PlaybackStarted(2, 7_000)),
    (7_100, ev.ReplyEnded(2)),
]
OVER_IT = [*SOUNDS, onset(9_500)]
HUMS = [*OVER_IT, stop(9_700)]
TALKED_OVER: list[Happening] = [
    (10_000, ev.LegDisconnected()),
    (11_000, ev.LegAttached()),
    (12_000, ev.SentenceReady(2, "Welcome back. What do you do?")),
    (12_100, ev.PlaybackStarted(2, 12_100)),
    (12_200, ev.ReplyEnded(2)),
    onset(16_000),
    (17_000, ev.PlaybackEnded(2, 17_000, "Welcome back. What do you do?", "Welcome back.")),
]
"""Somebody talks over a greeting, and goes on."""

TOLD_OF_VOICES: list[Happening] = [
    *TALKED_OVER,
    (28_100, words(1, 2, "And now the weather.")),
    (28_200, ev.SentenceReady(3, "I hear other voices.")),
    (28_250, ev.PlaybackStarted(3, 28_250)),
    (28_300, ev.ReplyEnded(3)),
    stop(28_500),
    (29_000, ev.PlaybackEnded(3, 29_000, "I hear other voices.", "I hear other voices.")),
    onset(30_000),
]
DETACHED: list[Happening] = [(4_000, ev.LegDisconnected())]


def prompts(number: int) -> list[Happening]:
    """Prompts that are said at once and not answered: the first is due at 12000 ms."""
    happens: list[Happening] = []
    for n in range(number):
        at, text = 12_000.0 + n * (RULES.idle_next_ms + 100), "Take your time."
        happens += [
            (at + 50, ev.SentenceReady(n + 2, text)),
            (at + 60, ev.ReplyEnded(n + 2)),
            (at + 100, ev.PlaybackEnded(n + 2, at + 100, text, text)),
        ]
    return happens


def wordless(number: int) -> list[Happening]:
    """Sounds of a second without a word, one after the other."""
    happens: list[Happening] = []
    for n in range(number):
        at = 4_000.0 + n * 2_000
        happens += [onset(at), stop(at + 1_000), (at + 1_150, words(n + 1, 2 * n + 2, ""))]
    return happens


def doubtful(confidence: float, text: str = "we built a boat engine") -> list[Happening]:
    return [*ANSWERED[:2], (6_200, ev.TranscriptFinal(1, 2, text, confidence))]


INTERRUPTED: list[Happening] = [
    onset(5_000),
    (35_000, words(1, 2, BRIDGES)),
    (35_100, ev.SentenceReady(2, "Thank you.")),
    (35_200, ev.PlaybackStarted(2, 35_200)),
    (35_300, ev.SpeechStopped(35_250)),
    onset(39_700),
]
"""An answer that was cut at 35000 ms, and somebody who goes on 4.5 s into what is said to it."""

TAKEN_BACK: list[Happening] = [
    *SOUNDS,
    onset(7_500),
    (8_300, ev.PlaybackEnded(2, 8_200, "I see. And then?", "I see. And")),
]
PAUSES: list[Happening] = [
    *ANSWERED,
    onset(6_400),
    stop(6_600),
    (6_700, words(1, 4, BRIDGES)),
    onset(6_900),
]
PAUSED_ONCE: list[Happening] = [
    *PAUSES,
    stop(7_000),
    (7_200, words(1, 6, BRIDGES)),
    (7_800, ev.SentenceReady(3, "I see.")),
    (7_810, ev.PlaybackStarted(3, 7_810)),
    (7_820, ev.ReplyEnded(3)),
    (8_800, ev.PlaybackEnded(3, 8_800, "I see.", "I see.")),
    onset(10_000),
    stop(10_500),
    (10_700, words(2, 8, BRIDGES)),
]
"""A draft is thrown away, and the answer is given; another answer follows."""

HALF_SAID = [*ANSWERED[:2], (6_200, words(1, 2, "I worked on the"))]
ASKS_BACK: list[Happening] = [
    onset(5_000),
    (5_900, ev.TranscriptPartial(1, "Could you repeat the question?")),
    stop(6_000),
    (6_200, words(1, 2, "Could you repeat the question?")),
]
WORDS_DECIDE = replace(RULES, endpoint_silence_ms=None)
FAILURES: list[Happening] = [
    *ANSWERED,
    *((6_800 + 100 * n, ev.ReplyFailed(2 + n)) for n in range(4)),
]
PAUSED: list[Happening] = [(4_000, ev.RequestMade(Cause.PAUSE)), (4_500, ev.ReplyFailed(2))]
LOST: list[Happening] = [
    (4_000, ev.RequestMade(Cause.TAKE_OVER)),
    (4_500, ev.ReplyFailed(2)),
    (8_000, ev.RecruiterLost()),
]
TAKES_BACK = replace(RULES, take_back_ms=2_000)
FLOWS = replace(RULES, answer_max_ms=20_000, answer_grace_ms=10_000)


@dataclass(frozen=True)
class Case:
    """With the rule at `value`, `look` finds `found`; at `other`, it finds `changed`."""

    rule: str
    value: float
    found: object
    other: float
    changed: object
    happens: list[Happening]
    look: Callable[[list[Told]], object]
    rules: Rules = RULES
    until: float = 60_000


CASES = [
    Case("endpoint_silence_ms", 700, 6_700, 800, 6_800, ANSWERED, when(cmd.ReleaseReply)),
    Case("accommodation", 1, 6_700, 2, 7_400, ANSWERED, when(cmd.ReleaseReply)),
    Case("speculate_after_ms", 100, 6_100, 150, 6_150, ANSWERED[:2], when(cmd.FinishTranscript)),
    Case("speculation_per_minute", 20, 2, 1, 1, PAUSES, count(cmd.PrepareReply), until=6_950),
    Case("drafts_first", 4, 2, 1, 1, PAUSES, count(cmd.PrepareReply), until=6_950),
    Case("drafts_a_turn", 0.5, 10_700, 0, 11_200, PAUSED_ONCE, when(cmd.PrepareReply, 2),
         replace(RULES, drafts_first=1)),
    Case("draft_later_beyond_ms", 1_500, 6_700, 3_500, 6_200, HALF_SAID, when(cmd.PrepareReply),
         WORDS_DECIDE),
    Case("draft_later_ms", 700, 6_700, 900, 6_900, HALF_SAID, when(cmd.PrepareReply), WORDS_DECIDE),
    Case("draft_ahead_ms", 600, 5_900, 400, 6_200, ASKS_BACK, when(cmd.PrepareReply), WORDS_DECIDE),
    Case("take_back_ms", 2_000, 9_000, 2_100, 9_100, SOUNDS, when(cmd.DropUtterance), TAKES_BACK),
    Case("understandable_words", 6, 1, 3, 2, TAKEN_BACK, count(cmd.CheckpointTurn), TAKES_BACK,
         until=8_400),
    Case("backchannel_max_ms", 600, 10_100, 650, 10_150, OVER_IT, when(cmd.FinishTranscript, 1)),
    Case("overlap_max_ms", 700, 10_200, 900, 10_400, OVER_IT, when(cmd.StopPlayback)),
    Case("hold_max_ms", 3_000, 12_500, 3_100, 12_600, HUMS, when(cmd.StopPlayback)),
    Case("transcript_wait_ms", 8_000, 14_100, 8_100, 14_200, ANSWERED[:2],
         when(cmd.DropUtterance)),
    Case("answer_max_ms", 20_000, 35_000, 21_000, 36_000, ANSWERED[:1],
         when(cmd.FinishTranscript), FLOWS),
    Case("answer_grace_ms", 10_000, 35_000, 11_000, 36_000, ANSWERED[:1],
         when(cmd.FinishTranscript), FLOWS),
    Case("insist_ms", 4_000, 1, 5_000, 0, INTERRUPTED, count(cmd.HoldPlayback), FLOWS,
         until=39_800),
    Case("wordless_ms", 20_000, 25_000, 21_000, 26_000, ANSWERED[:1], when(cmd.FinishTranscript)),
    Case("wordless_grace_ms", 3_000, 28_000, 3_500, 28_500, ANSWERED[:1],
         when(cmd.DropUtterance), replace(RULES, wordless_ms=20_000)),
    Case("noise_sounds", 3, Cause.NOISE, 4, Cause.IDLE, wordless(3), cause()),
    Case("noise_prompts_max", 2, Cause.NOISE, 1, Cause.IDLE,
         [(3_500, ev.SoundChanged(ev.Sound.NOISE)), *prompts(1)], cause(1)),
    Case("no_sound_ms", 6_000, 9_500, 6_500, 10_000, [(3_500, ev.SoundChanged(ev.Sound.SILENT))],
         when(cmd.PrepareReply)),
    Case("unclear_below", 0.6, Cause.UNCLEAR, 0.5, Cause.ANSWER, doubtful(0.55), cause()),
    Case("unclear_words", 5, Cause.UNCLEAR, 6, Cause.ANSWER, doubtful(0.55), cause()),
    Case("crosstalk_ms", 12_000, 28_000, 13_000, 29_000, TALKED_OVER,
         when(cmd.FinishTranscript)),
    Case("crosstalk_pause_ms", 2_000, 1, 3_000, 2, [*TALKED_OVER, stop(18_000), onset(20_500)],
         count(cmd.FinishTranscript), replace(RULES, crosstalk_ms=12_000), until=29_000),
    Case("voices_ms", 45_000, 89_000, 46_000, 90_000, TOLD_OF_VOICES,
         when(cmd.FinishTranscript, 1), replace(RULES, crosstalk_ms=12_000, answer_grace_ms=14_000),
         until=120_000),
    Case("filler_ms", 1_500, 8_200, 1_600, 8_300, ANSWERED, when(cmd.SayFiller)),
    Case("reply_wait_ms", 5_000, 11_700, 5_500, 12_200, ANSWERED, when(cmd.CancelReply)),
    Case("reply_stall_ms", 20_000, 26_900, 21_000, 27_900, SOUNDS[:-1], when(cmd.StopPlayback)),
    Case("idle_first_ms", 9_000, 12_000, 9_500, 12_500, [], when(cmd.PrepareReply)),
    Case("idle_next_ms", 12_000, 24_100, 12_500, 24_600, prompts(1), when(cmd.PrepareReply, 1)),
    Case("idle_prompts_max", 1, Cause.AWAY, 2, Cause.IDLE, prompts(2), cause(1)),
    Case("idle_last_ms", 12_000, 24_100, 12_500, 24_600, prompts(1), when(cmd.PrepareReply, 1),
         replace(RULES, idle_prompts_max=1)),
    Case("time_limit_ms", 8_000, 8_000, 9_000, 9_000, [], when(cmd.PrepareReply)),
    Case("overrun_ms", 10_000, 18_000, 11_000, 19_000, ANSWERED[:1], when(cmd.FinishTranscript),
         replace(RULES, time_limit_ms=8_000)),
    Case("close_out_ms", 20_000, 28_000, 21_000, 29_000, [], when(cmd.EndSession),
         replace(RULES, time_limit_ms=4_000, overrun_ms=4_000)),
    Case("leg_grace_ms", 9_000, 13_000, 9_500, 13_500, DETACHED, when(cmd.SuspendSession)),
    Case("recruiter_grace_ms", 4_000, 12_000, 4_500, 12_500, LOST, when(cmd.MoveFloor, 3)),
    Case("pause_max_ms", 20_000, 24_500, 21_000, 25_500, PAUSED, when(cmd.MoveFloor, 1)),
    Case("reply_retry_ms", 1_000, 7_900, 1_500, 8_400, FAILURES, when(cmd.PrepareReply, 2),
         replace(RULES, reply_failures_max=5)),
    Case("reply_failures_max", 2, 6_900, 3, 7_000, FAILURES, when(cmd.SuspendSession)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.rule for case in CASES])
def test_a_rule_moves_what_it_names(case: Case) -> None:
    for value, result in ((case.value, case.found), (case.other, case.changed)):
        changed: dict[str, Any] = {case.rule: value}
        rules = replace(case.rules, **changed)
        assert case.look(hold(rules, case.happens, until=case.until)) == result, value


def test_every_rule_has_its_conversation() -> None:
    known = {case.rule for case in CASES}
    assert known == {field.name for field in fields(Rules)} - {"endpointing", "prosody"}
    assert len(CASES) == len(known)


def test_the_rules_of_endpointing_decide_the_patience_of_a_session() -> None:
    slow = EndpointingRules(explanation_ms=1_050, brief_ms=5_000, thin_words=12, story_ms=5_000)
    rules = replace(RULES, endpoint_silence_ms=None, endpointing=slow)
    assert when(cmd.ReleaseReply)(hold(rules, ANSWERED, until=20_000)) == 11_000


SENTENCE = "We built a search engine for recipes and cooks in the whole of the country."
THREE = f"{SENTENCE} It took us about a year. I wrote most of the code."


@dataclass(frozen=True)
class Wait:
    """After these words, a change of the rule from `value` to `other` changes the wait so."""

    rule: str
    value: float
    other: float
    text: str
    expects: str = "explanation"
    own_ms: float = 0.0
    gap_ms: float | None = 900.0
    accommodation: float = 1.0


WAITS = [
    Wait("unknown_ms", 1_000, 1_100, ""),
    Wait("thinking_ms", 7_000, 7_100, "Let me think."),
    Wait("filler_ms", 3_000, 3_100, "We built, um"),
    Wait("open_ms", 3_000, 3_100, "We built it because"),
    Wait("dangling_ms", 2_000, 2_100, "It is mostly about."),
    Wait("pointing_ms", 2_000, 2_100, f"{SENTENCE} Then I gave it to them.", "story"),
    Wait("fragment_ms", 2_000, 2_100, f"{SENTENCE} Now the city."),
    Wait("unpunctuated_ms", 2_000, 2_100, SENTENCE.rstrip(".")),
    Wait("counting_ms", 1_500, 1_600, "zero four", "spelling"),
    Wait("yes_no_ms", 300, 310, "Yes.", "yes_no"),
    Wait("yes_no_sentence_ms", 450, 460, "No, that was another team.", "yes_no"),
    Wait("short_ms", 1_000, 1_100, "In Berlin.", "short"),
    Wait("answered_ms", 600, 700, "I would need about six weeks.", "number", gap_ms=None),
    Wait("answered_words", 4, 9, "I would need about six weeks.", "number", gap_ms=None),
    Wait("explanation_ms", 1_000, 1_100, SENTENCE),
    Wait("story_ms", 1_000, 1_100, SENTENCE, "story"),
    Wait("fluent_ms", 700, 800, THREE, gap_ms=200.0),
    Wait("fluent_gap_ms", 650, 100, THREE, gap_ms=200.0),
    Wait("fluent_words", 20, 40, THREE, gap_ms=200.0),
    Wait("fluent_sentences", 3, 4, THREE, gap_ms=200.0),
    Wait("whole_requests", True, False, "Could you repeat that?"),
    Wait("request_ms", 400, 500, "Could you repeat that?"),
    Wait("thin_ms", 2_400, 2_500, "Yes, sure."),
    Wait("brief_ms", 1_200, 1_300, "We built bridges."),
    Wait("thin_words", 12, 20, SENTENCE),
    Wait("own_pause_factor", 1.2, 1.3, SENTENCE, own_ms=1_300.0),
    Wait("own_pause_max_ms", 2_000, 2_100, SENTENCE, own_ms=1_900.0),
    Wait("longest_ms", 9_000, 9_100, "Let me think.", accommodation=2.0),
]


def _with(rule: str, value: float) -> EndpointingRules:
    changed: dict[str, Any] = {rule: value}
    return replace(EndpointingRules(), **changed)


@pytest.mark.parametrize("case", WAITS, ids=[case.rule for case in WAITS])
def test_a_rule_of_endpointing_changes_the_wait_it_names(case: Wait) -> None:
    waits = [
        patience(
            case.text,
            case.expects,
            case.own_ms,
            case.accommodation,
            _with(case.rule, value),
            longest_gap_ms=case.gap_ms,
        ).ms
        for value in (case.value, case.other)
    ]
    timed = case.rule.endswith("_ms") and case.rule not in ("fluent_gap_ms",)
    assert waits[1] != waits[0]
    assert not timed or waits[1] - waits[0] == case.other - case.value


def test_every_rule_of_endpointing_has_its_words() -> None:
    known = {case.rule for case in WAITS}
    assert known == {field.name for field in fields(EndpointingRules)}


def test_the_rules_stand_by_themselves() -> None:
    """The machine with the default rules, for the whole opening: nothing is due too soon."""
    assert TurnMachine(Rules()).deadline == Rules().leg_grace_ms
