"""An ID token of an administrator who exists for the smoke test alone, on standard output. It is valid for an hour.

The deployer vouches for the user, by a custom token that it signs, and gives it its role. The role stands in the user's
own record, for there the service looks it up: what a custom token says of a role counts for nothing with admins.
"""

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

USER = "smoke-test"
CREDENTIALS = "https://iamcredentials.googleapis.com"
TOOLKIT = "https://identitytoolkit.googleapis.com"
AUDIENCE = "https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit"
SECONDS = 30


class Refused(Exception):
    """Google did not do what it was asked; the text says what that was and what it answered."""


def sign_in(
    project: str, deployer: str, key: str, token: str, *, credentials: str = CREDENTIALS, toolkit: str = TOOLKIT
) -> str:
    """The ID token. `token` is an access token of the deployer's."""
    as_deployer = {"Authorization": f"Bearer {token}", "X-Goog-User-Project": project}
    now = int(time.time())
    claims = {"iss": deployer, "sub": deployer, "aud": AUDIENCE, "iat": now, "exp": now + 3600, "uid": USER}
    signing = f"{credentials}/v1/projects/-/serviceAccounts/{deployer}:signJwt"
    custom = _ask(signing, {"payload": json.dumps(claims)}, as_deployer)["signedJwt"]

    entering = f"{toolkit}/v1/accounts:signInWithCustomToken?key={key}"
    entrance = {"token": custom, "returnSecureToken": True}
    _ask(entering, entrance)  # the first time makes the user, without a role
    role = {"localId": USER, "customAttributes": json.dumps({"role": "admin"})}
    _ask(f"{toolkit}/v1/projects/{project}/accounts:update", role, as_deployer)
    return str(_ask(entering, entrance)["idToken"])


def main(words: Sequence[str] | None = None) -> int:
    """The command. It takes the deployer's access token from the variable TOKEN, which nobody else sees."""
    parser = argparse.ArgumentParser(prog="python3 scripts/delivery/sign_in.py", description=__doc__)
    parser.add_argument("--project", required=True)
    parser.add_argument("--deployer", required=True, help="account that signs")
    parser.add_argument("--key", required=True, help="web API key of the Firebase project")
    given = parser.parse_args(words)
    try:
        print(sign_in(given.project, given.deployer, given.key, os.environ["TOKEN"]))
    except Refused as refused:
        print(f"The smoke test cannot sign in: {refused}", file=sys.stderr)
        return 1
    return 0


def _ask(url: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The answer to a POST, asked three times where it does not come; Refused, without the key."""
    request = urllib.request.Request(  # noqa: S310 - the URLs are ours
        url, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})}
    )
    what = url.partition("?")[0]
    for attempt in range(3):
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as refusal:
            if refusal.code < 500 or attempt == 2:
                raise Refused(
                    f"{what} answered {refusal.code}: {refusal.read(1000).decode(errors='replace')}"
                ) from None
        except OSError as away:
            if attempt == 2:
                raise Refused(f"{what} did not answer: {away}") from None
        time.sleep(2**attempt)
    raise AssertionError


if __name__ == "__main__":
    sys.exit(main())
