"""TwiML: the few verbs that Viva needs. Pure."""

from html import escape

HANG_UP = "<Hangup/>"


def response(*verbs: str) -> str:
    """Return a whole document."""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{"".join(verbs)}</Response>'


def connect(stream_url: str, action_url: str, ticket: str) -> str:
    """Connect the call to a stream, with its ticket (an address may hold no query, error 31920).

    Afterwards the action is requested, which says what comes next.
    """
    parameter = f'<Parameter name="ticket" value="{escape(ticket)}"/>'
    stream = f'<Stream url="{escape(stream_url)}">{parameter}</Stream>'
    return f'<Connect action="{escape(action_url)}" method="POST">{stream}</Connect>'


def say(text: str) -> str:
    """Speak with the vendor's voice, where there is no stream to speak on."""
    return f"<Say>{escape(text)}</Say>"


def pause(seconds: int) -> str:
    """Wait in silence."""
    return f'<Pause length="{seconds}"/>'
