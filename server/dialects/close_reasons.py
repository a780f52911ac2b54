"""Close reasons: one table from the reason a socket is closed to its code and sentence.

Codes from 4400 on are Viva's own and mean what the HTTP status with the same last digits means. The
sentence is sent as the reason of the close frame, which holds 123 bytes at most (RFC 6455, 5.5).
"""

from dataclasses import dataclass
from enum import Enum

MAX_REASON_BYTES = 123
"""Size of a close frame's reason: a control frame carries 125 bytes, of which two are the code (RFC
6455, section 5.5)."""


@dataclass(frozen=True, slots=True)
class Closing:
    """How a socket is closed."""

    code: int
    """WebSocket close code."""

    sentence: str
    """What a person is told, at most MAX_REASON_BYTES of UTF-8."""

    retry: bool = False
    """Whether the same client may connect again, with a new ticket, after a short wait."""


class Closings(Enum):
    """Table of close reasons: the members of a subclass are `Closing`s."""

    value: Closing

    @property
    def code(self) -> int:
        """WebSocket close code."""
        return self.value.code

    @property
    def sentence(self) -> str:
        """What a person is told; at most `MAX_REASON_BYTES` of UTF-8."""
        return self.value.sentence

    @property
    def retry(self) -> bool:
        """Whether the same client may connect again with a new ticket."""
        return self.value.retry

    @property
    def http_status(self) -> int:
        """HTTP status of a handshake that is refused for it: a client must know whether to retry.

        Wrong keys, origins and signatures are all 403, the rest has the status its code is named
        after.
        """
        return self.code - 4000 if self.code in (4410, 4503) else 403

    @property
    def label(self) -> str:
        """Name in messages and logs, such as `ticket_refused`."""
        return self.name.lower()


class CloseReason(Closings):
    """Close reasons of candidates' and bridges' sockets. Two may share a code, never a sentence."""

    NORMAL = Closing(1000, "The interview is over.")
    GOING_AWAY = Closing(1001, "The server is closing this connection. Connect again.", retry=True)
    RESTART = Closing(1012, "The server restarts. Connect again in a moment.", retry=True)
    PROTOCOL_ERROR = Closing(4400, "Three messages did not follow the protocol.")
    BAD_VALUE = Closing(4400, "A message held a value that cannot be kept.")
    TICKET_REFUSED = Closing(4401, "The ticket is unknown, used or expired. Ask for a new one.")
    ORIGIN_REFUSED = Closing(4403, "Pages of this origin may not open a socket here.")
    SIGNATURE_REFUSED = Closing(4403, "The signature of the bridge is missing or wrong.")
    UNKNOWN_CALLER = Closing(4404, "No interview belongs to this call.")
    WRONG_SUBPROTOCOL = Closing(4406, "This server speaks the subprotocol viva.v1.")
    NO_HELLO = Closing(4408, "No hello came within 5 seconds.", retry=True)
    NO_START = Closing(4408, "The interview was not begun. Connect again to begin.", retry=True)
    OPENED_ELSEWHERE = Closing(4409, "The interview was opened in another window.")
    INTERVIEW_OVER = Closing(4410, "This interview has ended already.")
    COST_CAP = Closing(4412, "No interview can begin just now. Whoever invited you can help.")
    NO_CONSENT = Closing(4412, "The candidate does not agree to the interview.")
    ANSWERING_MACHINE = Closing(4412, "A machine has answered the call.")
    FRAME_TOO_BIG = Closing(4413, "A message was larger than the protocol allows.")
    WRONG_FORMAT = Closing(4415, "Audio in this format is not understood.")
    ANOTHER_TIME = Closing(4425, "The interview goes on another time. Your link stays good.")
    TOO_MUCH_AUDIO = Closing(4429, "Audio came much faster than it can be spoken.")
    INTERNAL_ERROR = Closing(4500, "Something went wrong on the server. Connect again.", retry=True)
    NO_ROOM = Closing(4503, "Every seat is taken. Connect again in a minute.", retry=True)
    DATABASE_DOWN = Closing(
        4503, "The database cannot be reached. Connect again in a minute.", retry=True
    )
    INTERVIEWER_AWAY = Closing(
        4503, "The interviewer has a technical problem. Connect again in a minute.", retry=True
    )


class MonitorClose(Closings):
    """Close reasons of monitors' sockets."""

    NORMAL = Closing(1000, "The interview is over.")
    GOING_AWAY = Closing(1001, "The server is closing this connection. Connect again.", retry=True)
    RESTART = Closing(1012, "The interview has left this server. Connect again.", retry=True)
    PROTOCOL_ERROR = Closing(4400, "Three messages did not follow the protocol viva.monitor.v1.")
    BAD_VALUE = Closing(4400, "A message held a value that cannot be kept.")
    TICKET_REFUSED = Closing(4401, "The ticket is unknown, used or expired. Ask for a new one.")
    ACCESS_CHANGED = Closing(4403, "Your rights have changed. Ask for a new ticket.")
    NOT_LIVE = Closing(4404, "Nobody is in this interview just now.")
    WRONG_SUBPROTOCOL = Closing(4406, "This server speaks the subprotocol viva.monitor.v1.")
    NO_HELLO = Closing(4408, "No hello came within 5 seconds.", retry=True)
    INTERVIEW_OVER = Closing(4410, "This interview has ended already.")
    FRAME_TOO_BIG = Closing(4413, "A message was larger than the protocol allows.")
    LAGGED = Closing(4425, "This monitor took events too slowly. Connect again.", retry=True)
    TOO_MUCH = Closing(4429, "Messages or sound came in a flood.")
    INTERNAL_ERROR = Closing(4500, "Something went wrong on the server. Connect again.", retry=True)
    NO_ROOM = Closing(4503, "Too many watch this interview. Connect again in a minute.", retry=True)
    DATABASE_DOWN = Closing(
        4503, "The database cannot be reached. Connect again in a minute.", retry=True
    )
