"""`viva bridges`: what is printed leads to this server, and shows no secret."""

import re
from pathlib import Path

import pytest
from starlette.routing import Match
from typer.testing import CliRunner

from server.cli import app
from server.composition import make_viva
from server.telephony.configuration import configurations
from sessions.session_context import Providers
from tests.fakes.dialplan import Dialplan
from tests.server.telephony.conftest import phone_settings

BASE = "https://viva.example.com"


def test_every_address_that_is_printed_is_served(
    local_providers: Providers, database_url: str, tmp_path: Path
) -> None:
    settings = phone_settings(
        tmp_path,
        bridge_token="0123456789abcdef",
        vonage_signature_secret="0123456789abcdef0123456789abcdef",
        telnyx_public_key="e6o+Tm5hbnk3WmFudGhlcmVpc25vc3VjaGtleWhlcmU=",
    )
    viva = make_viva(settings, database_url, local_providers)
    printed = "".join(configurations(BASE).values())
    for scheme in ("https", "wss"):
        paths = set(re.findall(rf"{scheme}://viva\.example\.com([\w/.-]*)", printed))
        assert paths, scheme
        for path in paths - {"", "/v1"}:  # the server itself, and the base of an API
            kind = "http" if scheme == "https" else "websocket"
            scope = {"type": kind, "path": path, "method": "POST", "headers": []}
            found = [route.matches(scope)[0] for route in viva.app.routes]
            assert Match.FULL in found, path


def test_asterisk_is_told_all_it_needs() -> None:
    text = configurations(BASE)["asterisk"]
    assert "uri = wss://viva.example.com/bridges/asterisk/stream" in text
    assert "protocols = media" in text
    assert "tls_enabled = yes" in text
    assert "Dial(WebSocket/viva/c(ulaw)f(json)v(${GIVEN}),,g)" in text
    assert "tls_enabled = no" in configurations("http://127.0.0.1:8000")["asterisk"]


def test_secrets_are_named_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIVA_BRIDGE_TOKEN", "the very secret of them all")
    result = CliRunner().invoke(app, ["bridges", "--url", BASE])
    assert result.exit_code == 0
    assert "the very secret" not in result.output
    assert "VIVA_BRIDGE_TOKEN" in result.output


def test_one_bridge_can_be_asked_for() -> None:
    result = CliRunner().invoke(app, ["bridges", "vonage", "--url", BASE])
    assert "/bridges/vonage/answer" in result.output
    assert "websocket_client.conf" not in result.output
    assert CliRunner().invoke(app, ["bridges", "telegraph", "--url", BASE]).exit_code == 2


class TestTheDialplanOfAsterisk:
    plan = Dialplan(configurations(BASE)["asterisk"])

    @pytest.mark.parametrize("number", ["+441632960961", "441632960961", "12", "s"])
    def test_takes_numbers_with_and_without_a_plus(self, number: str) -> None:
        channel = self.plan.call(number, lambda _: ("ANSWER", 0.1), within_s=10)
        assert channel.dials == [
            "WebSocket/viva/c(ulaw)f(json)v(call=1.1,caller=%2B441632960961),,g"
        ]

    @pytest.mark.parametrize("lasted", [3.0, 600.0])
    @pytest.mark.parametrize("told", [0.05, 0.9])
    def test_lets_a_caller_go_whose_interview_is_over(self, lasted: float, told: float) -> None:
        channel = self.plan.call(
            "+441632960961", lambda n: ("ANSWER", lasted if n == 1 else told), within_s=lasted + 5
        )
        assert len(channel.dials) == 2
        assert channel.tones == ["Ringing"]

    def test_keeps_a_caller_while_the_server_restarts(self) -> None:
        outcomes = [("ANSWER", 60.0), *[("CHANUNAVAIL", 0.1)] * 9, ("ANSWER", 300.0)]

        def dial(number: int) -> tuple[str, float]:
            return (outcomes[number - 1 :] or [("ANSWER", 0.1)])[0]

        assert len(self.plan.call("+441632960961", dial, within_s=400).dials) == 12

    @pytest.mark.parametrize("took", [0.05, 1.7])
    def test_who_is_never_put_through_hears_it_ring_and_then_a_busy_tone(self, took: float) -> None:
        channel = self.plan.call("12", lambda _: ("CHANUNAVAIL", took), within_s=20)
        assert channel.tones == ["Ringing", "Congestion"]
        assert channel.answered_at is None
        assert len(channel.dials) == 4

    def test_who_is_turned_away_at_once_hears_a_busy_tone(self) -> None:
        channel = self.plan.call("12", lambda _: ("ANSWER", 0.1), within_s=10)
        assert channel.tones == ["Ringing", "Congestion"]

    def test_does_not_dial_for_ever_whatever_viva_does(self) -> None:
        channel = self.plan.call("12", lambda _: ("ANSWER", 3.0), within_s=120)
        assert len(channel.dials) == 20

    def test_stands_in_the_documents_as_it_is_printed(self) -> None:
        printed = configurations(BASE)["asterisk"]
        printed = printed[printed.index("exten =>") :]
        documented = Path("docs/bridges.md").read_text()
        assert "\n".join(line and f"   {line}" for line in printed.splitlines()) in documented
