"""Bridge configuration for `viva bridges`: ready for each vendor, with this server's addresses.

Pure. Secrets are named, never shown: `<VIVA_BRIDGE_TOKEN>` stands for the value of that setting.
"""

from collections.abc import Callable

from server.dialects.realtime.messages import PATH as REALTIME_PATH
from server.telephony.lines import ASTERISK_PATH, L16_PATH, TELNYX_PATH
from server.telephony.telnyx import PREFIX as TELNYX
from server.telephony.twilio import PREFIX as TWILIO
from server.telephony.vonage import PREFIX as VONAGE


def configurations(base_url: str) -> dict[str, str]:
    """Return what to set up, by bridge, for a server at this address (http or https)."""
    base = base_url.rstrip("/")
    return {name: write(base) for name, write in _WRITERS.items()}


def _socket(base: str, path: str) -> str:
    return f"ws{base.removeprefix('http')}{path}"


def _twilio(base: str) -> str:
    return f"""\
# .env of this server, from the console's Account Info
VIVA_PUBLIC_URL={base}
VIVA_TWILIO_ACCOUNT_SID=AC...
VIVA_TWILIO_AUTH_TOKEN=...
VIVA_TWILIO_FROM_NUMBER=+15005550006

# Console, Phone Numbers, your number, Voice Configuration
A call comes in:       Webhook, {base}{TWILIO}/voice, HTTP POST
Call status changes:   {base}{TWILIO}/status, HTTP POST

# What that webhook answers
<Response><Connect action="{base}{TWILIO}/after?step=1" method="POST">
  <Stream url="{_socket(base, f'{TWILIO}/stream')}"><Parameter name="ticket" value="..."/></Stream>
</Connect></Response>
"""


def _asterisk(base: str) -> str:
    tls = "yes" if base.startswith("https") else "no"
    return f"""\
; websocket_client.conf (Asterisk 20.18, 22.8 or newer)
[viva]
type = websocket_client
connection_type = per_call_config
uri = {_socket(base, ASTERISK_PATH)}
protocols = media
username = viva
password = <VIVA_BRIDGE_TOKEN>
tls_enabled = {tls}

; extensions.conf. A lost connection is dialled again, and the caller stays on the line: fifteen
; times in a row, or four while Viva was never reached, and twenty in all. A dial that is answered
; and over within two seconds was told that there is nothing more to say; the first, that the
; call cannot be taken.
[viva]
exten => _X.,1,Goto(call,1)
exten => _+X.,1,Goto(call,1)
exten => s,1,Goto(call,1)
exten => call,1,Set(DIALS=0)
 same => n,Set(TRIES=0)
 same => n,Set(MOST=4)
 same => n,Set(GIVEN=call=${{UNIQUEID}},caller=${{URIENCODE(${{CALLERID(num)}})}})
 same => n,Ringing()
 same => n(dial),Set(SINCE=${{EPOCH}})
 same => n,Dial(WebSocket/viva/c(ulaw)f(json)v(${{GIVEN}}),,g)
 same => n,GotoIf($["${{DIALSTATUS}}" != "ANSWER"]?again)
 same => n,GotoIf($[${{EPOCH}} - ${{SINCE}} >= 2]?kept)
 same => n,GotoIf($[${{DIALS}} > 0]?over:lost)
 same => n(kept),Set(TRIES=0)
 same => n,Set(MOST=15)
 same => n(again),Set(TRIES=$[${{TRIES}} + 1])
 same => n,Set(DIALS=$[${{DIALS}} + 1])
 same => n,GotoIf($[${{TRIES}} >= ${{MOST}} | ${{DIALS}} >= 20]?lost)
 same => n,Wait(1)
 same => n,Goto(dial)
 same => n(lost),Congestion(5)
 same => n(over),Hangup()
"""


def _vonage(base: str) -> str:
    return f"""\
# .env of this server, from the dashboard's API Settings
VIVA_PUBLIC_URL={base}
VIVA_VONAGE_SIGNATURE_SECRET=...

# Dashboard, Applications, your application, Capabilities, Voice (use signed webhooks: on)
Answer URL:   {base}{VONAGE}/answer, HTTP POST
Event URL:    {base}{VONAGE}/event, HTTP POST

# Then link a number to the application. The answer is an NCCO like
[{{"action": "connect", "eventType": "synchronous", "eventUrl": ["{base}{VONAGE}/event"],
  "endpoint": [{{"type": "websocket", "uri": "{_socket(base, f'{VONAGE}/stream')}",
    "content-type": "audio/l16;rate=16000", "headers": {{"call": "...", "call_ticket": "..."}}}}]}}]
"""


def _telnyx(base: str) -> str:
    return f"""\
# .env of this server, from the portal's Keys & Credentials, Public Key
VIVA_PUBLIC_URL={base}
VIVA_TELNYX_PUBLIC_KEY=...

# Portal, Voice, Programmable Voice, TeXML Applications
Voice URL:         {base}{TELNYX}/voice, POST
Status callback:   {base}{TELNYX}/status, POST

# Then assign a number to the application. Or, with Call Control, once a call is answered:
curl -X POST https://api.telnyx.com/v2/calls/$CALL_CONTROL_ID/actions/streaming_start \\
  -H "Authorization: Bearer $TELNYX_API_KEY" -H "Content-Type: application/json" \\
  -d '{{"stream_url": "{_socket(base, TELNYX_PATH)}", "stream_track": "inbound_track",
       "stream_codec": "PCMU", "stream_bidirectional_mode": "rtp",
       "stream_bidirectional_codec": "PCMU",
       "custom_parameters": [{{"name": "token", "value": "<VIVA_BRIDGE_TOKEN>"}}]}}'
"""


def _l16(base: str) -> str:
    return f"""\
# jambonz: what the application answers
[{{"verb": "answer"}},
 {{"verb": "listen", "url": "{_socket(base, L16_PATH)}", "sampleRate": 16000, "mixType": "mono",
  "passDtmf": true, "actionHook": "/over",
  "bidirectionalAudio": {{"enabled": true, "streaming": true, "sampleRate": 16000}},
  "wsAuth": {{"username": "viva", "password": "<VIVA_BRIDGE_TOKEN>"}}}},
 {{"verb": "hangup"}}]

# A bridge of your own: the same wire, told in docs/bridges.md
{_socket(base, L16_PATH)}
"""


def _realtime(base: str) -> str:
    return f"""\
# A key for one interview, from its join link
curl -X POST {base}/api/v1/join/realtime -H "Content-Type: application/json" \\
  -d '{{"token": "<what stands after /join/ in the link>", "consent": true}}'

# The official client, with nothing changed but its key and address
from openai import AsyncOpenAI
client = AsyncOpenAI(api_key=KEY, base_url="{base}{REALTIME_PATH.removesuffix('/realtime')}")
async with client.realtime.connect(model="gpt-realtime") as connection:
    async for event in connection: ...
"""


_WRITERS: dict[str, Callable[[str], str]] = {
    "twilio": _twilio,
    "asterisk": _asterisk,
    "vonage": _vonage,
    "telnyx": _telnyx,
    "l16": _l16,
    "realtime": _realtime,
}
