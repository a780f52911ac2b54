"""Addresses of this server as others see them: join links, sockets, the Realtime base URL."""

from starlette.requests import HTTPConnection

from server.dialects.browser.messages import SOCKET_PATH
from server.dialects.realtime.messages import PATH as REALTIME_PATH
from server.services import services_of


def join_url(connection: HTTPConnection, token: str) -> str:
    """The candidate's link, as a candidate can open it."""
    return f"{own_address(connection)}/join/{token}"


def socket_url(connection: HTTPConnection, path: str = SOCKET_PATH) -> str:
    """Where a socket is opened, the interview's or another one: ws, or wss behind TLS."""
    return "ws" + own_address(connection).removeprefix("http") + path


def realtime_base_url(connection: HTTPConnection) -> str:
    """What a client of the OpenAI Realtime protocol takes as its base URL."""
    return own_address(connection) + REALTIME_PATH.removesuffix("/realtime")


def own_address(connection: HTTPConnection) -> str:
    """`public_url` where it is set, otherwise the address the request itself came to."""
    public_url = services_of(connection).settings.public_url
    return (public_url or str(connection.base_url)).rstrip("/")
