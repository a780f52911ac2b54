"""Drafts on words that may still change: kept where the final ones are the same, else made anew."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.turntaking import commands as cmd
from sessions.turntaking import events as ev
from sessions.turntaking.causes import Cause
from sessions.turntaking.drafts import same_words
from tests.sessions.turntaking.script import RULES, asked, play

WORDS_DECIDE = replace(RULES, endpoint_silence_ms=None)
AGAIN = "Could you repeat the question?"


def drafted(generation: int, said: str) -> cmd.PrepareReply:
    return cmd.PrepareReply(generation, Cause.ANSWER, said, recorded=False)


@pytest.mark.parametrize(
    "final", [AGAIN, "could you repeat the question?", "Could you, repeat the question?"]
)
def test_a_draft_on_the_same_words_is_kept_and_released(final: str) -> None:
    machine = play(
        asked(WORDS_DECIDE),
        [
            (5_100, ev.SpeechStarted(5_000), [], "speaking/idle"),
            (5_800, ev.TranscriptPartial(1, "Could you repeat the"), [], "speaking/idle"),
            (5_900, ev.TranscriptPartial(1, AGAIN), [drafted(2, AGAIN)], "speaking/idle"),
            (5_950, ev.TranscriptPartial(1, AGAIN), [], "speaking/idle"),
            (6_060, ev.SpeechStopped(6_000), [], "pausing/idle"),
            (6_100, None, [cmd.FinishTranscript(1, 2)], "pausing/idle"),
            (6_200, ev.TranscriptFinal(1, 2, final, 0.9), [], "pausing/idle"),
        ],
    )
    told = machine.expire(6_450)
    assert [type(command) for command in told] == [
        cmd.CheckpointTurn, cmd.DropUtterance, cmd.ReleaseReply,
    ]  # fmt: skip
    assert [command.text for command in told if isinstance(command, cmd.CheckpointTurn)] == [final]


@pytest.mark.parametrize(
    "final", ["Could you repeat the questions?", "You repeat the question?", "Could you repeat it?"]
)
def test_a_draft_on_other_words_is_made_anew(final: str) -> None:
    play(
        asked(WORDS_DECIDE),
        [
            (5_100, ev.SpeechStarted(5_000), [], "speaking/idle"),
            (5_900, ev.TranscriptPartial(1, AGAIN), [drafted(2, AGAIN)], "speaking/idle"),
            (6_060, ev.SpeechStopped(6_000), [], "pausing/idle"),
            (6_100, None, [cmd.FinishTranscript(1, 2)], "pausing/idle"),
            (
                6_200,
                ev.TranscriptFinal(1, 2, final, 0.9),
                [cmd.CancelReply(2), drafted(3, final)],
                "pausing/idle",
            ),
        ],
    )


def test_a_draft_on_words_that_turn_out_to_be_none_is_thrown_away() -> None:
    play(
        asked(WORDS_DECIDE),
        [
            (5_100, ev.SpeechStarted(5_000), [], "speaking/idle"),
            (5_900, ev.TranscriptPartial(1, AGAIN), [drafted(2, AGAIN)], "speaking/idle"),
            (6_060, ev.SpeechStopped(6_000), [], "pausing/idle"),
            (6_100, None, [cmd.FinishTranscript(1, 2)], "pausing/idle"),
            (
                6_200,
                ev.TranscriptFinal(1, 2, "", None),
                [cmd.CancelReply(2), cmd.DropUtterance(1)],
                "quiet/idle",
            ),
        ],
    )


def test_whoever_says_more_has_the_draft_thrown_away() -> None:
    more = f"{AGAIN} And"
    play(
        asked(WORDS_DECIDE),
        [
            (5_100, ev.SpeechStarted(5_000), [], "speaking/idle"),
            (5_900, ev.TranscriptPartial(1, AGAIN), [drafted(2, AGAIN)], "speaking/idle"),
            (6_300, ev.TranscriptPartial(1, more), [cmd.CancelReply(2)], "speaking/idle"),
        ],
    )


def test_a_whole_sentence_of_an_explanation_is_not_drafted_on_before_the_voice_stops() -> None:
    whole = "I built bridges in the north of the country for a company of ten."
    play(
        asked(WORDS_DECIDE),
        [
            (5_100, ev.SpeechStarted(5_000), [], "speaking/idle"),
            (5_900, ev.TranscriptPartial(1, whole), [], "speaking/idle"),
            (6_060, ev.SpeechStopped(6_000), [], "pausing/idle"),
            (6_100, None, [cmd.FinishTranscript(1, 2)], "pausing/idle"),
            (6_150, ev.TranscriptPartial(1, whole), [drafted(2, whole)], "pausing/idle"),
            (6_200, ev.TranscriptFinal(1, 2, whole, 0.9), [], "pausing/idle"),
        ],
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("I do.", "i do", True),
        ("Well, I do", "well I do.", True),
        ("it\u2019s me", "It's me.", True),
        ("“Yes” – I do", "yes, I do", True),
        ("You do.", "You do?", False),
        ("1.5 years", "15 years", False),
        ("its", "it's", False),
        ("C++", "C", False),
        ("ten %", "ten", False),
        ("I do", "I do not", False),
        ("re-sign", "resign", False),
        ("", "a", False),
    ],
)
def test_the_same_words_are_those_that_ask_for_the_same_reply(
    one: str, other: str, same: bool
) -> None:
    assert same_words(one, other) is same_words(other, one) is same


@given(st.lists(st.from_regex(r"[a-z0-9']{0,5}[a-z0-9]", fullmatch=True), min_size=1))
def test_capitals_and_signs_between_words_never_count(words: list[str]) -> None:
    assert same_words(" ".join(words), ", ".join(words).upper() + ".")
    assert not same_words(" ".join(words), " ".join([*words, "more"]))
