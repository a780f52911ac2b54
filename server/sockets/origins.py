"""Origins: which web pages may open a socket, those of ours or of one that the settings name."""

from urllib.parse import urlsplit

from server.settings import Settings

_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_allowed(origin: str | None, host: str, settings: Settings) -> bool:
    """Return whether a web page of this `origin` may open a socket on a server called `host`.

    `origin` and `host` are the headers as they came. An absent or opaque (`null`) origin is
    refused. With `public_url` set, our own origin is that one; without, it is the one the
    request itself was sent to, over http or https.
    """
    asked = _parsed(origin or "")
    if asked is None:
        return False
    if any(asked == _parsed(allowed) for allowed in settings.allowed_origins):
        return True
    if settings.public_url:
        return asked == _parsed(settings.public_url)
    return asked == _parsed(f"{asked[0]}://{host}")


def _parsed(address: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of an http(s) address, None for everything else."""
    try:
        parts = urlsplit(address.strip())
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, port
