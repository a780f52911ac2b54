"""Webhook requests: a vendor's first step, which asks the application what to do with a call."""

import re
import time
from html import unescape
from uuid import uuid4

import httpx
import jwt

from server.simulator.stream_wires import ACCOUNT
from server.simulator.wire import CallDetails, WireError
from server.telephony.twilio_signature import sign

TO = "+15005550006"


async def request_webhook(
    dialect: str, url: str, details: CallDetails
) -> tuple[str, dict[str, str]]:
    """Return the address of the socket, and what the answer gives the bridge to pass on.

    Raises WireError for an answer that does not connect the call, httpx.HTTPError.
    """
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        match dialect:
            case "twilio":
                form = _twilio_form(details)
                signature = sign(details.secret, url, form.items())
                return _twiml(
                    await client.post(url, data=form, headers={"X-Twilio-Signature": signature})
                )
            case "vonage":
                query = _vonage_query(details)
                bearer = {"Authorization": f"Bearer {_vonage_token(details.secret)}"}
                return _ncco(await client.get(url, params=query, headers=bearer))
            case _:
                raise WireError(f"Webhooks of {dialect} are not asked: name the socket's address.")


def _twilio_form(details: CallDetails) -> dict[str, str]:
    return {
        "AccountSid": details.given.get("account", ACCOUNT),
        "CallSid": details.ref,
        "From": details.number,
        "To": TO,
        "CallStatus": "in-progress",
    }


def _vonage_query(details: CallDetails) -> dict[str, str]:
    ours = {"to": TO[1:], "from": details.number.lstrip("+"), "uuid": str(uuid4())}
    return ours | {"conversation_uuid": details.ref}


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
