"""Access tokens: what is issued verifies; whatever differs in one point is refused."""

import base64
import json
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest

from server.auth.signing_keys import SigningKeys
from server.auth.tokens import TokenExpired, TokenInvalid, Tokens

USER, ORGANISATION = uuid4(), uuid4()


@pytest.fixture
def keys(tmp_path: Path) -> SigningKeys:
    return SigningKeys.load_or_create(tmp_path / "keys.json", 3600)


@pytest.fixture
def tokens(keys: SigningKeys) -> Tokens:
    return Tokens(keys, 3600)


def good_claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": "viva",
        "aud": "viva-api",
        "sub": str(USER),
        "iat": now,
        "exp": now + 60,
        "type": "access",
        "org": str(ORGANISATION),
        "role": "recruiter",
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def forged(
    keys: SigningKeys, claims: dict[str, Any], *, algorithm: str = "HS256", **header: Any
) -> str:
    headers = {"kid": keys.current.kid} | header
    return jwt.encode(claims, keys.current.secret, algorithm=algorithm, headers=headers)


def by_hand(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def test_what_was_issued_says_who_it_is(tokens: Tokens) -> None:
    began = int(time.time())
    claims = tokens.verify(tokens.issue(USER, ORGANISATION, "recruiter"))
    assert (claims.user_id, claims.organisation_id, claims.role) == (
        USER,
        ORGANISATION,
        "recruiter",
    )
    assert began + 3600 <= claims.expires_at <= time.time() + 3600


def test_the_forger_of_these_tests_can_make_a_good_one(keys: SigningKeys, tokens: Tokens) -> None:
    assert tokens.verify(forged(keys, good_claims())).user_id == USER


def test_a_token_outlives_a_rotation_of_keys(keys: SigningKeys, tokens: Tokens) -> None:
    token = tokens.issue(USER, ORGANISATION, "recruiter")
    keys.rotate()
    assert tokens.verify(token).user_id == USER
    assert tokens.verify(tokens.issue(USER, ORGANISATION, "recruiter")).user_id == USER


def test_an_expired_token_is_told_apart(keys: SigningKeys, tokens: Tokens) -> None:
    past = Tokens(keys, 60, clock=lambda: time.time() - 120)
    with pytest.raises(TokenExpired, match="sign in again"):
        tokens.verify(past.issue(USER, ORGANISATION, "recruiter"))


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "exp", "iat", "type", "org", "role"])
def test_every_claim_is_required(keys: SigningKeys, tokens: Tokens, claim: str) -> None:
    with pytest.raises(TokenInvalid):
        tokens.verify(forged(keys, good_claims(**{claim: None})))


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "another-api"},
        {"iss": "somebody"},
        {"type": "refresh"},
        {"sub": "not-an-id"},
        {"sub": 7},
        {"org": "not-an-id"},
        {"org": 7},
        {"iat": int(time.time()) + 3600},
        {"exp": "soon"},
    ],
)
def test_a_wrong_claim_is_refused(
    keys: SigningKeys, tokens: Tokens, change: dict[str, Any]
) -> None:
    with pytest.raises(TokenInvalid):
        tokens.verify(forged(keys, good_claims(**change)))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
def test_an_unsigned_token_is_refused(keys: SigningKeys, tokens: Tokens, algorithm: str) -> None:
    header = {"alg": algorithm, "typ": "JWT", "kid": keys.current.kid}
    with pytest.raises(TokenInvalid):
        tokens.verify(by_hand(header, good_claims()))


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
@pytest.mark.filterwarnings("ignore:The HMAC key is")
def test_another_algorithm_of_the_same_key_is_refused(
    keys: SigningKeys, tokens: Tokens, algorithm: str
) -> None:
    with pytest.raises(TokenInvalid):
        tokens.verify(forged(keys, good_claims(), algorithm=algorithm))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA", "PS256"])
def test_a_confused_algorithm_is_refused(keys: SigningKeys, tokens: Tokens, algorithm: str) -> None:
    signed = forged(keys, good_claims()).rsplit(".", 1)[1]
    header = {"alg": algorithm, "typ": "JWT", "kid": keys.current.kid}
    with pytest.raises(TokenInvalid):
        tokens.verify(by_hand(header, good_claims(), signed.encode()))


@pytest.mark.parametrize("kid", ["another", "", None, 7, ["a"]])
def test_an_unknown_kid_is_refused(keys: SigningKeys, tokens: Tokens, kid: object) -> None:
    header = {"alg": "HS256", "typ": "JWT", "kid": kid}
    with pytest.raises(TokenInvalid):
        tokens.verify(by_hand(header, good_claims(), b"signature"))


def test_a_token_without_kid_is_refused(keys: SigningKeys, tokens: Tokens) -> None:
    with pytest.raises(TokenInvalid):
        tokens.verify(jwt.encode(good_claims(), keys.current.secret, algorithm="HS256"))


def test_a_changed_token_is_refused(tokens: Tokens) -> None:
    header, _, signature = tokens.issue(USER, ORGANISATION, "recruiter").split(".")
    payload = by_hand({}, good_claims(role="administrator")).split(".")[1]
    with pytest.raises(TokenInvalid):
        tokens.verify(f"{header}.{payload}.{signature}")


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "....", "\udc80.b.c", "ä.ö.ü"])
def test_what_is_no_token_is_refused(tokens: Tokens, text: str) -> None:
    with pytest.raises(TokenInvalid):
        tokens.verify(text)
