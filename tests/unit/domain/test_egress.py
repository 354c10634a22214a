"""Where messages may be sent: a table of what has been tried against other services."""

import ipaddress

import pytest

from common.domain.egress import InvalidTarget, refusal, target

REFUSED_ADDRESSES = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.1.2.3",
    "168.63.129.16", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.254", "192.0.0.8", "192.0.0.192",
    "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::8.8.8.8", "64:ff9b::7f00:1",
    "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1",
    "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip
PUBLIC_ADDRESSES = ["1.1.1.1", "8.8.8.8", "93.184.215.14", "172.32.0.1", "2606:4700:4700::1111", "2a00:1450:4001::1"]

REFUSED_URLS = [
    "", "hooks.example.com", "//hooks.example.com", "https://", "https:///x", "https://?x", "ftp://hooks.example.com",
    "http://hooks.example.com", "HTTP://hooks.example.com", "file:///etc/passwd", "gopher://hooks.example.com:70/_x",
    "javascript:alert(1)", "unix:/var/run/docker.sock",
    "https://localhost", "https://localhost.", "https://LOCALHOST", "https://a.localhost", "https://localhost:443/x",
    "https://localhost.localdomain", "https://intranet", "https://metadata.google.internal/computeMetadata/v1/",
    "https://printer.local", "https://router.home.arpa", "https://x.onion", "https://host.docker.internal",
    "https://127.0.0.1", "https://127.0.0.1:8443", "https://127.1", "https://127.0.1", "https://0", "https://0.0.0.0",
    "https://2130706433", "https://017700000001", "https://0177.0.0.1", "https://0x7f000001", "https://0x7f.0.0.1",
    "https://0x7f.1", "https://127.0.0.0x1", "https://3232235521", "https://10.0.0.1", "https://169.254.169.254/latest",
    "https://127.0.0.1.", "https://example.com.", "https://8.8.8.8.", "https://1.1.1.1.1", "https://256.256.256.256",
    "https://[::1]", "https://[::]", "https://[::ffff:127.0.0.1]", "https://[::ffff:7f00:1]", "https://[0:0:0:0:0:ffff:0:1]",
    "https://[64:ff9b::127.0.0.1]", "https://[fe80::1%25eth0]", "https://[fd00:ec2::254]", "https://[::1", "https://::1",
    "https://[v1.fe80::a]",
    "https://user@hooks.example.com", "https://user:pass@hooks.example.com", "https://@hooks.example.com",
    "https://hooks.example.com@127.0.0.1", "https://127.0.0.1#@hooks.example.com", "https://hooks.example.com#x",
    "https://hooks.example.com\\@127.0.0.1", "https:\\\\hooks.example.com", "https://hooks.example.com/\r\nX: y",
    "https://hooks.example.com/a b", "https://hooks .example.com", "https://hooks.example.com\t", "https://hooks\x00.example.com",
    "https://hooks.example.com:22", "https://hooks.example.com:80", "https://hooks.example.com:0",
    "https://hooks.example.com:65536", "https://hooks.example.com:-1", "https://hooks.example.com:4 43",
    "https://hooks.example.com:443:443", "https://%31%32%37.0.0.1", "https://hooks%2eexample.com", "https://hooks_1.example.com",
    "https://-a.example.com", "https://a-.example.com", "https://a..example.com", "https://.example.com",
    "https://①②⑦.⓪.⓪.①", "https://１２７.０.０.１", "https://ｌｏｃａｌｈｏｓｔ", "https://127。0。0。1", "https://localhost。",
    "https://xn--", "https://xn--a.example.com.", "https://\u202eexample.com", f"https://{'a' * 64}.com",
    f"https://{'a.' * 130}com", "https://hooks.example.com/" + "x" * 2048,
]  # fmt: skip

ALLOWED_URLS = {
    "https://hooks.example.com": "https://hooks.example.com/",
    "https://hooks.example.com:443/x?y=1&z": "https://hooks.example.com/x?y=1&z",
    "https://hooks.example.com:8443/x": "https://hooks.example.com:8443/x",
    "HTTPS://Hooks.Example.COM/Path": "https://hooks.example.com/Path",
    "https://bücher.example.com/ü": "https://xn--bcher-kva.example.com/%C3%BC",
    "https://xn--bcher-kva.example.com": "https://xn--bcher-kva.example.com/",
    "https://8.8.8.8/x": "https://8.8.8.8/x",
    "https://[2606:4700:4700::1111]/": "https://[2606:4700:4700::1111]/",
    "https://hooks.example.com/%2e%2e/a@b": "https://hooks.example.com/%2e%2e/a@b",
}


@pytest.mark.parametrize("text", REFUSED_ADDRESSES)
def test_nothing_is_sent_to_an_address_that_is_not_public(text):
    assert refusal(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC_ADDRESSES)
def test_public_addresses_may_be_reached(text):
    assert refusal(ipaddress.ip_address(text)) == ""


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_a_url_that_leads_elsewhere_than_to_the_internet_is_refused_with_what_would_do(url):
    with pytest.raises(InvalidTarget) as refused:
        target(url)
    said = str(refused.value)
    assert said.endswith(".")
    assert "; " in said  # what is wrong, and what to do


@pytest.mark.parametrize(("url", "called"), ALLOWED_URLS.items())
def test_a_public_url_is_called_in_its_plain_form(url, called):
    assert target(url).url == called


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/x", "https://127.0.0.1:9443/", "http://[::1]:9000/"])
def test_this_machine_is_called_only_where_the_settings_say_so(url):
    assert target(url, loopback=True).url == url
    with pytest.raises(InvalidTarget):
        target(url)


@pytest.mark.parametrize(
    "url",
    ["http://localhost:9000", "http://10.0.0.1", "http://hooks.example.com", "https://192.168.0.1", "http://0.0.0.0:80",
     "http://[::ffff:127.0.0.1]:80", "ftp://127.0.0.1", "http://u@127.0.0.1"],
)  # fmt: skip
def test_trying_things_out_opens_nothing_but_this_machine(url):
    with pytest.raises(InvalidTarget):
        target(url, loopback=True)
