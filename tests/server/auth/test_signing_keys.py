"""Signing keys: made once, kept privately, rotated in pairs, never too short."""

import base64
import json
import stat
from pathlib import Path

import pytest

from server.auth.signing_keys import KEY_BYTES, KeyFileError, SigningKey, SigningKeys


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def write_keys(path: Path, *keys: tuple[str, bytes, float | None]) -> None:
    records = [
        {"kid": kid, "secret": base64.urlsafe_b64encode(secret).decode(), "retired_at": retired}
        for kid, secret, retired in keys
    ]
    path.write_text(json.dumps({"keys": records}), encoding="utf-8")


def test_the_first_start_makes_a_key_that_only_the_server_may_read(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "keys.json"
    keys = SigningKeys.load_or_create(path, 60)
    assert len(keys.current.secret) == KEY_BYTES
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_next_start_finds_the_same_key(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    first = SigningKeys.load_or_create(path, 60).current
    assert SigningKeys.load_or_create(path, 60).current == first


def test_rights_that_are_too_wide_are_narrowed(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    write_keys(path, ("one", b"x" * KEY_BYTES, None))
    path.chmod(0o644)
    SigningKeys.load_or_create(path, 60)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_after_a_rotation_the_old_key_verifies_until_its_tokens_have_expired(
    tmp_path: Path,
) -> None:
    clock = Clock()
    keys = SigningKeys.load_or_create(tmp_path / "keys.json", 60, clock)
    old = keys.current
    new = keys.rotate()
    assert keys.current == new != old
    found = keys.find(old.kid)
    assert found is not None
    assert found.secret == old.secret
    clock.now += 59.9
    assert keys.find(old.kid) is not None
    clock.now += 0.2
    assert keys.find(old.kid) is None
    assert keys.find(new.kid) == new


def test_a_rotation_outlives_a_restart(tmp_path: Path) -> None:
    clock = Clock()
    path = tmp_path / "keys.json"
    keys = SigningKeys.load_or_create(path, 60, clock)
    old = keys.current
    new = keys.rotate()
    again = SigningKeys.load_or_create(path, 60, clock)
    assert again.current == new
    assert again.find(old.kid) is not None


def test_a_second_rotation_leaves_two_keys(tmp_path: Path) -> None:
    keys = SigningKeys.load_or_create(tmp_path / "keys.json", 60)
    first = keys.current
    second = keys.rotate()
    keys.rotate()
    assert keys.find(first.kid) is None
    assert keys.find(second.kid) is not None


def test_an_unknown_kid_is_not_found(tmp_path: Path) -> None:
    assert SigningKeys.load_or_create(tmp_path / "keys.json", 60).find("other") is None


def test_a_short_key_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    write_keys(path, ("short", b"x" * 31, None))
    with pytest.raises(KeyFileError, match=r"short has 31 bytes; at least 32.*Remove .*keys\.json"):
        SigningKeys.load_or_create(path, 60)
    with pytest.raises(KeyFileError, match="5 bytes"):
        SigningKey("tiny", b"12345")


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "[]", '{"keys": [{"kid": "a"}]}', '{"keys": 3}', '{"keys": ["a"]}'],
)
def test_a_file_of_something_else_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KeyFileError, match="is not a file of signing keys"):
        SigningKeys.load_or_create(path, 60)


def test_a_file_without_a_current_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    write_keys(path, ("old", b"x" * KEY_BYTES, 5.0))
    with pytest.raises(KeyFileError, match="one current signing key"):
        SigningKeys.load_or_create(path, 60)


def test_a_path_that_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="cannot be used"):
        SigningKeys.load_or_create(tmp_path, 60)


def test_the_secret_stays_out_of_a_representation() -> None:
    key = SigningKey("k", b"v" * KEY_BYTES)
    assert "vvvv" not in repr(key)
