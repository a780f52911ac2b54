"""Access tokens: JWTs of one kind, signed with one algorithm, with every claim required."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import jwt

from server.auth.signing_keys import SigningKeys

ALGORITHM = "HS256"
ISSUER = "viva"
AUDIENCE = "viva-api"
ACCESS = "access"
REQUIRED_CLAIMS = ("iss", "aud", "sub", "exp", "iat", "type", "org", "role")


class TokenError(Exception):
    """A token is refused; the text is a sentence a person understands."""


class TokenInvalid(TokenError):
    """A token that is not ours, or that was changed."""


class TokenExpired(TokenError):
    """A token of ours whose time is over."""


@dataclass(frozen=True, slots=True)
class Claims:
    """The contents of a verified token."""

    user_id: UUID
    organisation_id: UUID
    role: str

    expires_at: int
    """When the token expires, in seconds of the epoch."""

    sign_outs: int = 0
    """How often the user had signed out when the token was made."""


class Tokens:
    """Issues and verifies access tokens."""

    def __init__(
        self, keys: SigningKeys, lifetime_s: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._keys = keys
        self._clock = clock
        self.lifetime_s = lifetime_s

    def issue(self, user_id: UUID, organisation_id: UUID, role: str, sign_outs: int = 0) -> str:
        """Return a token for a user who has just signed in, after `sign_outs` sign-outs."""
        key = self._keys.current
        now = int(self._clock())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(user_id),
            "iat": now,
            "exp": now + self.lifetime_s,
            "type": ACCESS,
            "org": str(organisation_id),
            "role": role,
            "outs": sign_outs,
        }
        return jwt.encode(claims, key.secret, algorithm=ALGORITHM, headers={"kid": key.kid})

    def verify(self, token: str) -> Claims:
        """Return what the token says. Raises TokenExpired, or TokenInvalid for everything else."""
        try:
            claims = self._decode(token)
            return Claims(
                user_id=UUID(claims["sub"]),
                organisation_id=UUID(claims["org"]),
                role=str(claims["role"]),
                expires_at=int(claims["exp"]),
                sign_outs=int(claims.get("outs", 0)),
            )
        except jwt.ExpiredSignatureError as error:
            raise TokenExpired("The sign-in has expired; please sign in again.") from error
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError) as error:
            raise TokenInvalid("The access token is not valid; please sign in again.") from error

    def _decode(self, token: str) -> dict[str, Any]:
        kid = jwt.get_unverified_header(token).get("kid")
        key = self._keys.find(kid) if isinstance(kid, str) else None
        if key is None:
            raise jwt.InvalidKeyError("unknown kid")
        claims = jwt.decode(
            token,
            key.secret,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": list(REQUIRED_CLAIMS)},
        )
        if claims["type"] != ACCESS:
            raise jwt.InvalidTokenError("wrong type")
        return claims
