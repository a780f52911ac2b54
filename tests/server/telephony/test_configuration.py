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
