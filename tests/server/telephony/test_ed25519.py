"""Ed25519: the vectors of RFC 8032, and nothing else passes."""

import asyncio
import threading

import pytest

from server.telephony import ed25519
from server.telephony.ed25519 import Ed25519Checks, TooManyChecks, has_ed25519_signature

Q = 2**252 + 27742317777372353535851937790883648493
"""Order of the group."""

VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
        "f9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0"
        "f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f76098"
        "4dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
"""RFC 8032, section 7.1: TEST 1 to 3."""


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_the_vectors_pass(key: str, message: str, signature: str) -> None:
    assert has_ed25519_signature(*map(bytes.fromhex, (key, message, signature)))


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_whatever_is_changed_fails(key: str, message: str, signature: str) -> None:
    owner, said, signed = map(bytes.fromhex, (key, message, signature))
    for place in (0, 31, 32, 62):
        changed = bytearray(signed)
        changed[place] ^= 1
        assert not has_ed25519_signature(owner, said, bytes(changed))
    assert not has_ed25519_signature(owner, said + b"!", signed)
    assert not has_ed25519_signature(bytes.fromhex(VECTORS[0][0])[::-1], said, signed)
    assert not has_ed25519_signature(owner[:31], said, signed)
    assert not has_ed25519_signature(owner, said, signed[:63])
    assert not has_ed25519_signature(owner, said, b"")


def test_a_scalar_beyond_the_order_is_no_second_signature() -> None:
    owner, said, signed = map(bytes.fromhex, VECTORS[1])
    scalar = int.from_bytes(signed[32:], "little") + Q
    assert not has_ed25519_signature(owner, said, signed[:32] + scalar.to_bytes(32, "little"))


def test_no_point_is_no_key() -> None:
    _, said, signed = map(bytes.fromhex, VECTORS[1])
    for encoded in (b"\xff" * 32, b"\x02" + bytes(31)):
        assert not has_ed25519_signature(encoded, said, signed)


async def test_checks_are_made_in_threads_and_a_flood_is_turned_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key, said, signed = map(bytes.fromhex, VECTORS[0])
    checks = Ed25519Checks(key)
    assert await checks.is_signed(said, signed)
    assert not await checks.is_signed(said, signed[:63])
    go = threading.Event()
    running: list[int] = []
    most: list[int] = []

    def check(*_: bytes) -> bool:
        running.append(threading.get_ident())
        most.append(len(running))
        passed = go.wait(60)
        running.remove(threading.get_ident())
        return passed

    monkeypatch.setattr(ed25519, "has_ed25519_signature", check)
    asked = [checks.is_signed(said, signed) for _ in range(ed25519.CHECKS_WAITING)]
    flood = asyncio.gather(*asked)
    await asyncio.sleep(0)
    with pytest.raises(TooManyChecks):
        await checks.is_signed(said, signed)
    go.set()
    assert all(await flood)
    assert max(most) <= ed25519.CHECKS_AT_ONCE
