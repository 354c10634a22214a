"""A Firebase Auth of one process, as published: certificates, users with custom claims, and ID tokens.

The unmodified library asks it, for `serving` puts its address where the library has Google's.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from common.platform.clock import Clock

PROJECT = "a-project"
KEY_ID = "key-1"
AUDIENCE = (
    "https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit"  # of custom tokens
)


@cache
def _key(number: int) -> RSAPrivateKey:
    return generate_private_key(65537, 2048)  # takes a moment, so each once


@dataclass
class Firebase:
    """Users by id: their custom claims, whether they are disabled, and since when their tokens are good.

    Custom tokens are signed here, too, for whoever shows the access token `deployer`, as only it may set claims where
    it is not empty. `refuse` answers every request with a status, `refuse_users` those about users; `requests` has
    what was asked.
    """

    clock: Clock
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    refuse: int = 0
    refuse_users: int = 0
    requests: list[str] = field(default_factory=list)
    certificates: dict[str, str] = field(default_factory=dict)
    max_age: int = 3600
    url: str = ""
    deployer: str = ""

    def __post_init__(self) -> None:
        self.certificates[KEY_ID] = _certificate(_key(0))

    def sign_in(self, user: str, ttl: timedelta = timedelta(hours=1), *, key: int = 0, **changes: Any) -> str:
        """An ID token of a user, with the user's claims; a new user is made."""
        now = self.clock.now()
        known = self.users.setdefault(user, {"localId": user, "validSince": str(int(now.timestamp()))})
        claims = {
            "iss": f"https://securetoken.google.com/{PROJECT}",
            "aud": PROJECT,
            "auth_time": int(now.timestamp()),
            "user_id": user,
            "sub": user,
            "iat": int(now.timestamp()),
            "exp": int((now + ttl).timestamp()),
            "firebase": {"identities": {}, "sign_in_provider": "custom"},
            **json.loads(known.get("customAttributes", "{}")),
            **changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, _key(key), "RS256", headers={"kid": KEY_ID})

    def claim(self, user: str, **claims: Any) -> None:
        """Give a user custom claims."""
        self.users.setdefault(user, {"localId": user})["customAttributes"] = json.dumps(claims)


def _certificate(key: RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "securetoken.system.gserviceaccount.com")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.PEM).decode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    firebase: Firebase
    wbufsize = -1  # headers and body in one packet

    def do_GET(self) -> None:
        firebase = self.firebase
        firebase.requests.append("certificates")
        status = firebase.refuse or 200
        self._answer(status, firebase.certificates, {"Cache-Control": f"public, max-age={firebase.max_age}"})

    def do_POST(self) -> None:
        firebase = self.firebase
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        action = self.path.rpartition(":")[2]
        firebase.requests.append(action)
        if status := firebase.refuse or firebase.refuse_users:
            self._answer(status, {"error": {"code": status, "message": "REFUSED : for a test"}})
        elif firebase.deployer and action in ("signJwt", "update") and not self._by(firebase.deployer):
            self._answer(403, {"error": {"code": 403, "message": "PERMISSION_DENIED"}})
        elif action == "signJwt":
            self._answer(200, {"signedJwt": jwt.encode(json.loads(asked["payload"]), _key(1), "RS256")})
        elif action.startswith("signInWithCustomToken?key="):
            custom = jwt.decode(asked["token"], _key(1).public_key(), ["RS256"], audience=AUDIENCE)
            self._answer(200, {"idToken": firebase.sign_in(custom["uid"], **custom.get("claims", {}))})
        elif action == "lookup":
            found = [firebase.users[user] for user in asked["localId"] if user in firebase.users]
            self._answer(200, {"kind": "identitytoolkit#GetAccountInfoResponse", **({"users": found} if found else {})})
        elif asked["localId"] not in firebase.users:
            self._answer(400, {"error": {"code": 400, "message": "USER_NOT_FOUND"}})
        else:
            firebase.users[asked["localId"]].update(asked)
            self._answer(200, {"localId": asked["localId"]})

    def _by(self, token: str) -> bool:
        return self.headers.get("Authorization") == f"Bearer {token}"

    def log_message(self, format: str, *args: object) -> None:
        return  # a request is no news

    def _answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def serving(firebase: Firebase) -> Iterator[Firebase]:
    """Serve while the block runs, with the library's time being that of the clock."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"firebase": firebase}))
    server.daemon_threads = True
    firebase.url = url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=[0.05], name="firebase", daemon=True)
    thread.start()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("FIREBASE_AUTH_EMULATOR_HOST", raising=False)
            patch.setattr("firebase_admin._token_gen.ID_TOKEN_CERT_URI", f"{url}/certificates")
            patch.setattr("firebase_admin._user_mgt.UserManager.ID_TOOLKIT_URL", f"{url}/v1")
            patch.setattr("google.auth._helpers.utcnow", lambda: firebase.clock.now().replace(tzinfo=None))
            yield firebase
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
