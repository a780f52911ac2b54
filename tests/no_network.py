"""The switch that keeps tests inside this machine: Unix sockets and loopback only.

Python's sockets and uvloop's (which do not go through Python's) are both held. What a test's
subject swallows is kept in `reached`, and fails the test all the same.
"""

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

import uvloop

reached: list[str] = []
"""Where tests tried to go; emptied after each."""


class OutsideReached(RuntimeError):
    """A test tried to leave this machine."""


def install() -> None:
    """Close the way out, for the life of this process."""
    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, _guarded_address(getattr(socket.socket, name), -1))
    socket.socket.sendto = _guarded_address(socket.socket.sendto, -1)  # type: ignore[method-assign]
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        setattr(socket, name, _guarded_host(getattr(socket, name), 0))
    uvloop.Loop.create_connection = _guarded_host(  # type: ignore[method-assign]
        uvloop.Loop.create_connection, 2
    )
    uvloop.Loop.getaddrinfo = _guarded_host(  # type: ignore[method-assign]
        uvloop.Loop.getaddrinfo, 1
    )


def refuse_outside(host: object) -> None:
    """Raise OutsideReached unless `host` is this machine."""
    if host in (None, "", "localhost", b"localhost"):
        return
    text = host.decode(errors="replace") if isinstance(host, bytes) else str(host)
    try:
        inside = ipaddress.ip_address(text.split("%")[0])
        if inside.is_loopback or inside.is_unspecified:
            return
    except ValueError:  # a name
        pass
    reached.append(text)
    raise OutsideReached(f"Tests stay on this machine, but this one reached for {text}.")


def _guarded_address(function: Callable[..., Any], position: int) -> Callable[..., Any]:
    def guarded(self: socket.socket, *arguments: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            refuse_outside(arguments[position][0])
        return function(self, *arguments)

    return guarded


def _guarded_host(function: Callable[..., Any], position: int) -> Callable[..., Any]:
    def guarded(*arguments: Any, **named: Any) -> Any:
        refuse_outside(arguments[position] if len(arguments) > position else named.get("host"))
        return function(*arguments, **named)

    return guarded
