"""Bridges other than Twilio: the path where each connects, and its admission."""

from starlette.websockets import WebSocket

from server.dialects.plain_text import holds_nul
from server.dialects.telephony import asterisk, l16
from server.dialects.telephony.asterisk import AsteriskDialect
from server.dialects.telephony.l16 import L16Dialect
from server.dialects.telephony.telnyx import TelnyxDialect
from server.dialects.telephony.vonage import VonageDialect
from server.settings import Settings
from server.sockets.admission import Admission
from server.telephony.admission import BridgeAdmission
from server.telephony.call_admission import CallAdmission

ASTERISK_PATH = "/bridges/asterisk/stream"
VONAGE_PATH = "/bridges/vonage/stream"
TELNYX_PATH = "/bridges/telnyx/stream"
L16_PATH = "/bridges/l16/stream"

MAX_PARAMETERS = 30
MAX_PARAMETER_CHARS = 300
"""Longest parameter that a dialplan gives in the address; the rest is ignored, and so is all of one
with the character NUL."""


def line_admissions(settings: Settings, call_admission: CallAdmission) -> dict[str, Admission]:
    """Return the admissions, by path.

    They are there whether or not a bridge is used: without a token that is set, only tickets admit
    a call.
    """
    token = settings.bridge_token
    return {
        ASTERISK_PATH: BridgeAdmission(
            "asterisk", call_admission, _asterisk, token=token, subprotocol=asterisk.SUBPROTOCOL
        ),
        VONAGE_PATH: BridgeAdmission(
            "vonage", call_admission, lambda _: VonageDialect(), token=token
        ),
        TELNYX_PATH: BridgeAdmission(
            "telnyx", call_admission, lambda _: TelnyxDialect(), token=token
        ),
        L16_PATH: BridgeAdmission(
            "l16",
            call_admission,
            lambda _: L16Dialect(),
            token=token,
            subprotocol=l16.SUBPROTOCOL,
            optional=True,
        ),
    }


def _asterisk(websocket: WebSocket) -> AsteriskDialect:
    """Return a dialect with what the dialplan gave in the address."""
    given = list(websocket.query_params.items())[:MAX_PARAMETERS]
    return AsteriskDialect(
        {name: value[:MAX_PARAMETER_CHARS] for name, value in given if not holds_nul(name + value)}
    )
