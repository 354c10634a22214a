"""Roles of users, as admins see and set them."""

import pytest

from common.identity import api_keys
from common.observability import audit
from common.observability.audit import Who
from common.platform.identity import InvalidToken

ADMIN = "admin:root"


def told(context):
    """The two are of one moment, so their order says nothing."""
    return sorted(
        (event.actor, event.subject, event.outcome)
        for _, event in audit.newest(context.documents, kind="ADMIN_ACTION", limit=10)
    )


def test_a_role_is_set_and_seen_and_told_of_before_and_after(call, context):
    assert call("GET", "/admin/users/ann/role", ADMIN).json == {"id": "ann", "role": "viewer"}
    answer = call("PUT", "/admin/users/ann/role", ADMIN, json={"role": "user"})
    assert (answer.status_code, answer.json) == (200, {"id": "ann", "role": "user"})
    assert call("GET", "/admin/users/ann/role", ADMIN).json["role"] == "user"
    assert told(context) == [("root", "users/ann", "begun"), ("root", "users/ann", "success")]


@pytest.mark.parametrize("role", ["user", "viewer", "service"])
def test_an_admin_stays_one_by_their_own_hand(call, context, role):
    answer = call("PUT", "/admin/users/root/role", ADMIN, json={"role": role})
    assert (answer.status_code, answer.json["code"]) == (409, "own_role")
    assert context.identity.role_of("root") == "admin"
    assert call("PUT", "/admin/users/root/role", "admin:other", json={"role": role}).status_code == 200


def test_a_role_that_somebody_else_gave_meanwhile_stays_under_if_match(call, context):
    page = "/admin/users/ann/role"
    seen = {"If-Match": call("GET", page, ADMIN).headers["ETag"]}
    assert call("PUT", page, ADMIN, json={"role": "service"}, headers=seen).status_code == 200
    late = call("PUT", page, ADMIN, json={"role": "user"}, headers=seen)
    assert (late.status_code, late.json["code"]) == (412, "precondition_failed")
    assert context.identity.role_of("ann") == "service"
    now = {"If-Match": late.headers["ETag"]}
    assert call("PUT", page, ADMIN, json={"role": "user"}, headers=now).status_code == 200


def test_an_unknown_user_is_404(call, context):
    context.identity.gone.add("nobody")
    assert call("GET", "/admin/users/nobody/role", ADMIN).status_code == 404
    assert call("PUT", "/admin/users/nobody/role", ADMIN, json={"role": "user"}).status_code == 404
    assert call("GET", f"/admin/users/{'x' * 200}/role", ADMIN).status_code == 404


@pytest.mark.parametrize("body", [{}, {"role": "root"}, {"role": None}, {"role": "user", "more": 1}])
def test_what_is_no_role_is_422(call, body):
    assert call("PUT", "/admin/users/ann/role", ADMIN, json=body).status_code == 422


def test_keys_that_may_do_more_than_their_owner_are_revoked_with_the_role(call, context):
    root = Who("root")
    _, strong = api_keys.create(context, root, name="a", owner="ann", role="admin")
    _, plain = api_keys.create(context, root, name="b", owner="ann", role="viewer")
    _, other = api_keys.create(context, root, name="c", owner="bob", role="admin")
    call("PUT", "/admin/users/ann/role", ADMIN, json={"role": "user"})
    with pytest.raises(InvalidToken, match="revoked"):
        api_keys.verify(context, strong)
    for secret in (plain, other):
        assert api_keys.verify(context, secret)
