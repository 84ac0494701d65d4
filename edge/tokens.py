"""Tokens: who a caller is, signed (HS256). No algorithm but ours, and no token without an end."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import jwt
from jwt.types import Options

from edge.caller import Caller
from edge.problems import unsigned
from mainstem._who import SYSTEM
from mainstem.envelope import NAME_CHARACTERS_MAX

ALGORITHM = "HS256"
ISSUER = "mainstem"
KEY_BYTES_MIN = 32
TOKEN_CHARACTERS_MAX = 4_096
ROLES_MAX = 64
TOKENS_KEPT_MAX = 4_096
TENANT = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
OPTIONS: Options = {
    "require": ["exp", "sub", "iss"],
    "verify_exp": False,  # times are looked at here, by a clock that is handed in
    "verify_iat": False,
    "verify_nbf": False,
}


class _Verified(NamedTuple):
    caller: Caller
    from_s: float
    until_s: float


def mint(key: bytes, caller: Caller, now_s: int, age_s: int) -> str:
    """A token that says who this is, for so long."""
    assert caller.by not in ("", SYSTEM), "a token is somebody's"
    assert len(key) >= KEY_BYTES_MIN, f"a key has {KEY_BYTES_MIN} bytes or more"
    claims = {
        "iss": ISSUER, "sub": caller.by, "roles": sorted(caller.roles), "tenant": caller.tenant,
        "iat": now_s, "exp": now_s + age_s,
    }  # fmt: skip
    return jwt.encode(claims, key, ALGORITHM)


def verify(token: str, key: bytes, now_s: int) -> Caller:
    """Who it is, if the key signed that and it still holds. Raises a Problem, 401."""
    if len(token) > TOKEN_CHARACTERS_MAX:
        raise unsigned("the token is too long")
    verified = _verified(token, key)
    if now_s >= verified.until_s:
        raise unsigned("the token has expired")
    if now_s < verified.from_s:
        raise unsigned("the token does not hold yet")
    return verified.caller


def bearer(header: str | None) -> str | None:
    """The token in an Authorization header; None where there is no such header."""
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not re.fullmatch(r"[A-Za-z0-9_.-]+", token.strip()):
        raise unsigned("Authorization says: Bearer, a space, and a token")
    return token.strip()


@lru_cache(maxsize=TOKENS_KEPT_MAX)
def _verified(token: str, key: bytes) -> _Verified:
    """A signature holds for ever, so it is looked at once; the time is looked at by `verify`."""
    try:
        claims = jwt.decode(
            token, key, algorithms=[ALGORITHM], issuer=ISSUER, options=OPTIONS
        )  # fmt: skip
    except (jwt.InvalidTokenError, ValueError, RecursionError):  # its JSON is anybody's
        raise unsigned("the token is not good") from None
    return _Verified(_caller(claims), _time(claims, "nbf", 0), _time(claims, "exp", math.nan))


def _caller(claims: Mapping[str, Any]) -> Caller:
    by, tenant = claims["sub"], claims.get("tenant", "main")
    if not _is_name(by) or by == SYSTEM:  # under that name timers and reactions ask
        raise unsigned("the token is nobody's")
    if not isinstance(tenant, str) or not TENANT.fullmatch(tenant):
        raise unsigned("the token's tenant is none")
    return Caller(by, _roles(claims.get("roles", [])), tenant)


def _roles(roles: object) -> frozenset[str]:
    if not isinstance(roles, list) or len(roles) > ROLES_MAX or not all(map(_is_name, roles)):
        raise unsigned("the token's roles are no list of names")
    return frozenset(roles)


def _is_name(name: object) -> bool:
    if not isinstance(name, str) or not name.isprintable():  # nor is half a character
        return False
    return 0 < len(name) <= NAME_CHARACTERS_MAX


def _time(claims: Mapping[str, Any], name: str, default: float) -> float:
    time: float = claims.get(name, default)
    if type(time) not in (int, float) or not math.isfinite(time):
        raise unsigned(f"the token's {name} is no time")
    return time
