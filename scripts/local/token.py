"""`aiprod token`: a development ID token on standard output."""

import json
import os
from typing import Any

import httpx

from common import runtime
from common.domain.settings import Settings
from common.platform.identity import Role
from scripts.local.refusal import Refusal

FIREBASE = "FIREBASE_AUTH_EMULATOR_HOST"
PASSWORD = "of-the-emulator"  # noqa: S105 - nobody else reaches its users
SECONDS = 10.0


def token(role: Role, user: str, settings: Settings) -> int:
    """Print a token that this machine's own service accepts for an hour."""
    print(issue(user, role, settings))
    return 0


def issue(user: str, role: Role, settings: Settings) -> str:
    """A token of whoever issues them here: Firebase's emulator where the environment leads to one, else we do."""
    host = os.environ.get(FIREBASE)
    if settings.profile == "emulators" and host:
        return _sign_in(host, settings.project, user, role)
    identity = runtime.development_identity(settings)
    if identity.role_of(user) != role:
        identity.set_role(user, role)  # which a login with this token has still when it is renewed
    return identity.issue(user, role)


def _sign_in(host: str, project: str, user: str, role: Role) -> str:
    """Have the emulator know the user in that role, and sign in."""
    email = f"{user}@aiprod.test"
    owner = {"Authorization": "Bearer owner"}  # what the emulator takes for an administrator
    accounts = f"http://{host}/identitytoolkit.googleapis.com/v1/projects/{project}/accounts"
    sign_in = f"http://{host}/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword"
    made = {"localId": user, "email": email, "password": PASSWORD}
    try:
        with httpx.Client(timeout=SECONDS, trust_env=False) as http:
            http.post(accounts, json=made, headers=owner)  # a user who is there already is fine
            claims = {"localId": user, "customAttributes": json.dumps({"role": role})}
            http.post(f"{accounts}:update", json=claims, headers=owner).raise_for_status()
            words = {"email": email, "password": PASSWORD, "returnSecureToken": True, "targetProjectId": project}
            answer: dict[str, Any] = http.post(sign_in, json=words, headers=owner).raise_for_status().json()
    except httpx.HTTPError as error:
        raise Refusal(f"the Firebase Auth emulator at {host} gave no token: {error}", code=1) from error
    return str(answer["idToken"])
