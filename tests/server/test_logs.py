"""Logs: one shape for all lines, the context on each, no secret on any."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any, Literal

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from server.logs import REDACTED, configure_logging, get_logger, redact_text
from tests.server.logged import logging_restored

TOKEN = "Zk3vN0pJ1nq6yRr8mC2t5xW7aB4dE9fGhIjKlMnOpQr"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    with logging_restored():
        yield


class Lines(io.StringIO):
    """A stream whose lines are read back as JSON."""

    def __init__(self, terminal: bool = False) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def only(self) -> dict[str, Any]:
        [record] = self.records()
        return record


def configured(
    log_format: Literal["auto", "console", "json"] = "json",
    level: str = "info",
    *,
    terminal: bool = False,
) -> Lines:
    lines = Lines(terminal)
    configure_logging(level, log_format, lines)
    return lines


def test_a_line_is_json_with_time_level_and_name() -> None:
    lines = configured()
    get_logger("viva.test").info("something happened", turns=3)
    record = lines.only()
    assert record["event"] == "something happened"
    assert record["level"] == "info"
    assert record["logger"] == "viva.test"
    assert record["turns"] == 3
    assert record["timestamp"].endswith("Z")


def test_what_is_bound_stands_on_every_line_also_on_a_librarys() -> None:
    lines = configured()
    with structlog.contextvars.bound_contextvars(session_id="s1", request_id="r1"):
        get_logger("ours").info("one")
        logging.getLogger("theirs").warning("two %d", 2)
    first, second = lines.records()
    assert (first["session_id"], second["session_id"]) == ("s1", "s1")
    assert second["request_id"] == "r1"
    assert (second["event"], second["logger"], second["level"]) == ("two 2", "theirs", "warning")


async def test_concurrent_sessions_keep_their_ids_apart() -> None:
    lines = configured()
    barrier = asyncio.Barrier(3)

    async def session(name: str) -> None:
        with structlog.contextvars.bound_contextvars(session_id=name):
            await barrier.wait()
            get_logger("ours").info(name)

    await asyncio.gather(*(session(name) for name in "abc"))
    assert all(record["event"] == record["session_id"] for record in lines.records())


def test_uvicorns_lines_have_the_same_shape_and_its_access_lines_are_left_out() -> None:
    lines = configured()
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
    logging.getLogger("uvicorn.access").info("GET /join/%s", TOKEN)
    assert lines.only()["event"] == "Started server process [7]"


def test_the_level_is_kept_and_chatty_libraries_only_warn() -> None:
    lines = configured(level="warning")
    get_logger("ours").info("not this")
    get_logger("ours").warning("this")
    configure_logging("debug", "json", lines)
    logging.getLogger("httpx").info("not this")
    assert [record["event"] for record in lines.records()] == ["this"]


def test_auto_is_json_in_a_file_and_text_on_a_terminal() -> None:
    in_file = configured("auto")
    get_logger("ours").info("hello")
    assert in_file.only()["event"] == "hello"
    on_terminal = configured("auto", terminal=True)
    get_logger("ours").info("hello", turns=3)
    assert "hello" in on_terminal.getvalue()
    assert not on_terminal.getvalue().startswith("{")


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_an_exception_is_written_without_its_secrets(
    log_format: Literal["json", "console"],
) -> None:
    lines = configured(log_format)
    try:
        raise ValueError(f"could not open http://host/join/{TOKEN}")
    except ValueError:
        get_logger("ours").exception("failed")
        logging.getLogger("theirs").exception("failed, too")
    text = lines.getvalue()
    assert text.count("Traceback") == 2
    assert text.count("ValueError") >= 2
    assert TOKEN not in text


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "new_password",
        "token",
        "join_token",
        "access_token",
        "Authorization",
        "ticket",
        "secret",
        "set-cookie",
        "api_key",
        "openai_api_key",
    ],
)
@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_field_named_like_a_secret_is_not_written(
    name: str, log_format: Literal["json", "console"]
) -> None:
    lines = configured(log_format)
    get_logger("ours").info("deep", outer=[{name: "hush hush"}], **{name: "hush hush"})
    logging.getLogger("theirs").info("flat", extra={name: "hush hush"})
    assert "hush" not in lines.getvalue()
    assert lines.getvalue().count(REDACTED) == 3


def test_counts_of_tokens_are_no_secrets() -> None:
    lines = configured()
    get_logger("ours").info("usage", input_tokens=120, tokens=7)
    assert lines.only()["input_tokens"] == 120
    assert lines.only()["tokens"] == 7


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"GET /join/{TOKEN} 200", TOKEN),
        (f"https://host/join/{TOKEN}?x=1", TOKEN),
        (f"Authorization: Bearer {JWT}", JWT),
        (f"got {JWT}", JWT),
        (f"/ws/interview?ticket={TOKEN}&x=1", TOKEN),
        (f"?token={TOKEN}", TOKEN),
        ("postgresql+asyncpg://viva:hush@host:5432/viva", "hush"),
        ("key sk-proj-abcdefghijklmnopqrst refused", "sk-proj-abcdefghijklmnopqrst"),
    ],
)
def test_secrets_inside_text_are_taken_out(text: str, secret: str) -> None:
    lines = configured()
    get_logger("ours").info("note", text=text, items=(text, {"inner": text}))
    logging.getLogger("theirs").info(text)
    assert secret not in lines.getvalue()


def test_the_rest_of_such_a_text_stays() -> None:
    assert redact_text(f"GET /join/{TOKEN}?x=1 200") == f"GET /join/{REDACTED}?x=1 200"
    for path in ("/api/v1/join/ticket", "/api/v1/join/realtime"):
        assert redact_text(f"POST {path} 200") == f"POST {path} 200"
    assert redact_text("postgresql://viva:hush@host/db") == f"postgresql://viva:{REDACTED}@host/db"


@pytest.mark.parametrize(
    "text",
    [
        "called +441632960961",
        "+44 1632 960961",
        "+44-1632-960961.",
        "+44 (0)1632 960961",
        '"WebSocket /bridges/asterisk/stream?call=1.1&caller=%2B441632960961" [accepted]',
        "GET /bridges/vonage/answer?to=15005550006&from=441632960961&x=1",
        "?caller=sip%3A441632960961%40203.0.113.9",
        "%2B44%201632%20960961",
        '"Ada" <sip:441632960961@203.0.113.9>;tag=1',
        "tel:+44-1632-960961;ext=1",
        "Twilio does not place the call: The number +441632960961 is unverified.",
        "{'From': '+441632960961'}",
    ],
)
def test_no_telephone_number_is_written(text: str) -> None:
    digits = "".join(character for character in redact_text(text) if character.isdigit())
    assert "960961" not in digits


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-26T12:48:26+00:00",
        "call=1761245643.1 took 1234567 ms",
        "6f9619ff-8b86-d011-b42d-00c04fc964ff",
        "from 10.0.0.5:40123 to 8000",
        "rose by +12.5 %, then +1234",
    ],
)
def test_what_is_no_telephone_number_stays(text: str) -> None:
    assert redact_text(text) == text


def test_a_field_that_is_a_number_is_not_written_and_the_server_s_own_line_neither() -> None:
    lines = configured()
    get_logger("ours").info("odd", caller="441632960961", number="1001", count=1001)
    logging.getLogger("uvicorn.error").info(
        '%s - "WebSocket %s" [accepted]', ("1.2.3.4", 5), "/x?call=1&caller=%2B441632960961"
    )
    ours, theirs = lines.records()
    assert (ours["caller"], ours["number"], ours["count"]) == (REDACTED, REDACTED, 1001)
    assert "960961" not in str(theirs)
    assert "call=1" in str(theirs)


@given(st.text(alphabet="abcXYZ019-_", min_size=16, max_size=64), st.text(max_size=20))
def test_no_join_token_survives_wherever_it_stands(token: str, around: str) -> None:
    assert token not in redact_text(f"{around} /join/{token}").removeprefix(around)


def test_what_json_does_not_know_is_written_as_text() -> None:
    lines = configured()
    get_logger("ours").info("odd", value=object(), numbers={1: 2.5}, nothing=None)
    record = lines.only()
    assert record["value"].startswith("<object")
    assert record["numbers"] == {"1": 2.5}
    assert record["nothing"] is None


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_what_is_no_character_keeps_no_line_from_being_written(
    log_format: Literal["json", "console"],
) -> None:
    lines = configured(log_format)
    get_logger("viva.test").warning("odd \ud83d", problem="half \ud83d of it", more=["\ude00"])
    logging.getLogger("library").warning("odd %s", "\ud83d")
    try:
        raise ValueError("half \ud83d")
    except ValueError:
        get_logger("viva.test").exception("failed")
    written = lines.getvalue()
    written.encode()
    assert "half  of it" in written
    assert "library" in written
    assert "failed" in written
