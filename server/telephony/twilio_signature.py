"""Twilio signature check: whether a request, or a stream's upgrade, is Twilio's and meant for us.

https://www.twilio.com/docs/usage/security: HMAC of the exact external address followed by all
parameters of the form, sorted; by SHA-1, or by SHA-256 where a header says so. Pure.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import urlsplit

HEADER = "x-twilio-signature"
SETTINGS_HEADER = "x-twilio-webhooks-signature-settings"
"""Header with `key=...,algorithm=HMAC_SHA256`; without it, or without an algorithm in it,
HMAC_SHA1."""

_HASHES = {"HMAC_SHA1": hashlib.sha1, "HMAC_SHA256": hashlib.sha256}


def sign(
    token: str, url: str, form: Iterable[tuple[str, str]] = (), algorithm: str = "HMAC_SHA1"
) -> str:
    """Return the signature. Raises ValueError for an algorithm that is not known."""
    hash_function = _HASHES.get(algorithm.upper())
    if hash_function is None:
        raise ValueError(f"There is no signature algorithm {algorithm}.")
    signed = url + "".join(name + value for name, value in sorted(set(form)))
    # surrogates can come out of a URL-encoded form; they sign as something, and match nothing
    digest = hmac.new(token.encode(), signed.encode(errors="replace"), hash_function).digest()
    return b64encode(digest).decode()


def is_signed(
    token: str,
    url: str,
    form: Iterable[tuple[str, str]],
    signature: str | None,
    settings: str | None = None,
) -> bool:
    """Return whether the signature is the right one.

    As Twilio's own library does, an address is tried with its port and without it: Twilio does
    both.
    """
    form = list(form)
    if not signature:
        return False
    try:
        wanted = [sign(token, address, form, _algorithm(settings)) for address in _spellings(url)]
    except ValueError:
        return False
    given = signature.encode()
    matches = [hmac.compare_digest(given, one.encode()) for one in wanted]
    return any(matches)


def _algorithm(settings: str | None) -> str:
    for part in (settings or "").split(","):
        name, _, value = part.partition("=")
        if name.strip() == "algorithm" and value.strip():
            return value.strip()
    return "HMAC_SHA1"


def _spellings(url: str) -> list[str]:
    """Return the address without and with its port. Raises ValueError if it is not an address."""
    parts = urlsplit(url)
    host = parts.netloc if parts.port is None else parts.netloc.rsplit(":", 1)[0]
    port = parts.port or (443 if parts.scheme in ("https", "wss") else 80)
    # the rest as it was written: urlsplit would drop an empty query
    rest = url[url.index(parts.netloc) + len(parts.netloc) :]
    return [f"{parts.scheme}://{host}{rest}", f"{parts.scheme}://{host}:{port}{rest}"]
