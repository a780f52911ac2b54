"""Refusals: a parameter that is not taken is left out, and the provider's reason is told."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from sessions.interviewer.language_model.chat_models import provider_error
from sessions.interviewer.language_model.completion_stream import CompletionError
from sessions.interviewer.language_model.openai_chat import ChatCompletions
from sessions.interviewer.language_model.refusals import reason_in, refused_options

SAID = "I was born in Porto and have three small children."
REQUEST: dict[str, Any] = {
    "model": "m",
    "messages": [{"role": "user", "content": SAID}],
    "temperature": 0.2,
}
CHUNKS = b'data: {"choices":[{"delta":{"content":"Hello."}}]}\n\ndata: [DONE]\n\n'

REFUSALS: list[Any] = [
    {
        "error": {
            "message": "Unknown parameter: 'NAME'.",
            "param": "NAME",
            "code": "unknown_parameter",
        }
    },
    {"error": {"message": "Unsupported value", "param": "NAME", "code": "unsupported_value"}},
    {"message": "NAME is not supported by this model"},
    {"detail": "NAME: extra fields not permitted"},
    {
        "detail": [
            {"type": "extra_forbidden", "loc": ["body", "NAME"], "msg": "Extra inputs", "input": 1}
        ]
    },
    {"errors": [{"field": "NAME", "message": "not allowed"}]},
    {"error": 'json: unknown field "NAME"'},
    "Additional properties are not allowed ('NAME' was unexpected)",
]


class PickyServer:
    """A server that refuses requests with certain parameters, in these words."""

    def __init__(self, refused: dict[str, Any], status: int = 400) -> None:
        self.refused = refused
        self.status = status
        self.asked: list[dict[str, Any]] = []
        self.client = ChatCompletions("sk-secret-key", "http://picky/v1", max_retries=0)
        self.client._client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        self.asked.append(body)
        await asyncio.sleep(0)
        for name, refusal in self.refused.items():
            if name in body:
                text = refusal if isinstance(refusal, str) else json.dumps(refusal)
                return httpx.Response(self.status, text=text.replace("NAME", name))
        return httpx.Response(200, content=CHUNKS)

    async def reply(self) -> str:
        return "".join([chunk.text async for chunk in self.client.stream(REQUEST)])


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("name", ["stream_options", "temperature"])
@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_parameter_that_is_refused_is_left_out_from_then_on(
    refusal: Any, name: str, status: int
) -> None:
    server = PickyServer({name: refusal}, status)
    assert [await server.reply(), await server.reply()] == ["Hello.", "Hello."]
    assert [name in body for body in server.asked] == [True, False, False]
    other = {"stream_options", "temperature"} - {name}
    assert all(other <= set(body) for body in server.asked)


async def test_two_parameters_and_several_first_calls_at_once_are_no_trouble() -> None:
    server = PickyServer({"stream_options": REFUSALS[0], "temperature": REFUSALS[4]})
    assert await asyncio.gather(*[server.reply() for _ in range(4)]) == ["Hello."] * 4
    before = len(server.asked)
    assert await server.reply() == "Hello."
    assert len(server.asked) == before + 1


@pytest.mark.parametrize(
    "vague",
    ["Extra inputs are not permitted", {"error": {"message": "Unrecognized request argument"}}],
)
async def test_a_refusal_that_names_nothing_may_be_of_the_stream_options(vague: Any) -> None:
    server = PickyServer({"stream_options": vague}, 422)
    assert await server.reply() == "Hello."


async def test_another_reason_is_told_at_once_without_what_the_candidate_said() -> None:
    server = PickyServer({"model": {"error": {"message": "This model is for embeddings."}}})
    with pytest.raises(CompletionError) as caught:
        await server.reply()
    assert len(server.asked) == 1
    told = str(provider_error("openai:m", caught.value))
    assert told.endswith("refused the request (HTTP 400): This model is for embeddings.")
    server = PickyServer({"model": {"error": {"message": f"Filtered: {SAID}"}}})
    with pytest.raises(CompletionError) as caught:
        await server.reply()
    assert "Porto" not in str(provider_error("openai:m", caught.value))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"error": {"message": "Bad  value.\n", "type": "x"}}, "Bad value."),
        ({"error": "no such model"}, "no such model"),
        ({"detail": [{"loc": ["body", "top_p"], "msg": "too big"}]}, "body.top_p: too big"),
        ({"message": {"detail": "nested"}}, "nested"),
        ("plain words", "plain words"),
        ("<html><body>Bad gateway</body></html>", ""),
        ({"error": {"message": "Key sk-abcdefghijk is wrong"}}, "Key … is wrong"),
        ({}, ""),
        ([1, None], ""),
    ],
)
def test_the_reason_is_found_in_bodies_of_every_shape(body: Any, reason: str) -> None:
    raw = body if isinstance(body, str) else json.dumps(body)
    assert reason_in(raw.encode()) == reason


def test_a_reason_is_short_and_what_a_reply_needs_is_never_left_out() -> None:
    assert len(reason_in(json.dumps({"message": "word " * 500}).encode())) <= 210
    assert refused_options(REQUEST, b'{"error": {"param": "messages", "message": "bad"}}') == set()
