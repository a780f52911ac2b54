"""Origins: pages of our own and of the settings may open sockets, all others may not."""

import pytest

from server.settings import Settings
from server.sockets.origins import origin_allowed

LOCAL = Settings()
BEHIND_PROXY = Settings(public_url="https://viva.example.com/")
WITH_FRIEND = Settings(allowed_origins=["https://careers.example.com"])


@pytest.mark.parametrize(
    ("origin", "host", "settings"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000", LOCAL),
        ("http://localhost:8000", "LOCALHOST:8000", LOCAL),
        ("https://viva.example.com", "viva.example.com", LOCAL),
        ("https://viva.example.com", "viva.example.com:443", LOCAL),
        ("http://[::1]:8000", "[::1]:8000", LOCAL),
        ("https://viva.example.com", "10.0.0.7:8000", BEHIND_PROXY),
        ("https://careers.example.com", "127.0.0.1:8000", WITH_FRIEND),
        ("https://careers.example.com:443", "127.0.0.1:8000", WITH_FRIEND),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", WITH_FRIEND),
    ],
)
def test_our_own_and_named_origins_are_let_in(origin: str, host: str, settings: Settings) -> None:
    assert origin_allowed(origin, host, settings)


@pytest.mark.parametrize(
    ("origin", "host", "settings"),
    [
        (None, "127.0.0.1:8000", LOCAL),
        ("", "127.0.0.1:8000", LOCAL),
        ("null", "127.0.0.1:8000", LOCAL),
        ("null", "null", LOCAL),
        ("https://evil.example", "127.0.0.1:8000", LOCAL),
        ("http://127.0.0.1:8001", "127.0.0.1:8000", LOCAL),
        ("http://127.0.0.1:8000.evil.example", "127.0.0.1:8000", LOCAL),
        ("http://127.0.0.1:8000@evil.example", "127.0.0.1:8000", LOCAL),
        ("file://", "127.0.0.1:8000", LOCAL),
        ("chrome-extension://abc", "abc", LOCAL),
        ("http://host:notaport", "host:notaport", LOCAL),
        ("http://[::1", "[::1", LOCAL),
        ("https://evil.example", "", LOCAL),
        ("http://viva.example.com", "viva.example.com", BEHIND_PROXY),
        ("https://rebound.example", "rebound.example", BEHIND_PROXY),
        ("http://careers.example.com", "127.0.0.1:8000", WITH_FRIEND),
        ("https://sub.careers.example.com", "127.0.0.1:8000", WITH_FRIEND),
    ],
)
def test_absent_opaque_and_foreign_origins_are_refused(
    origin: str | None, host: str, settings: Settings
) -> None:
    assert not origin_allowed(origin, host, settings)
