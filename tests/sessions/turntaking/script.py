"""Conversations as tables: what happens when, what the machine commands, who is doing what then."""

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from sessions.turntaking.machine import TurnMachine
from sessions.turntaking.rules import Rules
from sessions.turntaking.turns import Speaker

Row = tuple[float, ev.Event | None, list[cmd.Command], str]
"""(now in ms, event, commands, "candidate/interviewer" afterwards). Without an event it is the
machine's own deadline that has come, at that very time."""

RULES = Rules(
    endpoint_silence_ms=700,
    take_back_ms=0,
    speculate_after_ms=100,
    backchannel_max_ms=700,
    overlap_max_ms=700,
    hold_max_ms=3_000,
    transcript_wait_ms=8_000,
    filler_ms=1_000_000,
    wordless_ms=150_000,
    crosstalk_ms=150_000,
    reply_wait_ms=1_000_000,
    reply_stall_ms=1_000_000,
    idle_first_ms=9_000,
    idle_next_ms=12_000,
    idle_prompts_max=3,
    idle_last_ms=12_000,
    time_limit_ms=600_000,
    overrun_ms=45_000,
    close_out_ms=60_000,
    leg_grace_ms=120_000,
    reply_failures_max=3,
    reply_retry_ms=0,
)
"""Round numbers, so that the tables can be read; the defaults may change."""

HELLO = "Hello. What do you do?"


def play(machine: TurnMachine, rows: list[Row]) -> TurnMachine:
    """Run the table and hold every row; nothing may be due between two rows."""
    for now, event, commands, states in rows:
        at = f"at {now}, {event or 'time'}"
        if event is None:
            assert machine.deadline == now, f"{at}: the deadline is {machine.deadline}"
            got = machine.expire(now)
        else:
            due = machine.deadline
            assert due is None or due >= now, f"{at}: something was due at {due}"
            got = machine.handle(event, now)
        assert got == commands, at
        assert f"{machine.candidate.value}/{machine.interviewer.value}" == states, at
    return machine


def fresh(rules: Rules = RULES, *, next_index: int = 0) -> TurnMachine:
    """A machine before anything has happened."""
    return TurnMachine(rules, next_index=next_index)


def asked(rules: Rules = RULES) -> TurnMachine:
    """A machine that has greeted and asked, at 3000 ms: generation 1, turn 0. The first idle
    prompt is due at 12000 ms."""
    return play(fresh(rules), OPENING)


def answering(rules: Rules = RULES) -> TurnMachine:
    """As `asked`, then an answer at 5000 ms in two attempts: generation 2 thinks at 6700 ms."""
    return play(asked(rules), ANSWER)


def replying(rules: Rules = RULES) -> TurnMachine:
    """As `answering`, and generation 2 sounds since 7000 ms, all of it written."""
    return play(
        answering(rules),
        [
            (6_900, ev.SentenceReady(2, "I see."), [], "quiet/speaking"),
            (6_950, ev.ReplyEnded(2, expects="story"), [], "quiet/speaking"),
            (7_000, ev.PlaybackStarted(2, 7_000), [], "quiet/speaking"),
        ],
    )


def prepare(
    generation: int, cause: Cause, said: str | None = None, *, idle_level: int = 0
) -> cmd.PrepareReply:
    """PrepareReply: of a draft where `said` is given."""
    return cmd.PrepareReply(
        generation, cause, said or "", recorded=said is None, idle_level=idle_level
    )


def candidate_turn(index: int, text: str, started_ms: float, ended_ms: float) -> cmd.CheckpointTurn:
    """The record of what the candidate has said."""
    return cmd.CheckpointTurn(
        index, Speaker.CANDIDATE, text, text, started_ms, ended_ms, confidence=0.9
    )


def interviewer_turn(
    index: int,
    generation: int,
    text: str,
    started_ms: float,
    ended_ms: float,
    *,
    heard: str | None = None,
) -> cmd.CheckpointTurn:
    """The record of a reply; `heard` where it was not heard to its end."""
    heard_text = text if heard is None else heard
    return cmd.CheckpointTurn(
        index,
        Speaker.INTERVIEWER,
        text,
        heard_text,
        started_ms,
        ended_ms,
        interrupted=heard_text != text,
        generation=generation,
    )


def words(utterance: int, attempt: int, text: str) -> ev.TranscriptFinal:
    """The transcriber's answer."""
    return ev.TranscriptFinal(utterance, attempt, text, 0.9)


OPENING: list[Row] = [
    (0, ev.LegAttached(), [prepare(1, Cause.OPENING), cmd.ReleaseReply(1)], "quiet/thinking"),
    (300, ev.SentenceReady(1, "Hello."), [], "quiet/speaking"),
    (500, ev.PlaybackStarted(1, 480), [], "quiet/speaking"),
    (900, ev.SentenceReady(1, "What do you do?"), [], "quiet/speaking"),
    (1_200, ev.ReplyEnded(1, expects="story"), [], "quiet/speaking"),
    (
        3_000,
        ev.PlaybackEnded(1, 3_000, HELLO, HELLO),
        [interviewer_turn(0, 1, HELLO, 480, 3_000)],
        "quiet/idle",
    ),
]

ANSWER: list[Row] = [
    (5_100, ev.SpeechStarted(5_000), [], "speaking/idle"),
    (6_150, ev.SpeechStopped(6_000), [cmd.FinishTranscript(1, 2)], "pausing/idle"),
    (
        6_600,
        words(1, 2, "I build bridges."),
        [prepare(2, Cause.ANSWER, "I build bridges.")],
        "pausing/idle",
    ),
    (
        6_700,
        None,
        [
            candidate_turn(1, "I build bridges.", 5_000, 6_000),
            cmd.DropUtterance(1),
            cmd.ReleaseReply(2),
        ],
        "quiet/thinking",
    ),
]
