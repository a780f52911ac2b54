"""The beginning of every conversation about taking back: an answer, and a reply that sounds."""

from dataclasses import replace

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from sessions.turntaking.machine import TurnMachine
from sessions.turntaking.turns import Speaker
from tests.sessions.turntaking.script import RULES, asked, play

TAKING_BACK = replace(RULES, take_back_ms=1_200)
FIRST = "I build bridges."
MORE = "And roads, mostly in the north."
WHOLE = "I build bridges and roads, mostly in the north."


def answer(text: str, ended_ms: float, revision: int) -> cmd.CheckpointTurn:
    return cmd.CheckpointTurn(
        index=1,
        speaker=Speaker.CANDIDATE,
        text=text,
        heard_text=text,
        started_ms=5_000,
        ended_ms=ended_ms,
        confidence=0.9,
        revision=revision,
    )


def replied() -> TurnMachine:
    """An answer from 5000 to 6000 ms, and a reply (generation 2) that sounds from 6720 ms on."""
    return play(
        asked(TAKING_BACK),
        [
            (5_100, ev.SpeechStarted(5_000), [], "speaking/idle"),
            (6_160, ev.SpeechStopped(6_000), [cmd.FinishTranscript(1, 2)], "pausing/idle"),
            (
                6_300,
                ev.TranscriptFinal(1, 2, FIRST, 0.9),
                [cmd.PrepareReply(2, Cause.ANSWER, FIRST, recorded=False)],
                "pausing/idle",
            ),
            (6_350, ev.SentenceReady(2, "I see."), [], "pausing/idle"),
            (
                6_700,
                None,
                [answer(FIRST, 6_000, 0), cmd.KeepUtterance(1), cmd.ReleaseReply(2)],
                "quiet/speaking",
            ),
            (6_820, ev.PlaybackStarted(2, 6_720), [], "quiet/speaking"),
        ],
    )
