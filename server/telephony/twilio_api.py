"""Twilio's REST API, as far as Viva uses it: placing a call.

https://www.twilio.com/docs/voice/api/call-resource.
"""

import httpx

from server.services import CallNotPlaced

TIMEOUT_S = 10.0

STATUS_EVENTS = ("initiated", "ringing", "answered", "completed")

MACHINE_DETECTION = {"hang_up": "Enable", "leave_message": "DetectMessageEnd"}
"""Detection by what is done with an answering machine: known as soon as possible, or after its
beep."""


class TwilioApi:
    """API of one account. `api_url` is https://api.twilio.com, or a stand-in's."""

    def __init__(self, api_url: str, account_sid: str, auth_token: str) -> None:
        self._calls_url = f"{api_url.rstrip('/')}/2010-04-01/Accounts/{account_sid}/Calls.json"
        self._auth = (account_sid, auth_token)

    async def call(
        self, to: str, from_number: str, *, answer_url: str, status_url: str, machine: str
    ) -> str:
        """Place a call to a number; return the CallSid. Raises CallNotPlaced."""
        form: dict[str, str | list[str]] = {
            "To": to,
            "From": from_number,
            "Url": answer_url,
            "Method": "POST",
            "StatusCallback": status_url,
            "StatusCallbackMethod": "POST",
            "StatusCallbackEvent": list(STATUS_EVENTS),
        }
        if machine in MACHINE_DETECTION:
            form["MachineDetection"] = MACHINE_DETECTION[machine]
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S, auth=self._auth) as client:
                answer = await client.post(self._calls_url, data=form)
                body = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise CallNotPlaced("Twilio cannot be reached just now.") from error
        if answer.is_success and isinstance(body, dict) and isinstance(body.get("sid"), str):
            return str(body["sid"])
        told = body.get("message") if isinstance(body, dict) else None
        raise CallNotPlaced(f"Twilio does not place the call: {told or answer.status_code}.")
