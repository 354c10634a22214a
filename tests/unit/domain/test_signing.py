"""What we sign, the independent library for receivers accepts, and nothing else."""

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from common.domain.signing import signed

SECRET = b"k" * 32


def now() -> datetime:
    """The library refuses what is five minutes old."""
    return datetime.now(UTC)


def verified(secret: bytes, body: str, headers: dict[str, str]) -> object:
    return Webhook("whsec_" + base64.b64encode(secret).decode()).verify(body, headers)


@given(secret=st.binary(min_size=24, max_size=64), data=st.dictionaries(st.text(), st.text()))
def test_every_signature_verifies(secret: bytes, data: dict[str, str]) -> None:
    body = json.dumps({"type": "pipeline.completed", "data": data})
    assert verified(secret, body, dict(signed("msg_1", now(), body, [secret]))) == json.loads(body)


def test_during_a_rotation_either_secret_verifies() -> None:
    headers = dict(signed("msg_1", now(), "{}", [SECRET, b"o" * 24]))
    assert verified(SECRET, "{}", headers) == verified(b"o" * 24, "{}", headers) == {}


def test_it_is_the_signature_of_the_specification() -> None:
    # The example of standardwebhooks' own tests, whose timestamp is long past.
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", at, '{"test": 2432232314}', [secret])
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("changed", ["body", "webhook-id", "webhook-timestamp", "secret"])
def test_whatever_is_changed_does_not_verify(changed: str) -> None:
    headers = dict(signed("msg_1", now(), "{}", [SECRET]))
    if changed in headers:
        headers[changed] = str(int(headers[changed]) + 1) if changed.endswith("timestamp") else "msg_2"
    with pytest.raises(WebhookVerificationError):
        verified(b"x" * 32 if changed == "secret" else SECRET, "[]" if changed == "body" else "{}", headers)
