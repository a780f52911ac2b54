"""Vonage's and Telnyx's webhooks: who may ask, what is answered, a call that is taken up again."""

import hashlib
import json
import re
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import jwt
import pytest
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from websockets.asyncio.client import connect

from server.settings import Settings
from sessions.session_context import Providers
from tests.fakes.ed25519_signer import Signer
from tests.seeding import SeededInterview
from tests.server.edge import SHORT_PLAN, Edge, open_edge
from tests.server.stage import make_settings

Seed = Callable[..., Awaitable[SeededInterview]]

SECRET = "the signature secret of an account, for tests"
SIGNER = Signer(bytes(range(32)))
CALLER = "+441632960961"
CALL = "CON-f972836a-550f-45fa-956c-12a2ab5b7d22"


@pytest.fixture
async def edge(
    clean_database: AsyncEngine, database_url: str, local_providers: Providers, tmp_path: Path
) -> AsyncIterator[Edge]:
    settings = make_settings(
        tmp_path,
        vonage_signature_secret=SECRET,
        telnyx_public_key=b64encode(SIGNER.public).decode(),
    )
    providers = replace(local_providers, ahead_ms=60_000.0)
    async with open_edge(settings, database_url, providers) as opened:
        yield opened


def signed(body: bytes = b"", **changes: Any) -> dict[str, str]:
    """The header of a request of Vonage's; a change to None leaves a claim out."""
    claims: dict[str, Any] = {"iss": "Vonage", "iat": int(time.time()), "jti": uuid4().hex}
    if body:
        claims["payload_hash"] = hashlib.sha256(body).hexdigest()
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    return {"Authorization": f"Bearer {jwt.encode(claims, SECRET, 'HS256')}"}


async def vonage(edge: Edge, path: str, **fields: str) -> httpx.Response:
    """A signed POST."""
    body = json.dumps({"conversation_uuid": CALL} | fields).encode()
    url = f"/bridges/vonage/{path}"
    return await edge.client.post(url, content=body, headers=signed(body))


class TestVonage:
    async def test_the_answer_connects_the_call_with_its_ticket(self, edge: Edge) -> None:
        query = {"from": CALLER[1:], "to": "15005550006", "conversation_uuid": CALL}
        url = "/bridges/vonage/answer"
        answer = await edge.client.get(url, params=query, headers=signed())
        (action,) = answer.json()
        (endpoint,) = action["endpoint"]
        assert (action["action"], action["eventType"]) == ("connect", "synchronous")
        assert endpoint["uri"] == f"ws{edge.base_url[4:]}/bridges/vonage/stream"
        assert endpoint["headers"]["call"] == CALL
        assert len(endpoint["headers"]["call_ticket"]) > 30
        call = await edge.viva.services.store.calls.find("vonage", CALL)
        assert call is not None
        assert call.number == CALLER

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Authorization": "Bearer no.token.atall"},
            {"Authorization": "Basic dml2YTp2aXZh"},
            signed(iat=None),
            signed(iat=int(time.time()) - 3_600),
            signed(iat="now"),
            {"Authorization": f"Bearer {jwt.encode({'iat': 1}, SECRET + '!', 'HS256')}"},
            {"Authorization": f"Bearer {jwt.encode({'iat': 1}, '', 'none')}"},
        ],
    )
    async def test_who_is_not_vonage_is_refused(self, edge: Edge, headers: dict[str, str]) -> None:
        query = {"from": CALLER, "conversation_uuid": CALL}
        refused = await edge.client.get("/bridges/vonage/answer", params=query, headers=headers)
        assert refused.status_code == 403
        assert await edge.viva.services.store.calls.find("vonage", CALL) is None

    async def test_a_signature_is_of_one_body_alone(self, edge: Edge) -> None:
        body = json.dumps({"conversation_uuid": CALL}).encode()
        for headers in (signed(body + b" "), signed(), signed(body, payload_hash=7)):
            refused = await edge.client.post(
                "/bridges/vonage/answer", content=body, headers=headers
            )
            assert refused.status_code == 403
        assert (await vonage(edge, "answer")).status_code == 200

    async def test_a_token_of_a_request_without_a_body_is_good_for_one_query(
        self, edge: Edge
    ) -> None:
        url, headers = "/bridges/vonage/answer", signed()
        query = {"from": CALLER[1:], "conversation_uuid": CALL}
        for again in range(2):  # Vonage repeats what was not answered in time
            answer = await edge.client.get(url, params=query, headers=headers)
            assert answer.status_code == 200, again
        for changes in ({"from": "15550001111"}, {"conversation_uuid": "CON-other"}, {"x": "1"}):
            refused = await edge.client.get(url, params=query | changes, headers=headers)
            assert refused.status_code == 403
        nameless = await edge.client.get(url, params=query, headers=signed(jti=None))
        assert nameless.status_code == 403

    async def test_a_query_beside_a_signed_body_counts_for_nothing(self, edge: Edge) -> None:
        body = json.dumps({"conversation_uuid": CALL}).encode()
        url = "/bridges/vonage/answer?from=441632960961"
        await edge.client.post(url, content=body, headers=signed(body))
        call = await edge.viva.services.store.calls.find("vonage", CALL)
        assert call is not None
        assert call.number == ""

    @pytest.mark.parametrize("body", [b"no json", b"[]", b"{}", b"\xff\xfe"])
    async def test_signed_nonsense_is_refused_too(self, edge: Edge, body: bytes) -> None:
        refused = await edge.client.post(
            "/bridges/vonage/event", content=body, headers=signed(body)
        )
        assert refused.status_code == 403

    async def test_a_lost_socket_gets_another_until_the_call_is_over(self, edge: Edge) -> None:
        first = (await vonage(edge, "answer")).json()
        lost = {"direction": "outbound", "status": "disconnected"}
        again = (await vonage(edge, "event", **lost)).json()
        tickets = [ncco[0]["endpoint"][0]["headers"]["call_ticket"] for ncco in (first, again)]
        assert tickets[0] != tickets[1]
        assert (await vonage(edge, "event", status="ringing")).json() == []
        assert (await vonage(edge, "event", status="completed")).json() == []
        assert (await vonage(edge, "event", **lost)).json() == []
        call = await edge.viva.services.store.calls.find("vonage", CALL)
        assert call is not None
        assert call.end_reason == "completed"

    async def test_sockets_that_are_lost_again_and_again_are_opened_ever_more_slowly(
        self, edge: Edge
    ) -> None:
        lost = {"direction": "outbound", "status": "disconnected"}
        await vonage(edge, "answer")
        second, third, fourth = [(await vonage(edge, "event", **lost)).json() for _ in range(3)]
        assert [action["action"] for action in second] == ["connect"]
        assert third[0]["text"] == '<speak><break time="1s"/></speak>'
        assert [action["action"] for action in fourth] == ["talk", "connect"]

    async def test_a_caller_who_opened_the_page_is_told_and_let_go(self, edge: Edge) -> None:
        await vonage(edge, "answer")
        store = edge.viva.services.store
        call = await store.calls.find("vonage", CALL)
        assert call is not None
        await store.calls.set_status(call.id, "ended", end_reason="opened_elsewhere")
        answer = await vonage(edge, "event", direction="outbound", status="disconnected")
        (action,) = answer.json()
        assert action["action"] == "talk"
        assert "where you have opened it" in action["text"]

    async def test_of_a_call_that_nobody_knows_nothing_is_said(self, edge: Edge) -> None:
        assert (await vonage(edge, "event", status="completed")).json() == []


async def telnyx(
    edge: Edge, path: str, *, at: float | None = None, **fields: str
) -> httpx.Response:
    """A signed form."""
    body = urlencode({"CallSid": CALL, "From": CALLER} | fields).encode()
    stamp = str(int(time.time() if at is None else at))
    signature = b64encode(SIGNER.sign(f"{stamp}|".encode() + body)).decode()
    headers = {"telnyx-timestamp": stamp, "telnyx-signature-ed25519": signature}
    return await edge.client.post(f"/bridges/telnyx/{path}", content=body, headers=headers)


class TestTelnyx:
    async def test_the_call_is_connected_both_ways_and_asked_for_again(self, edge: Edge) -> None:
        texml = (await telnyx(edge, "voice")).text
        assert f'url="ws{edge.base_url[4:]}/bridges/telnyx/stream"' in texml
        assert 'bidirectionalMode="rtp"' in texml
        assert 'name="call_ticket"' in texml
        assert f"{edge.base_url}/bridges/telnyx/after?step=1</Redirect>" in texml
        again = (await telnyx(edge, "after?step=1")).text
        assert "after?step=2" in again
        assert (await telnyx(edge, "after?step=1")).text.count("<Hangup/>") == 1, "a repetition"
        assert (await telnyx(edge, "status", CallStatus="completed")).status_code == 204
        assert "<Hangup/>" in (await telnyx(edge, "after?step=2")).text

    async def test_a_foreign_format_ends_the_call_with_a_sentence_and_is_named_in_the_log(
        self, edge: Edge
    ) -> None:
        texml = (await telnyx(edge, "voice")).text
        (ticket,) = re.findall(r'name="call_ticket" value="([^"]+)"', texml)
        start = {
            "call_control_id": CALL,
            "custom_parameters": {"call_ticket": ticket},
            "media_format": {"encoding": "G722", "sample_rate": 16000, "channels": 1},
        }
        with structlog.testing.capture_logs() as logs:
            async with connect(f"ws{edge.base_url[4:]}/bridges/telnyx/stream", proxy=None) as line:
                await line.send(json.dumps({"event": "start", "stream_id": "1", "start": start}))
                await line.wait_closed()
        assert line.close_code == 4415
        (told,) = [entry["problem"] for entry in logs if entry.get("code") == "wrong_format"]
        assert "G722" in told
        assert "stream_codec" in told
        after = (await telnyx(edge, "after?step=1")).text
        assert "cannot be held over this line" in after
        assert "<Hangup/>" in after
        assert "<Stream" not in after

    async def test_an_interview_that_is_over_is_not_taken_up_again(
        self, edge: Edge, seed_interview: Seed
    ) -> None:
        interview = await seed_interview(plan_document=SHORT_PLAN, candidate_phone=CALLER)
        await telnyx(edge, "voice")
        store = edge.viva.services.sessions
        context = await store.open_session(interview.interview_id)
        await store.end_session(context.session_id, "completed", completed=True)
        assert "<Hangup/>" in (await telnyx(edge, "after?step=1")).text

    @pytest.mark.parametrize("at", [0.0, 10_000_000_000.0])
    async def test_an_old_signature_counts_no_more(self, edge: Edge, at: float) -> None:
        assert (await telnyx(edge, "voice", at=at)).status_code == 403

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"telnyx-timestamp": "now", "telnyx-signature-ed25519": "AAAA"},
            {"telnyx-timestamp": str(int(time.time()))},
            {"telnyx-timestamp": str(int(time.time())), "telnyx-signature-ed25519": "!"},
            {"telnyx-timestamp": str(int(time.time())), "telnyx-signature-ed25519": "A" * 88},
        ],
    )
    async def test_who_is_not_telnyx_is_refused(self, edge: Edge, headers: dict[str, str]) -> None:
        body = urlencode({"CallSid": CALL})
        refused = await edge.client.post("/bridges/telnyx/voice", content=body, headers=headers)
        assert refused.status_code == 403

    @pytest.mark.parametrize("key", ["short", "e6o=", "!" * 44])
    def test_a_key_that_is_none_is_told_at_the_start(self, key: str, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="44 characters"):
            Settings(data_dir=tmp_path, telnyx_public_key=key)
