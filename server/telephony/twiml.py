"""TwiML: the few verbs that Viva needs. Pure."""

from html import escape

HANG_UP = "<Hangup/>"


def response(*verbs: str) -> str:
    """Return a whole document."""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{"".join(verbs)}</Response>'


def connect(stream_url: str, action_url: str, **parameters: str) -> str:
    """Connect the call to a stream, with its ticket and other parameters.

    They are told apart from the address, which may hold no query (error 31920).

    Afterwards the action is requested, which says what comes next.
    """
    given = "".join(
        f'<Parameter name="{escape(name)}" value="{escape(value)}"/>'
        for name, value in parameters.items()
    )
    stream = f'<Stream url="{escape(stream_url)}">{given}</Stream>'
    return f'<Connect action="{escape(action_url)}" method="POST">{stream}</Connect>'


def say(text: str) -> str:
    """Speak with the vendor's voice, where there is no stream to speak on."""
    return f"<Say>{escape(text)}</Say>"


def pause(seconds: int) -> str:
    """Wait in silence."""
    return f'<Pause length="{seconds}"/>'
