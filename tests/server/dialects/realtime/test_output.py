"""The interviewer over the Realtime protocol: responses, cancelled, truncated, and gone on with."""

import base64
from typing import Any

import pytest

from sessions.leg import CaptionNote, FlushDone, InterruptRequested
from sessions.turntaking.turns import Speaker
from tests.server.dialects.realtime.realtime_wire import (
    BEGUN,
    DONE,
    SAMPLES_MS,
    Bench,
    kinds,
    sound,
)


@pytest.fixture
def bench() -> Bench:
    return Bench()


class TestReplies:
    def test_a_reply_is_a_response_from_thought_to_its_end(self, bench: Bench) -> None:
        told = [*bench.state("quiet/thinking"), *bench.replies(text="I see.")]
        told += [*bench.shows("I see. And then?"), *bench.plays(100), *bench.mark()]
        assert kinds(told) == [
            *BEGUN,
            "response.output_audio.delta",
            "response.output_audio_transcript.delta",
            "response.output_audio_transcript.delta",
            "response.output_audio.delta",
            *DONE,
        ]
        done = told[-1]["response"]
        assert (done["status"], done["status_details"]) == ("completed", {"type": "completed"})
        (item,) = done["output"]
        assert item["content"] == [{"type": "output_audio", "transcript": "I see. And then?"}]
        deltas = bench.of_type("response.output_audio_transcript.delta")
        assert "".join(event["delta"] for event in deltas) == "I see. And then?"
        ids = {event["response_id"] for event in told if "response_id" in event}
        assert ids == {done["id"]} == {told[0]["response"]["id"]}

    def test_its_sound_is_the_voices_to_the_bit(self, bench: Bench) -> None:
        bench.begin(1)
        data = sound(500)
        for at in range(0, len(data), 4_800):
            bench._written(bench.dialect.audio(data[at : at + 4_800]))
        bench.mark()
        deltas = bench.of_type("response.output_audio.delta")
        assert b"".join(base64.b64decode(event["delta"]) for event in deltas) == data

    def test_one_that_was_never_thought_about_begins_at_once(self, bench: Bench) -> None:
        assert kinds(bench.begin(1)) == BEGUN

    def test_a_voice_over_it_ends_it_after_the_client_was_told(self, bench: Bench) -> None:
        bench.replies()
        assert bench.flush() == []
        told = bench.state("speaking/held")
        assert kinds(told) == ["input_audio_buffer.speech_started", *DONE]
        response = told[-1]["response"]
        assert response["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
        assert response["output"][0]["status"] == "incomplete"

    def test_what_goes_on_after_a_hum_is_a_response_of_its_own(self, bench: Bench) -> None:
        first = bench.replies(ms=1_000, text="One two three.")
        bench.plays(300)
        bench.shows("One two three. Four five six.")
        bench.plays(500)
        bench.flush()
        bench.state("speaking/held")
        bench.state("quiet/speaking")
        told = bench.begin(1, offset_ms=1_400)
        assert kinds(told) == [*BEGUN, "response.output_audio_transcript.delta"]
        assert told[-1]["delta"] == "Four five six."
        assert told[-1]["item_id"] != first[1]["item"]["id"]
        bench.plays(400)
        bench.shows("One two three. Four five six. Seven.")
        done = bench.mark()[-1]["response"]
        assert done["output"][0]["content"][0]["transcript"] == "Four five six. Seven."

    def test_a_thought_that_is_thrown_away_ends_without_an_item(self, bench: Bench) -> None:
        bench.state("quiet/thinking")
        told = bench.state("speaking/idle")
        assert kinds(told) == ["input_audio_buffer.speech_started", "response.done"]
        response = told[-1]["response"]
        assert (response["output"], response["status"]) == ([], "cancelled")
        assert kinds(bench.begin(2)) == BEGUN

    def test_stopped_by_the_server_no_reason_is_invented(self, bench: Bench) -> None:
        bench.replies()
        bench.flush()
        response = bench.state("quiet/idle")[-1]["response"]
        assert response["status_details"] == {"type": "cancelled"}

    def test_a_flush_after_its_end_ends_nothing_twice(self, bench: Bench) -> None:
        bench.replies()
        bench.mark()
        bench.flush()
        assert kinds(bench.state("speaking/held")) == ["input_audio_buffer.speech_started"]

    def test_what_comes_without_a_response_is_nothing(self, bench: Bench) -> None:
        assert bench.plays(100) == bench.mark() == bench.shows("Late.") == []

    def test_the_words_that_were_heard_are_not_told_twice(self, bench: Bench) -> None:
        bench.replies()
        final = CaptionNote(Speaker.INTERVIEWER, "reply-1", "I see.", final=True)
        assert bench.note(final) == []

    def test_an_item_that_is_looked_at_later_has_the_words_that_were_heard(
        self, bench: Bench
    ) -> None:
        item_id = bench.replies(text="I see. And what then?")[1]["item"]["id"]
        bench.flush()
        bench.state("speaking/held")
        bench.receive(
            "conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=400
        )
        bench.note(CaptionNote(Speaker.INTERVIEWER, "reply-1", "I see.", final=True))
        bench.receive("conversation.item.retrieve", item_id=item_id)
        item = bench.events[-1]["item"]
        assert item["content"] == [{"type": "output_audio", "transcript": "I see."}]
        assert item["status"] == "incomplete"


class TestNumbersOfClients:
    @pytest.mark.parametrize(
        ("end_ms", "heard_ms"),
        [(400, 400), (400.4, 400), (399.6, 400), (-11, 0), (-0.2, 0), (1e-9, 0), (499.9999, 500)],
    )
    def test_a_truncation_is_taken_whatever_arithmetic_the_client_has_done(
        self, bench: Bench, end_ms: float, heard_ms: int
    ) -> None:
        item_id = bench.replies()[1]["item"]["id"]
        bench.plays(500)
        parts = bench.receive(
            "conversation.item.truncate", item_id=item_id, content_index=0.0, audio_end_ms=end_ms
        )
        (flushed,) = [part for part in parts if isinstance(part, FlushDone)]
        assert flushed.samples == heard_ms * SAMPLES_MS

    @pytest.mark.parametrize("end_ms", [10**400, 1e308, 2**63, 100_000])
    def test_more_than_there_is_is_refused(self, bench: Bench, end_ms: float) -> None:
        item_id = bench.replies()[1]["item"]["id"]
        bench.receive(
            "conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=end_ms
        )
        assert bench.events[-1]["error"]["param"] == "audio_end_ms"


class TestCancelling:
    def test_a_reply_falls_silent_and_its_response_says_why(self, bench: Bench) -> None:
        bench.replies()
        assert bench.receive("response.cancel") == [InterruptRequested()]
        bench.flush()
        response = bench.state("quiet/idle")[-1]["response"]
        assert response["status_details"]["reason"] == "client_cancelled"
        bench.replies(2)
        bench.flush(2)
        response = bench.state("speaking/held")[-1]["response"]
        assert response["status_details"]["reason"] == "turn_detected"

    def test_by_its_id_too(self, bench: Bench) -> None:
        response_id = bench.replies()[0]["response"]["id"]
        assert bench.receive("response.cancel", response_id=response_id) == [InterruptRequested()]
        assert bench.receive("response.cancel", response_id="resp_other", event_id="mine") == []
        assert bench.errors[-1]["code"] == "response_cancel_not_active"
        assert bench.errors[-1]["event_id"] == "mine"

    def test_while_nobody_speaks_there_is_nothing_to_cancel(self, bench: Bench) -> None:
        assert bench.receive("response.cancel") == []
        assert bench.errors[-1]["code"] == "response_cancel_not_active"


class TestTruncating:
    def test_it_tells_what_was_heard(self, bench: Bench) -> None:
        item_id = bench.replies(generation=4)[1]["item"]["id"]
        bench.flush(4)
        bench.state("speaking/held")
        told = bench.receive(
            "conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=420
        )
        assert told == [FlushDone(4, 420 * SAMPLES_MS)]
        (truncated,) = bench.of_type("conversation.item.truncated")
        assert (truncated["item_id"], truncated["audio_end_ms"]) == (item_id, 420)

    def test_of_what_went_on_it_counts_from_there(self, bench: Bench) -> None:
        bench.replies()
        bench.flush()
        bench.state("speaking/held")
        item_id = bench.begin(1, offset_ms=700)[1]["item"]["id"]
        bench.plays(600)
        bench.mark()
        told = bench.receive(
            "conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=600
        )
        assert told == [FlushDone(1, 1_300 * SAMPLES_MS)]

    def test_of_what_is_being_spoken_it_asks_for_silence(self, bench: Bench) -> None:
        item_id = bench.replies()[1]["item"]["id"]
        told = bench.receive(
            "conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=0
        )
        assert told == [InterruptRequested(), FlushDone(1, 0)]
        bench.flush()
        reason = bench.state("quiet/idle")[-1]["response"]["status_details"]["reason"]
        assert reason == "client_cancelled"

    def test_of_an_older_item_it_is_taken_note_of(self, bench: Bench) -> None:
        item_id = bench.replies()[1]["item"]["id"]
        bench.mark()
        bench.replies(2)
        told = bench.receive(
            "conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=10
        )
        assert told == []
        assert len(bench.of_type("conversation.item.truncated")) == 1

    @pytest.mark.parametrize(
        ("fields", "param"),
        [
            ({"item_id": "item_unknown"}, "item_id"),
            ({"content_index": 1}, "content_index"),
            ({"audio_end_ms": 1_001}, "audio_end_ms"),
        ],
    )
    def test_what_was_never_sent_was_never_heard(
        self, bench: Bench, fields: dict[str, Any], param: str
    ) -> None:
        item_id = bench.replies(ms=1_000)[1]["item"]["id"]
        whole = {"item_id": item_id, "content_index": 0, "audio_end_ms": 1_000}
        assert bench.receive("conversation.item.truncate", **(whole | fields)) == []
        assert (bench.errors[-1]["code"], bench.errors[-1]["param"]) == ("invalid_value", param)
