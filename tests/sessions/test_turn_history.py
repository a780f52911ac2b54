"""The turn history: stamps that follow one another, and counts that belong to one reply."""

from uuid import uuid4

import pytest

from audio.pcm import samples_of
from audio.speech import VOICE_RATE
from sessions.cost.tally import Tally
from sessions.interviewer.protocol import Move, MoveKind, Usage
from sessions.listening.listener import Listener
from sessions.speaking.voiced_reply import VoicedReply
from sessions.turn_history import TurnHistory
from sessions.turntaking.commands import CheckpointTurn
from sessions.turntaking.turns import Speaker
from tests.sessions.listening.microphone_hall import Room
from tests.support.virtual_time import run_virtual


def listener() -> Listener:
    """A listener that has transcribed something in 150 ms."""

    async def story() -> Listener:
        return Room().listener

    made = run_virtual(story())
    made.transcribe_ms = 150.04
    return made


def answer(index: int, ended_ms: float, revision: int = 0) -> CheckpointTurn:
    return CheckpointTurn(
        index=index,
        speaker=Speaker.CANDIDATE,
        text="A cache.",
        heard_text="A cache.",
        started_ms=1_000.4,
        ended_ms=ended_ms,
        confidence=0.8,
        revision=revision,
        rule="complete",
    )


def spoken(index: int, generation: int = 1) -> CheckpointTurn:
    return CheckpointTurn(
        index=index,
        speaker=Speaker.INTERVIEWER,
        text="I see.",
        heard_text="I see.",
        started_ms=5_000.0,
        ended_ms=6_000.0,
        generation=generation,
    )


def reply(generation: int = 1, ms: float = 1_000.0, **latency: float) -> VoicedReply:
    made = VoicedReply(generation, written=["I see."], latency=latency)
    made.pcm += bytes(2 * samples_of(ms, VOICE_RATE))
    return made


def test_an_answer_is_stamped_with_its_end_its_words_and_its_close() -> None:
    history = TurnHistory([], voice_model="heart", tally=Tally(uuid4()))
    history.transcript_ready(3_250.0)
    turn = history.add_answer(answer(0, 3_000.0), 3_700.0, listener())
    assert turn.latency == {
        "speech_end": 3_000.0,
        "words_asked": 3_100.0,
        "transcript_final": 3_250.0,
        "endpoint": 3_700.0,
        "endpoint_rule": "complete",
        "transcribe_ms": 150.0,
    }
    assert (turn.started_ms, turn.ended_ms, turn.confidence) == (1_000, 3_000, 0.8)
    assert history.turns == [turn]


def test_words_of_an_earlier_pause_are_not_the_words_of_the_answers_end() -> None:
    history = TurnHistory([], voice_model="heart", tally=Tally(uuid4()))
    history.transcript_ready(2_000.0)  # and then the candidate went on
    turn = history.add_answer(answer(0, 3_000.0), 4_400.0, listener())
    assert turn.latency["transcript_final"] == 4_400.0


def test_a_reply_counts_what_was_thrown_away_before_it_and_the_next_begins_anew() -> None:
    history = TurnHistory([], voice_model="heart", tally=Tally(uuid4()))
    history.add_answer(answer(0, 3_000.0), 3_700.0, listener())
    history.reply_discarded(reply(1, ms=500))
    history.reply_discarded(reply(2, ms=700))
    first = history.add_reply(spoken(1), reply(3, prepare=3_100.0, first_audio_played=4_000.0))
    assert (first.latency["thrown_away"], first.latency["thrown_away_ms"]) == (2, 1_200.0)
    assert first.latency["voice_to_voice_ms"] == 1_000.0
    assert sum(first.latency["breakdown"].values()) == 1_000.0
    assert first.latency["speculated_ms"] == 600.0
    second = history.add_reply(spoken(2), reply(4, first_audio_played=9_000.0))
    assert (second.latency["thrown_away"], second.latency["thrown_away_ms"]) == (0, 0.0)
    assert "voice_to_voice_ms" not in second.latency
    assert "breakdown" not in second.latency


def test_a_reply_carries_its_move_its_models_and_what_it_cost() -> None:
    made = reply()
    made.move = Move(MoveKind.PROBE, "q2", {"probe": 1})
    made.usage = Usage("gpt", 120, 30, 0.002)
    turn = TurnHistory([], voice_model="heart", tally=Tally(uuid4())).add_reply(spoken(0), made)
    assert turn.move == {"kind": "probe", "question": "q2", "probe": 1}
    assert turn.usage == {
        "tts": "heart",
        "voiced_chars": len("I see."),
        "llm": "gpt",
        "input_tokens": 120,
        "output_tokens": 30,
        "cost_usd": 0.002,
    }


@pytest.mark.parametrize("index", [0, 5])
def test_a_turn_that_goes_on_is_no_turn_until_it_is_closed_anew(index: int) -> None:
    history = TurnHistory([], voice_model="heart", tally=Tally(uuid4()))
    history.add_answer(answer(0, 3_000.0), 3_700.0, listener())
    history.reopen(index)
    assert len(history.turns) == (0 if index == 0 else 1)
    history.reopen(0)
    again = history.add_answer(answer(0, 6_000.0, revision=1), 6_700.0, listener())
    assert history.turns == [again]
    assert (again.revision, again.latency["speech_end"]) == (1, 6_000.0)
