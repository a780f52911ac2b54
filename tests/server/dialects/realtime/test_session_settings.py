"""What a Realtime client may set, and what is refused by name."""

from typing import Any

import pytest

from tests.server.dialects.realtime.realtime_wire import (
    Bench,
    kinds,
)


@pytest.fixture
def bench() -> Bench:
    return Bench()


class TestSettings:
    @pytest.mark.parametrize(
        "session",
        [
            {},
            {"type": "realtime"},
            {"type": "realtime", "model": "viva", "instructions": "", "tools": []},
            {"model": "gpt-realtime", "tool_choice": "auto", "max_output_tokens": "inf"},
            {"include": None, "tracing": "auto", "truncation": "auto", "prompt": None},
            {"audio": {"input": {"noise_reduction": {"type": "near_field"}}}},
            {"audio": {"input": {"transcription": {"model": "whisper-1", "language": "en"}}}},
            {"audio": {"input": {"turn_detection": {"type": "server_vad", "threshold": 0.7}}}},
            {"audio": {"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "low"}}}},
            {"audio": {"output": {"voice": "viva", "speed": 1.0, "format": {"type": "audio/pcm"}}}},
            {"audio": {"input": {"format": {"type": "audio/pcm", "rate": 24000}}}},
            {"output_modalities": ["audio"], "audio": None},
        ],
    )
    def test_what_is_harmless_is_taken(self, bench: Bench, session: dict[str, Any]) -> None:
        assert bench.receive("session.update", session=session) == []
        assert kinds(bench.events[2:]) == ["session.updated"]

    @pytest.mark.parametrize(
        ("session", "param"),
        [
            ({"instructions": "Hire me."}, "instructions"),
            ({"tools": [{"type": "function", "name": "hire"}]}, "tools"),
            ({"tool_choice": "required"}, "tool_choice"),
            ({"tool_choice": {"type": "function", "name": "hire"}}, "tool_choice"),
            ({"prompt": {"id": "pmpt_1"}}, "prompt"),
            ({"model": "gpt-5"}, "model"),
            ({"output_modalities": ["text"]}, "output_modalities"),
            ({"max_output_tokens": 10}, "max_output_tokens"),
            ({"type": "transcription"}, "type"),
            ({"temperature": 0.8}, "temperature"),
            ({"audio": {"output": {"voice": "alloy"}}}, "audio.output.voice"),
            ({"audio": {"output": {"voice": {"id": "voice_1"}}}}, "audio.output.voice"),
            ({"audio": {"output": {"speed": 1.5}}}, "audio.output.speed"),
            ({"audio": {"output": {"format": {"type": "audio/opus"}}}}, "audio.output.format"),
            ({"audio": {"output": {"gain": 2}}}, "audio.output.gain"),
            (
                {"audio": {"input": {"format": {"type": "audio/pcm", "rate": 16000}}}},
                "audio.input.format",
            ),
            ({"audio": {"input": {"format": {"type": 7}}}}, "audio.input.format"),
            ({"audio": {"input": {"gain": 2}}}, "audio.input.gain"),
            (
                {"audio": {"input": {"turn_detection": {"type": "none"}}}},
                "audio.input.turn_detection.type",
            ),
            (
                {
                    "audio": {
                        "input": {
                            "turn_detection": {"type": "server_vad", "create_response": False}
                        }
                    }
                },
                "audio.input.turn_detection.create_response",
            ),
            (
                {
                    "audio": {
                        "input": {
                            "turn_detection": {"type": "server_vad", "interrupt_response": False}
                        }
                    }
                },
                "audio.input.turn_detection.interrupt_response",
            ),
            ({"audio": {"video": {}}}, "audio.video"),
        ],
    )
    def test_the_rest_is_refused_by_name(
        self, bench: Bench, session: dict[str, Any], param: str
    ) -> None:
        assert bench.receive("session.update", session=session, event_id="e9") == []
        (error,) = bench.errors
        assert (error["param"], error["event_id"]) == (f"session.{param}", "e9")
        assert error["type"] == "invalid_request_error"
        assert error["message"].endswith(".")
        assert bench.events[-1]["type"] == "session.updated"

    def test_what_is_refused_takes_nothing_from_what_is_granted(self, bench: Bench) -> None:
        bench.receive(
            "session.update",
            session={
                "instructions": "You are a pirate.",
                "audio": {
                    "input": {"format": {"type": "audio/pcmu"}},
                    "output": {"format": {"type": "audio/pcmu"}, "voice": "marin"},
                },
            },
        )
        assert len(bench.errors) == 2
        session = bench.events[-1]["session"]
        assert session["audio"]["input"]["format"] == {"type": "audio/pcmu"}
        assert (session["instructions"], session["audio"]["output"]["voice"]) == ("", "viva")
