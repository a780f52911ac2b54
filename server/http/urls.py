"""URLs of this server as others see them: join links, sockets, the Realtime base URL."""

from starlette.requests import HTTPConnection

from server.dialects.browser.messages import SOCKET_PATH
from server.dialects.realtime.messages import PATH as REALTIME_PATH
from server.services import services_of


def join_url(connection: HTTPConnection, token: str) -> str:
    """Return the join link of a token, as a candidate can open it."""
    return f"{own_address(connection)}/join/{token}"


def socket_url(connection: HTTPConnection, path: str = SOCKET_PATH) -> str:
    """Return the URL of a socket, the interview's or another one: ws, or wss behind TLS."""
    return "ws" + own_address(connection).removeprefix("http") + path


def realtime_base_url(connection: HTTPConnection) -> str:
    """Return the base URL for clients of the OpenAI Realtime protocol."""
    return own_address(connection) + REALTIME_PATH.removesuffix("/realtime")


def own_address(connection: HTTPConnection) -> str:
    """Return `public_url` where it is set, otherwise the address that the request came to."""
    public_url = services_of(connection).settings.public_url
    return (public_url or str(connection.base_url)).rstrip("/")
