"""Twilio's webhooks and its stream's admission: who is admitted, and what becomes of a call."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine
from twilio.request_validator import RequestValidator
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from server.sockets import throttle
from server.telephony.twilio import STREAM_PATH
from sessions.record.tables import CallRow
from sessions.session_context import Providers
from tests.fakes.twilio_calls import ACCOUNT, CALLER, Line, Twilio, Twiml, new_sid
from tests.server.edge import Edge, open_edge
from tests.server.stage import make_settings
from tests.server.telephony.conftest import phone_settings


@pytest.fixture(scope="module")
async def phone_edge(
    engine: AsyncEngine,
    database_url: str,
    local_providers: Providers,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Edge]:
    """One server for all: every call has a name of its own, and none is for an interview."""
    settings = phone_settings(tmp_path_factory.mktemp("phones"))
    async with open_edge(settings, database_url, local_providers) as opened:
        yield opened


@pytest.fixture
def call() -> str:
    return new_sid("CA")


class TestWebhooks:
    async def test_a_call_is_connected_to_a_stream_with_a_ticket_and_no_query(
        self, twilio: Twilio, call: str
    ) -> None:
        twiml = await twilio.ring(call)
        assert twiml.verbs == ["Connect"]
        assert twiml.stream_url == twilio.base_url.replace("http", "ws") + STREAM_PATH
        assert len(twiml.parameters["ticket"]) > 40
        assert twiml.action == f"{twilio.base_url}/bridges/twilio/after?step=1"

    @pytest.mark.parametrize("path", ["voice", "after?step=1", "status"])
    async def test_without_the_right_signature_nothing_is_told(
        self, twilio: Twilio, call: str, path: str
    ) -> None:
        url = f"{twilio.base_url}/bridges/twilio/{path}"
        form = {"AccountSid": ACCOUNT, "CallSid": call, "From": CALLER}
        validator = RequestValidator("another token")
        for headers in (
            {},
            {"X-Twilio-Signature": ""},
            {"X-Twilio-Signature": validator.compute_signature(url, form)},
            {"X-Twilio-Signature": twilio.validator.compute_signature(url, {**form, "To": "x"})},
            {"X-Twilio-Signature": twilio.validator.compute_signature(url + "x", form)},
        ):
            response = await twilio.client.post(url, content=urlencode(form), headers=headers)
            assert response.status_code == 403
            assert response.headers["content-type"] == "application/problem+json"

    async def test_another_account_and_a_call_without_a_name_are_refused(
        self, twilio: Twilio, call: str
    ) -> None:
        path = "/bridges/twilio/voice"
        other = await twilio.post(path, AccountSid="AC" + "6" * 32, CallSid=call)
        nameless = await twilio.post(path, From=CALLER)
        endless = await twilio.post(path, CallSid=call, **{f"f{n}": "" for n in range(300)})
        assert [other.status_code, nameless.status_code, endless.status_code] == [403] * 3

    async def test_a_webhook_seen_again_gives_no_second_stream(
        self, twilio: Twilio, call: str
    ) -> None:
        first = await twilio.ring(call)
        repeated = await twilio.ring(call)  # it was not answered in time, perhaps
        assert repeated.parameters["ticket"] != first.parameters["ticket"]
        async with twilio.stream(repeated, call) as line:
            await line.until(lambda: line.heard)
            assert (await twilio.ring(call)).verbs == ["Hangup"]
        again = await twilio.ask(repeated.action, CallSid=call)
        assert again.verbs == ["Connect"]
        assert again.action.endswith("step=2")
        assert (await twilio.ask(repeated.action, CallSid=call)).verbs == ["Hangup"]

    async def test_who_has_hung_up_is_not_connected_again(self, twilio: Twilio, call: str) -> None:
        twiml = await twilio.ring(call)
        over = await twilio.ask(twiml.action, CallSid=call, CallStatus="completed")
        assert over.verbs == ["Hangup"]
        status = await twilio.post("/bridges/twilio/status", CallSid=call, CallStatus="completed")
        assert status.status_code == 204
        assert (await twilio.ask(twiml.action, CallSid=call)).verbs == ["Hangup"]
        assert (await twilio.ring(call)).verbs == ["Hangup"]

    async def test_a_call_nobody_knows_has_no_status_and_nothing_after(
        self, twilio: Twilio, call: str
    ) -> None:
        assert (await twilio.post("/bridges/twilio/status", CallSid=call)).status_code == 204
        assert (await twilio.ask("/bridges/twilio/after?step=1", CallSid=call)).verbs == ["Hangup"]
        assert (await twilio.post("/bridges/twilio/after?step=x", CallSid=call)).status_code == 422

    async def test_without_an_account_there_are_no_such_addresses(self, edge: Edge) -> None:
        response = await edge.client.post("/bridges/twilio/voice", content="CallSid=CA1")
        assert response.status_code == 404

    async def test_behind_a_proxy_the_address_that_twilio_was_given_counts(
        self, database_url: str, local_providers: Providers, tmp_path: Path, phone_edge: Edge
    ) -> None:
        public = phone_edge.viva.settings.model_copy(
            update={"public_url": "https://calls.example.com", "data_dir": tmp_path / "other"}
        )
        async with open_edge(public, database_url, local_providers) as edge:
            twilio = Twilio("https://calls.example.com", edge.client)
            form = {"AccountSid": ACCOUNT, "CallSid": "CA1", "From": CALLER}
            url = "https://calls.example.com/bridges/twilio/voice"
            headers = {"X-Twilio-Signature": twilio.validator.compute_signature(url, form)}
            response = await edge.client.post(
                "/bridges/twilio/voice", content=urlencode(form), headers=headers
            )
            assert response.status_code == 200
            assert 'url="wss://calls.example.com/bridges/twilio/stream"' in response.text


class TestTheStream:
    @pytest.mark.parametrize("signed", [None, "", "https", "/", "token"])
    async def test_an_upgrade_without_the_right_signature_is_refused(
        self, twilio: Twilio, signed: str | None
    ) -> None:
        url = twilio.base_url.replace("http", "ws") + STREAM_PATH
        wrong = {
            "https": twilio.validator.compute_signature(twilio.base_url + STREAM_PATH, {}),
            "/": twilio.validator.compute_signature(url + "/", {}),
            "token": RequestValidator("another token").compute_signature(url, {}),
            "": "",
        }
        headers = {} if signed is None else {"X-Twilio-Signature": wrong[signed]}
        with pytest.raises(InvalidStatus) as refused:
            async with connect(url, additional_headers=headers, proxy=None):
                pass
        assert refused.value.response.status_code == 403

    @pytest.mark.parametrize("ticket", [None, "", "a ticket that nobody ever gave out"])
    async def test_without_its_ticket_no_stream_comes_in(
        self, twilio: Twilio, call: str, ticket: str | None
    ) -> None:
        twiml = await twilio.ring(call)
        changed = with_ticket(twiml, ticket)
        async with twilio.stream(changed, call) as line:
            assert await line.closed() == 4401
        assert not line.heard

    async def test_a_ticket_is_for_its_own_call_for_once_and_for_a_while(
        self, phone_edge: Edge, twilio: Twilio, call: str
    ) -> None:
        twiml = await twilio.ring(call)
        async with twilio.stream(twiml, new_sid("CA")) as line:
            assert await line.closed() == 4401
        async with twilio.stream(twiml, call) as line:
            await line.until(lambda: line.heard)
        async with twilio.stream(twiml, call) as line:
            assert await line.closed() == 4401
        late = new_sid("CA")
        twiml = await twilio.ring(late)
        async with phone_edge.viva.services.engine.begin() as connection:
            past = datetime.now(UTC) - timedelta(seconds=1)
            await connection.execute(update(CallRow).values(ticket_expires_at=past))
        async with twilio.stream(twiml, late) as line:
            assert await line.closed() == 4401

    async def test_a_stream_in_another_format_is_let_go(self, twilio: Twilio, call: str) -> None:
        twiml = await twilio.ring(call)
        url = twiml.stream_url
        headers = {"X-Twilio-Signature": twilio.validator.compute_signature(url, {})}
        async with connect(url, additional_headers=headers, proxy=None) as socket:
            line = Line(socket, call)
            wideband = {"encoding": "audio/l16", "sampleRate": 16000, "channels": 1}
            await line.start(twiml.parameters, mediaFormat=wideband)
            assert await line.closed() == 4415
        after = await twilio.ask(twiml.action, CallSid=call)
        assert after.verbs == ["Say", "Hangup"]
        assert "cannot be held over this line" in after.said

    @pytest.mark.parametrize("event", ["media", "dtmf", "mark", "start", "sing"])
    async def test_the_third_message_that_is_none_closes_the_stream_and_ends_the_call(
        self, twilio: Twilio, call: str, event: str
    ) -> None:
        twiml = await twilio.ring(call)
        async with twilio.stream(twiml, call) as line:
            await line.until(lambda: line.heard)
            for _ in range(3):
                await line.send(event, {"payload": 7})
            assert await line.closed() == 4400
        assert (await twilio.ask(twiml.action, CallSid=call)).verbs == ["Say", "Hangup"]

    async def test_ten_minutes_of_sound_at_once_are_too_much(
        self, twilio: Twilio, call: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(throttle, "CLOSE_ABOVE", 1e9)  # reading pauses for no time
        twiml = await twilio.ring(call)
        async with twilio.stream(twiml, call) as line:
            await line.until(lambda: line.heard)
            payload = "/" * 26_668  # 2.5 s of silence, in base64
            with contextlib.suppress(ConnectionClosed):  # while it is still being sent
                for _ in range(240):
                    await line.send("media", {"payload": payload})
            assert await line.closed() == 4429


def with_ticket(twiml: Twiml, ticket: str | None) -> Twiml:
    """The same with another ticket, or none."""
    (parameter,) = twiml.root.findall("Connect/Stream/Parameter")
    if ticket is None:
        parameter.set("name", "other")
    else:
        parameter.set("value", ticket)
    return twiml


def test_the_settings_must_hold_an_account(tmp_path: Path) -> None:
    assert not make_settings(tmp_path, twilio_account_sid=ACCOUNT).twilio_configured
    assert make_settings(tmp_path, twilio_account_sid="A", twilio_auth_token="t").twilio_configured
