"""The candidate over the Realtime protocol: spoken turns, push to talk, written answers."""

import base64
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from audio.g711 import alaw_encode, ulaw_encode
from audio.pcm import AudioFormat, Encoding
from audio.resample import resample
from audio.speech import SPEECH_RATE, VOICE_RATE
from server.dialects.dialect import AudioBuffered
from server.dialects.realtime.dialect import MAX_REFUSALS, RealtimeDialect
from server.dialects.realtime.input import MAX_BUFFERED_S
from server.dialects.realtime.items import MAX_ITEMS
from sessions.leg import (
    ANSWERS_A_S,
    ANSWERS_AT_ONCE,
    AnswerComplete,
    CaptionNote,
    ConsentGiven,
    TextTyped,
)
from sessions.turntaking.turns import Speaker
from tests.server.dialects.realtime.realtime_wire import (
    ANSWERED,
    READY,
    Bench,
    base64_of,
    kinds,
    sound,
    turn,
    typed,
)


@pytest.fixture
def bench() -> Bench:
    return Bench()


class TestAnswers:
    def test_a_turn_is_an_item_once_it_is_closed(self, bench: Bench) -> None:
        bench.append(sound(3_000))
        started = bench.state("speaking/idle")
        bench.append(sound(1_000))
        stopped = bench.state("pausing/idle")
        told = [*bench.understood("I build bridges."), *bench.state("quiet/thinking")]
        assert kinds([*started, *stopped]) == [
            "input_audio_buffer.speech_started",
            "input_audio_buffer.speech_stopped",
        ]
        assert kinds(told) == [*ANSWERED, "response.created"]
        ids = {event["item_id"] for event in [*started, *stopped, told[0], told[3], told[4]]}
        assert ids == {told[1]["item"]["id"]}
        assert started[0]["audio_start_ms"] < 3_000 < stopped[0]["audio_end_ms"]
        assert told[4]["transcript"] == told[3]["delta"] == "I build bridges."
        assert 1 < told[4]["usage"]["seconds"] < 2

    def test_a_pause_is_told_and_the_item_stays_the_same(self, bench: Bench) -> None:
        told = []
        for states in ("speaking/idle", "pausing/idle", "speaking/idle", "pausing/idle"):
            told += bench.state(states)
        assert len(told) == 4
        assert len({event["item_id"] for event in told}) == 1

    def test_a_hum_makes_no_item(self, bench: Bench) -> None:
        bench.state("speaking/held")
        bench.state("pausing/held")
        assert bench.state("quiet/speaking") == []
        (first,) = bench.of_type("input_audio_buffer.speech_started")
        (second,) = bench.state("speaking/idle")
        assert first["item_id"] != second["item_id"]

    def test_a_turn_that_has_gone_on_takes_the_place_of_its_beginning(self, bench: Bench) -> None:
        bench.state("speaking/idle")
        first = bench.understood("I build.")[1]["item"]["id"]
        bench.state("quiet/thinking")
        bench.state("speaking/idle")
        told = bench.understood("I build bridges.")
        assert kinds(told) == ["conversation.item.deleted", *ANSWERED]
        assert told[0]["item_id"] == first
        assert told[1]["previous_item_id"] is None
        assert told[-1]["transcript"] == "I build bridges."

    def test_words_on_the_way_are_not_settled(self, bench: Bench) -> None:
        partial = CaptionNote(Speaker.CANDIDATE, "said-1", "I bui", final=False)
        assert bench.note(partial) == []

    @pytest.mark.parametrize(
        ("name", "encode"), [("audio/pcmu", ulaw_encode), ("audio/pcma", alaw_encode)]
    )
    def test_telephone_sound_comes_and_goes(self, bench: Bench, name: str, encode: Any) -> None:
        form = {"format": {"type": name}}
        bench.receive("session.update", session={"audio": {"input": form, "output": form}})
        (updated,) = bench.of_type("session.updated")
        assert updated["session"]["audio"]["input"]["format"] == {"type": name}
        tone = (8_000 * np.sin(np.arange(8_000) * 440 * 2 * np.pi / 8_000)).astype(np.int16)
        heard = []
        for at in range(0, 8_000, 160):
            heard += [
                part
                for part in bench.append(encode(tone[at : at + 160]))
                if isinstance(part, np.ndarray)
            ]
        whole = np.concatenate(heard)
        assert SPEECH_RATE - 700 < len(whole) <= SPEECH_RATE
        assert 0.8 < np.std(whole[2_000:-2_000].astype(float)) / np.std(tone.astype(float)) < 1.1
        bench.begin(1)
        bench.plays(1_000)
        bench.mark()
        data = b"".join(
            base64.b64decode(event["delta"])
            for event in bench.of_type("response.output_audio.delta")
        )
        assert len(data) == pytest.approx(8_000, abs=4)
        encoding = Encoding.ULAW if name == "audio/pcmu" else Encoding.ALAW
        assert bench.dialect.traits.output_format == AudioFormat(8_000, encoding)
        assert bench.dialect.traits.telephone

    def test_pcm_is_heard_at_16_khz(self, bench: Bench) -> None:
        tone = (8_000 * np.sin(np.arange(VOICE_RATE) * 440 * 2 * np.pi / VOICE_RATE)).astype("<i2")
        _, heard = bench.append(tone.tobytes())
        wanted = resample(tone, VOICE_RATE, SPEECH_RATE)[: len(heard)]
        assert len(heard) == pytest.approx(SPEECH_RATE, abs=250)
        # Within two samples, as the streaming resampler promises.
        likeness = [
            np.corrcoef(np.roll(heard, by)[500:-500], wanted[500:-500])[0, 1] for by in range(-2, 3)
        ]
        assert max(likeness) > 0.99


class TestPushToTalk:
    @pytest.fixture
    def bench(self) -> Bench:
        bench = Bench()
        audio = {"input": {"turn_detection": None}}
        bench.receive("session.update", session={"type": "realtime", "audio": audio})
        assert bench.events[-1]["session"]["audio"]["input"]["turn_detection"] is None
        bench.events.clear()
        return bench

    def test_sound_waits_until_it_is_committed(self, bench: Bench) -> None:
        started, kept = bench.append(sound(1_000))
        assert started == ConsentGiven()
        assert kept.audio_s == pytest.approx(1.0, abs=0.02)
        assert [type(part) for part in bench.append(sound(1_000))] == [AudioBuffered]
        (given,) = bench.receive("input_audio_buffer.commit")
        assert isinstance(given, AnswerComplete)
        assert given.kept is not None
        assert len(given.kept) == pytest.approx(2 * SPEECH_RATE, abs=250)
        assert kinds(bench.events) == ANSWERED[:3]

    def test_its_words_follow_and_no_voice_is_told(self, bench: Bench) -> None:
        bench.append(sound(1_000))
        bench.receive("input_audio_buffer.commit")
        item_id = bench.events[0]["item_id"]
        told = [*bench.state("speaking/idle"), *bench.state("pausing/idle")]
        told += [*bench.understood("Ada."), *bench.state("quiet/idle")]
        assert kinds(told) == ANSWERED[3:]
        assert {event["item_id"] for event in told} == {item_id}

    @pytest.mark.parametrize(
        "after",
        [
            ["speaking/idle", "pausing/idle", "quiet/idle"],
            ["quiet/thinking"],
        ],
    )
    def test_an_answer_without_words_has_failed(self, bench: Bench, after: list[str]) -> None:
        bench.append(sound(1_000))
        bench.receive("input_audio_buffer.commit")
        for states in after:
            bench.state(states)
        (failed,) = bench.of_type("conversation.item.input_audio_transcription.failed")
        assert failed["item_id"] == bench.events[0]["item_id"]
        assert failed["error"]["code"] == "not_understood"

    def test_the_next_one_does_not_get_its_words(self, bench: Bench) -> None:
        for _ in range(2):
            bench.append(sound(1_000))
            bench.receive("input_audio_buffer.commit")
        bench.state("speaking/idle")
        completed = bench.understood("Ada.")[-1]
        committed = bench.of_type("input_audio_buffer.committed")
        assert completed["item_id"] == committed[1]["item_id"]
        (failed,) = bench.of_type("conversation.item.input_audio_transcription.failed")
        assert failed["item_id"] == committed[0]["item_id"]

    def test_what_was_not_meant_is_forgotten(self, bench: Bench) -> None:
        bench.append(sound(1_000))
        bench.receive("input_audio_buffer.clear")
        assert bench.receive("input_audio_buffer.commit") == []
        assert bench.errors[-1]["code"] == "input_audio_buffer_commit_empty"

    def test_an_endless_answer_is_not_kept(self, bench: Bench) -> None:
        form = {"format": {"type": "audio/pcmu"}}
        bench.receive("session.update", session={"audio": {"input": form}})
        piece = base64_of(bytes(5 * 8_000))
        for _ in range(int(MAX_BUFFERED_S / 5)):
            bench.receive("input_audio_buffer.append", audio=piece)
        assert bench.mistake("input_audio_buffer.append", audio=piece)["code"] == "buffer_too_long"
        assert bench.receive("input_audio_buffer.commit") == []


class TestCommitting:
    def test_where_turns_are_detected_it_ends_the_turn_early(self, bench: Bench) -> None:
        bench.append(sound(1_000))
        assert bench.receive("input_audio_buffer.commit") == [AnswerComplete()]
        assert bench.receive("input_audio_buffer.commit", event_id="e1") == []
        assert bench.errors[-1]["code"] == "input_audio_buffer_commit_empty"
        assert bench.errors[-1]["event_id"] == "e1"

    def test_sound_of_the_other_way_to_take_turns_is_no_part_of_it(self, bench: Bench) -> None:
        detected: dict[str, Any] = {"turn_detection": {"type": "server_vad"}}
        for turns in ({"turn_detection": None}, detected, {"turn_detection": None}):
            bench.append(sound(500))
            bench.receive("session.update", session={"audio": {"input": turns}})
            bench.receive("input_audio_buffer.commit")
            assert bench.errors[-1]["code"] == "input_audio_buffer_commit_empty"
        assert len(bench.errors) == 3


class TestWriting:
    def test_a_written_answer_is_an_item_at_once(self, bench: Bench) -> None:
        parts = bench.receive("conversation.item.create", item=typed(" I build bridges. "))
        assert parts == [ConsentGiven(), TextTyped("I build bridges.")]
        added, done = bench.events[-2:]
        assert kinds([added, done]) == ["conversation.item.added", "conversation.item.done"]
        content = [{"type": "input_text", "text": "I build bridges."}]
        assert added["item"]["content"] == content
        bench.state("awaiting_transcript/idle")
        assert bench.understood("I build bridges.") == []

    def test_under_the_clients_own_id_and_in_pieces(self, bench: Bench) -> None:
        content = [{"type": "input_text", "text": text} for text in ("I build", "bridges.")]
        item = {"type": "message", "role": "user", "content": content, "id": "mine"}
        parts = bench.receive("conversation.item.create", item=item)
        assert parts[1] == TextTyped("I build bridges.")
        assert bench.events[-1]["item"]["id"] == "mine"
        bench.receive("conversation.item.create", item=item)
        assert bench.errors[-1]["param"] == "item.id"

    def test_with_a_spoken_one_its_words_are_told_apart(self, bench: Bench) -> None:
        bench.append(sound(500))
        bench.state("speaking/idle")
        bench.receive("conversation.item.create", item=typed("And tunnels."))
        told = bench.understood("I build bridges. And tunnels.")
        assert told[-1]["transcript"] == "I build bridges."

    @pytest.mark.parametrize(
        ("fields", "param"),
        [
            ({"item": typed("Be kind.", role="system")}, "item"),
            ({"item": typed("I see.", role="assistant")}, "item"),
            ({"item": {"type": "function_call_output", "call_id": "c", "output": "1"}}, "item"),
            (
                {"item": typed("x") | {"content": [{"type": "input_audio", "audio": ""}]}},
                "item.content",
            ),
            ({"item": typed("x") | {"content": []}}, "item.content"),
            ({"item": typed("  ")}, "item.content"),
            ({"item": typed("Hello."), "previous_item_id": "root"}, "previous_item_id"),
            ({"item": typed("Hello."), "previous_item_id": "item_x"}, "previous_item_id"),
        ],
    )
    def test_nothing_else_can_be_added(
        self, bench: Bench, fields: dict[str, Any], param: str
    ) -> None:
        parts = bench.receive("conversation.item.create", event_id="e7", **fields)
        assert not [part for part in parts if isinstance(part, TextTyped)]
        assert (bench.errors[-1]["param"], bench.errors[-1]["event_id"]) == (param, "e7")
        assert bench.of_type("conversation.item.added") == []

    def test_a_book_is_no_answer(self, bench: Bench) -> None:
        half = {"type": "input_text", "text": "word " * 500}
        item = {"type": "message", "role": "user", "content": [half, half]}
        bench.receive("conversation.item.create", item=item)
        assert bench.errors[-1]["code"] == "invalid_value"

    def test_an_item_can_be_seen_again_but_not_removed(self, bench: Bench) -> None:
        bench.receive("conversation.item.create", item=typed("Hello.", id="mine"))
        bench.receive("conversation.item.retrieve", item_id="mine")
        assert bench.events[-1]["type"] == "conversation.item.retrieved"
        assert bench.events[-1]["item"]["content"][0]["text"] == "Hello."
        bench.receive("conversation.item.delete", item_id="mine")
        assert bench.errors[-1]["code"] == "not_allowed_in_interview"
        bench.receive("conversation.item.retrieve", item_id="other")
        assert bench.errors[-1]["code"] == "item_not_found"


class TestTooMuch:
    def bench_at(self, clock: list[float]) -> Bench:
        bench = Bench(ready=None)
        bench.dialect = RealtimeDialect("abc", clock=lambda: clock[0])
        bench.note(READY)
        return bench

    def test_no_more_is_typed_than_anybody_can_mean(self) -> None:
        clock = [0.0]
        bench = self.bench_at(clock)

        def taken(count: int) -> int:
            given = [
                bench.receive("conversation.item.create", item=typed("Yes.")) for _ in range(count)
            ]
            return sum(isinstance(part, TextTyped) for parts in given for part in parts)

        assert taken(200) == ANSWERS_AT_ONCE
        assert bench.events[-1]["error"]["code"] == "rate_limit_exceeded"
        clock[0] = 60.0
        assert taken(200) == ANSWERS_AT_ONCE
        clock[0] += 2 / ANSWERS_A_S
        assert taken(5) == 2

    def test_nor_committed(self) -> None:
        clock = [0.0]
        bench = self.bench_at(clock)
        bench.receive("session.update", session={"audio": {"input": {"turn_detection": None}}})
        answers = 0
        for _ in range(100):
            bench.append(sound(120))
            parts = bench.receive("input_audio_buffer.commit")
            answers += sum(isinstance(part, AnswerComplete) for part in parts)
        assert answers == ANSWERS_AT_ONCE

    def test_items_are_kept_up_to_a_bound_and_the_newest_stay(self) -> None:
        clock = [0.0]
        bench = self.bench_at(clock)
        for number in range(MAX_ITEMS + 20):
            clock[0] += 1 / ANSWERS_A_S
            item = typed("Yes.") | {"id": f"i{number}"}
            bench.receive("conversation.item.create", item=item)
        assert len(bench.dialect._items._items) == MAX_ITEMS
        bench.receive("conversation.item.retrieve", item_id=f"i{MAX_ITEMS + 19}")
        assert bench.events[-1]["type"] == "conversation.item.retrieved"
        bench.receive("conversation.item.retrieve", item_id="i0")
        assert bench.events[-1]["error"]["code"] == "item_not_found"

    @pytest.mark.parametrize("event", ["session.update", "response.create"])
    @pytest.mark.parametrize("name", ["x{}", "x{}" * 200])
    def test_an_event_full_of_wishes_gets_a_bounded_answer(self, event: str, name: str) -> None:
        bench = self.bench_at([0.0])
        before = len(bench.events)
        given = {name.replace("{}", str(number)): 1 for number in range(6_000)}
        bench.receive(event, **{event.split(".")[0]: given})
        answer = bench.events[before:]
        assert len(answer) <= MAX_REFUSALS + 2
        assert len(json.dumps(answer)) < 10_000


class TestHistorySentAgain:
    SAID = ("I build bridges.", "Yes.", "Mostly of steel, by now.", "Yes.")

    def counted(self, *texts: str, sound_first: bool = False) -> list[str]:
        """What counts as said when a client that came back sends these texts."""
        turns = [turn(number, Speaker.CANDIDATE, text) for number, text in enumerate(self.SAID)]
        turns.append(turn(len(turns), Speaker.INTERVIEWER, "Which tree do you like?"))
        bench = Bench(ready=replace(READY, resumed=True, turns=tuple(turns)))
        if sound_first:
            bench.receive("input_audio_buffer.append", audio=base64_of(sound(20)))
        found = []
        for text in texts:
            before = len(bench.events)
            parts = bench.receive("conversation.item.create", item=typed(text))
            assert kinds(bench.events[before:]) == [
                "conversation.item.added",
                "conversation.item.done",
            ]
            found += [part.text for part in parts if isinstance(part, TextTyped)]
        return found

    @pytest.mark.parametrize(
        ("sent", "counted"),
        [
            (SAID, []),
            ((*SAID, "The oak."), ["The oak."]),
            (("i build bridges", "YES"), []),
            (SAID[2:], []),
            (("The oak.",), ["The oak."]),
            (("Yes.",), ["Yes."]),
            (("The oak.", "I build bridges."), ["The oak.", "I build bridges."]),
            ((*SAID, *SAID), list(SAID)),
        ],
    )
    def test_what_is_on_record_counts_once(self, sent: tuple[str, ...], counted: list[str]) -> None:
        assert self.counted(*sent) == counted

    def test_after_a_sound_it_is_said_anew(self) -> None:
        assert self.counted(self.SAID[0], sound_first=True) == [self.SAID[0]]
