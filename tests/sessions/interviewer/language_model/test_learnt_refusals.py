"""What servers refuse: learnt once for all sessions, changed as little as possible, and told."""

import json
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from sessions.interviewer.language_model.learnt_refusals import (
    all_learnt,
    learn,
    without_system,
)
from sessions.interviewer.language_model.openai_chat import ChatCompletions
from tests.sessions.interviewer.language_model.test_refusals import CHUNKS

EFFORT = (
    "Unsupported value: 'reasoning_effort' does not support '{}' with this model."
    " Supported values are: {}."
)
MESSAGES = [
    {"role": "system", "content": "You interview."},
    {"role": "user", "content": "Hello."},
    {"role": "assistant", "content": "Hi."},
    {"role": "user", "content": "Bye."},
]


class Server:
    """A server that answers with `refuse(body)`, or a reply where that is ""."""

    def __init__(self, refuse: Any) -> None:
        self.refuse = refuse
        self.asked: list[dict[str, Any]] = []

    def client(self) -> ChatCompletions:
        """One of a session of its own."""
        client = ChatCompletions("sk-secret-key", "http://picky/v1", max_retries=0)
        client._client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        return client

    def _answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        self.asked.append(body)
        if problem := self.refuse(body):
            return httpx.Response(400, json={"error": {"message": problem}})
        return httpx.Response(200, content=CHUNKS)


async def reply(client: ChatCompletions, model: str = "m", **options: Any) -> str:
    body = {"model": model, "messages": MESSAGES, **options}
    return "".join([chunk.text async for chunk in client.stream(body)])


async def test_what_one_session_learns_every_session_knows_and_it_is_logged_once() -> None:
    server = Server(lambda body: "Unknown parameter: temperature" if "temperature" in body else "")
    with capture_logs() as logged:
        for _ in range(3):
            assert await reply(server.client(), temperature=0.2) == "Hello."
    assert ["temperature" in body for body in server.asked] == [True, False, False, False]
    assert [entry["refused"] for entry in logged] == ["temperature left out"]
    assert all_learnt() == {("picky", "m"): "temperature left out"}
    await reply(server.client(), "other", temperature=0.2)
    assert "temperature" in server.asked[-2], "another model may take it"


@pytest.mark.parametrize(
    ("supported", "sent"),
    [
        ("'low', 'medium', and 'high'", "low"),
        ("'minimal', 'low', 'medium'", "minimal"),
        ("'medium'", "medium"),
        ("nothing that is known", None),
    ],
)
async def test_an_effort_that_is_refused_is_changed_to_the_quickest_that_is_not(
    supported: str, sent: str | None
) -> None:
    def refuse(body: dict[str, Any]) -> str:
        effort = body.get("reasoning_effort")
        return "" if effort in (None, sent) else EFFORT.format(effort, supported)

    server = Server(refuse)
    assert await reply(server.client(), reasoning_effort="none") == "Hello."
    assert server.asked[-1].get("reasoning_effort") == sent
    await reply(server.client(), reasoning_effort="none")
    assert len(server.asked) == 3


async def test_a_server_that_refuses_every_effort_gets_none() -> None:
    def refuse(body: dict[str, Any]) -> str:
        effort = body.get("reasoning_effort")
        return EFFORT.format(effort, "'low', 'high'") if effort else ""

    server = Server(refuse)
    assert await reply(server.client(), reasoning_effort="none") == "Hello."
    assert [b.get("reasoning_effort") for b in server.asked] == ["none", "low", None]


@pytest.mark.parametrize(
    "problem",
    [
        "System role not supported",
        "system messages are not supported by this model",
        "Conversation roles must alternate user/assistant/user/assistant/...",
        "Only user and assistant roles are supported!",
        "Conversations must start with a user prompt.",
    ],
)
async def test_a_template_without_a_system_role_gets_the_instructions_from_the_user(
    problem: str,
) -> None:
    server = Server(lambda body: problem if body["messages"][0]["role"] == "system" else "")
    assert await reply(server.client()) == "Hello."
    assert server.asked[-1]["messages"] == [
        {"role": "user", "content": "You interview.\n\nHello."},
        *MESSAGES[2:],
    ]
    await reply(server.client())
    assert len(server.asked) == 3


def test_without_the_system_the_user_comes_first() -> None:
    assert without_system(MESSAGES[:1]) == [{"role": "user", "content": "You interview."}]
    assert without_system(MESSAGES[1:]) == MESSAGES[1:]
    assert without_system([MESSAGES[0], MESSAGES[2]])[0]["role"] == "user"


def test_what_is_known_already_is_not_told_again() -> None:
    with capture_logs() as logged:
        learn("s", "m", {"stream_options": None})
        learn("s", "m", {"stream_options": None})
        learn("s", "m", {})
    assert len(logged) == 1
