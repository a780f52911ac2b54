"""A vendor's first step: it asks the application's webhook what to do with a call."""

import re
import time
from html import unescape
from uuid import uuid4

import httpx
import jwt

from server.simulator.stream_wires import ACCOUNT
from server.simulator.wire import CallFacts, WireError
from server.telephony.twilio_signature import sign

TO = "+15005550006"


async def ask_webhook(dialect: str, url: str, facts: CallFacts) -> tuple[str, dict[str, str]]:
    """The address of the socket, and what the answer gives the bridge to pass on. Raises WireError
    for an answer that does not connect the call, httpx.HTTPError."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        match dialect:
            case "twilio":
                form = _twilio_form(facts)
                signature = sign(facts.secret, url, form.items())
                return _twiml(
                    await client.post(url, data=form, headers={"X-Twilio-Signature": signature})
                )
            case "vonage":
                query = _vonage_query(facts)
                bearer = {"Authorization": f"Bearer {_vonage_token(facts.secret)}"}
                return _ncco(await client.get(url, params=query, headers=bearer))
            case _:
                raise WireError(f"Webhooks of {dialect} are not asked: name the socket's address.")


def _twilio_form(facts: CallFacts) -> dict[str, str]:
    return {
        "AccountSid": facts.given.get("account", ACCOUNT),
        "CallSid": facts.ref,
        "From": facts.number,
        "To": TO,
        "CallStatus": "in-progress",
    }


def _vonage_query(facts: CallFacts) -> dict[str, str]:
    ours = {"to": TO[1:], "from": facts.number.lstrip("+"), "uuid": str(uuid4())}
    return ours | {"conversation_uuid": facts.ref}


def _vonage_token(secret: str) -> str:
    claims = {"iss": "Vonage", "iat": int(time.time()), "jti": str(uuid4())}
    return jwt.encode(claims, secret, algorithm="HS256")


def _twiml(response: httpx.Response) -> tuple[str, dict[str, str]]:
    response.raise_for_status()
    stream = re.search(r'<Stream url="([^"]*)"', response.text)
    if stream is None:
        raise WireError(f"The webhook does not connect the call: {response.text}")
    given = re.findall(r'<Parameter name="([^"]*)" value="([^"]*)"', response.text)
    return unescape(stream[1]), {unescape(name): unescape(value) for name, value in given}


def _ncco(response: httpx.Response) -> tuple[str, dict[str, str]]:
    response.raise_for_status()
    actions = response.json()
    if not actions or actions[0].get("action") != "connect":
        raise WireError(f"The webhook does not connect the call: {response.text}")
    endpoint = actions[0]["endpoint"][0]
    return endpoint["uri"], endpoint.get("headers", {})
