"""Why a monitor's socket is closed: one table from reason to close code and sentence.

As in `server.dialects.close_reasons`, codes from 4400 on speak like the HTTP status with the same
last digits.
"""

from server.dialects.close_reasons import Closing, Closings


class MonitorClose(Closings):
    """Every way a monitor's socket is closed."""

    NORMAL = Closing(1000, "The interview is over.")
    GOING_AWAY = Closing(1001, "The server is closing this connection. Connect again.", retry=True)
    RESTART = Closing(1012, "The interview has left this server. Connect again.", retry=True)
    PROTOCOL_ERROR = Closing(4400, "Three messages did not follow the protocol viva.monitor.v1.")
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
