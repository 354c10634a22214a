"""A change that rests on an old state is refused."""

from typing import Any

import pytest

from common.http import conditional
from common.http.call import Answer, Call

ADMIN = {"Authorization": "Bearer admin:eve"}
TAG = '"0123456789abcdef"'


@pytest.fixture
def client(serve):
    def change(call: Call[Any]) -> Answer:
        conditional.require(call, TAG)
        return Answer(204)

    return serve("drop", change)


@pytest.mark.parametrize("given", [None, "*", TAG, f'"other", {TAG}', '"0123456789abcdef-gzip"'])
def test_the_current_tag_or_none_lets_a_change_pass(client, given):
    headers = ADMIN if given is None else {**ADMIN, "If-Match": given}
    assert client.delete("/things/1", headers=headers).status_code == 204


@pytest.mark.parametrize("given", ['"other"', f"W/{TAG}", "", "0123456789abcdef", '"'])
def test_another_tag_and_a_weak_one_do_not(client, given):
    response = client.delete("/things/1", headers={**ADMIN, "If-Match": given})
    assert (response.status_code, response.json["code"]) == (412, "precondition_failed")
    assert response.headers["ETag"] == TAG


def test_a_handler_may_name_the_state_itself(serve):
    client = serve("open", lambda _call: Answer(body={"n": 1}, headers={"ETag": TAG}))
    assert client.get("/open").headers["ETag"] == TAG
    assert client.get("/open", headers={"If-None-Match": TAG}).status_code == 304
