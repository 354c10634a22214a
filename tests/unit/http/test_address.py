"""The client's address is what our own proxies say, whatever the client says."""

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from common.http.address import client, household


def asked(forwarded: str | None, peer: str = "10.0.0.1") -> Request:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return Request(EnvironBuilder(headers=headers, environ_base={"REMOTE_ADDR": peer}).get_environ())


@pytest.mark.parametrize(
    ("forwarded", "trusted", "found"),
    [
        ("6.6.6.6, 203.0.113.9, 35.1.1.1", 2, "203.0.113.9"),  # the client wrote the first
        ("203.0.113.9,35.1.1.1", 2, "203.0.113.9"),
        ("6.6.6.6, 7.7.7.7, 203.0.113.9", 1, "203.0.113.9"),
        ("2001:db8::1, 35.1.1.1", 2, "2001:db8::1"),
        ("6.6.6.6", 0, "10.0.0.1"),  # nobody stands before us
        ("6.6.6.6", 2, "10.0.0.1"),  # our proxies write two: this one came around them
        ("<script>, 35.1.1.1", 2, "10.0.0.1"),
        ("", 2, "10.0.0.1"),
        (None, 2, "10.0.0.1"),
    ],
)
def test_entries_are_counted_from_the_end(forwarded, trusted, found):
    assert client(asked(forwarded), trusted) == found


def test_two_lines_of_the_header_are_one_list():
    headers = [("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "203.0.113.9, 35.1.1.1")]
    request = Request(EnvironBuilder(headers=headers).get_environ())
    assert client(request, 2) == "203.0.113.9"


@pytest.mark.parametrize(
    ("address", "shared"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("no:address", "no:address"),
        ("", ""),
    ],
)
def test_a_customer_with_a_whole_network_has_one_quota(address, shared):
    assert household(address) == shared
