"""Reading a JWT that we signed: its signature, audience, issuer and claims hold, or a reason is given.

Times are left to the caller, who has the clock to compare them with. What a token says of its own algorithm counts for
nothing. Claims are those of RFC 7519.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import jwt

from common.platform.identity import InvalidToken

ALGORITHM = "HS256"
UNKNOWN_KEY = "the token was signed with a key that is not, or no longer, in use"
EARLY = "the token was issued in the future: check the clocks"
_DAMAGED = "this is no token, or a damaged one"


def key_id(token: str) -> str:
    """The id of the key that the token names, or nothing; it proves nothing. InvalidToken for what is no token."""
    try:
        version = jwt.get_unverified_header(token).get("kid")
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise InvalidToken(_DAMAGED) from None
    return version if isinstance(version, str) else ""


def read(
    token: str, key: str, *, audience: str, issuer: str, claims: Sequence[str]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims of a token that was signed with that key; InvalidToken, with the reason, otherwise."""
    options: Any = {"require": list(claims), "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    try:
        whole = jwt.decode_complete(
            token, key, algorithms=[ALGORITHM], audience=audience, issuer=issuer, options=options
        )
    except jwt.InvalidAudienceError:
        raise InvalidToken("the token was made for another audience") from None
    except jwt.InvalidIssuerError:
        raise InvalidToken("the token was made by another issuer") from None
    except jwt.InvalidAlgorithmError:
        raise InvalidToken("the token is signed in a way that is not accepted") from None
    except jwt.InvalidSignatureError:
        raise InvalidToken("the token's signature is wrong") from None
    except jwt.MissingRequiredClaimError as error:
        raise InvalidToken(f"the token lacks the claim {error.claim}") from None
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise InvalidToken(_DAMAGED) from None
    return whole["header"], whole["payload"]
