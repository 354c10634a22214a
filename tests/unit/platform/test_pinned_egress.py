"""Requests to strangers go to the address that was checked, and come back within their time."""

import datetime
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from common.platform.egress import EgressFailed, EgressRefused, EgressReply, NoEgress
from common.platform.pinned_egress import MOST_BYTES, SHOWN, PinnedEgress
from tests.protocol import webhook_receiver
from tests.protocol.webhook_receiver import Manner, answer, receiving

NAME = "hooks.example.com"


def post(url: str, seconds: float = 5.0) -> EgressReply:
    return PinnedEgress(loopback=True).post(url, b'{"a":1}', {"webhook-id": "msg_1"}, seconds=seconds)


def test_a_message_arrives_as_it_was_sent() -> None:
    with receiving(answer(204, b"")) as receiver:
        assert post(f"{receiver.url}?x=1") == EgressReply(204)
    [received] = receiver.received
    assert (received.path, received.body) == ("/hook?x=1", b'{"a":1}')
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert received.headers["webhook-id"] == "msg_1"
    assert received.headers["connection"] == "close"


@pytest.mark.parametrize("status", [200, 201, 302, 307, 400, 404, 410, 429, 500, 503])
def test_an_answer_is_told_and_nothing_in_it_is_followed(status: int) -> None:
    with receiving(answer(200)) as elsewhere:
        said = answer(status, b"no\x00 \xff way", Location=elsewhere.url, Retry_After="17", Set_Cookie="a=b")
        with receiving(said) as receiver:
            reply = post(receiver.url)
            post(receiver.url)
    assert (reply.status, reply.retry_after, reply.text) == (status, "17", "no  \ufffd way")
    assert elsewhere.connections == 0
    assert len(receiver.received) == 2
    assert all("cookie" not in one.headers for one in receiver.received)


SLOW: list[Manner] = [
    webhook_receiver.hang,
    webhook_receiver.drip(b"H"),
    webhook_receiver.drip(b"X: y\r\n", b"HTTP/1.1 200 OK\r\n"),
    webhook_receiver.drip(b"HTTP/1.1 103 Early Hints\r\n\r\n"),
]


@pytest.mark.parametrize("manner", SLOW)
def test_an_answer_that_does_not_come_to_its_end_in_time_is_none(manner: Manner) -> None:
    with receiving(manner) as receiver, pytest.raises(EgressFailed, match=r"within 0\.3 seconds"):
        post(receiver.url, 0.3)
    assert len(receiver.received) == 1


def test_a_body_that_drips_is_cut_off_and_the_status_counts() -> None:
    with receiving(webhook_receiver.drip(b"x", b"HTTP/1.1 200 OK\r\n\r\n")) as receiver:
        assert post(receiver.url, 0.4).status == 200


def test_of_a_body_without_end_a_little_is_read() -> None:
    with receiving(webhook_receiver.flood) as receiver:
        reply = post(receiver.url)
    assert reply.text == "x" * SHOWN
    assert MOST_BYTES < 10_000


@pytest.mark.parametrize("manner", [webhook_receiver.hang_up, webhook_receiver.babble])
def test_what_is_no_http_has_failed(manner: Manner) -> None:
    with receiving(manner) as receiver, pytest.raises(EgressFailed):
        post(receiver.url)


def test_a_receiver_that_is_down_has_failed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(EgressFailed, match="connection failed"):
        post(f"http://127.0.0.1:{port}/")


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving(answer(502)) as proxy, receiving(answer(200)) as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setitem(os.environ, name, f"http://127.0.0.1:{proxy.port}")
        assert post(receiver.url).status == 200
    assert proxy.connections == 0


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "https://127.0.0.1/", "https://localhost/", "https://10.0.0.1/"]
)
def test_this_machine_is_out_of_reach_by_default(url: str) -> None:
    with pytest.raises(EgressRefused):
        PinnedEgress(connect=nobody).post(url, b"", {}, seconds=5)


def nobody(address: str, port: int, _seconds: float) -> socket.socket:
    raise AssertionError(f"{address} port {port} was connected to")


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], ["::1"], ["::ffff:127.0.0.1"], ["fe80::1%1"], ["64:ff9b::a00:1"],
     ["8.8.8.8", "127.0.0.1"], ["2606:4700:4700::1111", "fd00::1"], ["not an address"]],
)  # fmt: skip
def test_a_name_that_leads_inside_is_refused_with_all_its_addresses(addresses: list[str]) -> None:
    egress = PinnedEgress(loopback=True, resolve=lambda _host, _port: addresses, connect=nobody)
    with pytest.raises(EgressRefused) as refused:
        egress.post(f"https://{NAME}/", b"", {}, seconds=5)
    assert all(address not in str(refused.value) for address in addresses if address[0] not in "n8")


def test_a_name_without_an_address_has_failed_and_so_has_one_that_nobody_resolves() -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror("no such name")

    over = threading.Event()

    def slow(_host: str, _port: int) -> list[str]:
        over.wait(10)
        return ["8.8.8.8"]

    for resolve in (unknown, slow, lambda _host, _port: []):
        with pytest.raises(EgressFailed):
            PinnedEgress(resolve=resolve, connect=nobody).post(f"https://{NAME}/", b"", {}, seconds=0.1)
    over.set()


class Rebinding:
    """A name server of an attacker: public when it is asked first, this machine ever after."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, _host: str, _port: int) -> list[str]:
        self.asked += 1
        return ["93.184.215.14"] if self.asked == 1 else ["127.0.0.1"]


@pytest.fixture
def trusted(tmp_path: Path) -> Callable[[str], tuple[ssl.SSLContext, ssl.SSLContext]]:
    """TLS of a server with a name, and of a client that trusts it."""

    def make(name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.UTC)
        signed = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        certificate, private = tmp_path / "cert.pem", tmp_path / "key.pem"
        certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        private.write_bytes(key.private_bytes(*pem))
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(certificate, private)
        return server, ssl.create_default_context(cafile=str(certificate))

    return make


@pytest.fixture
def secured(
    trusted: Callable[[str], tuple[ssl.SSLContext, ssl.SSLContext]],
) -> Iterator[Callable[[str], tuple[int, ssl.SSLContext, list[str]]]]:
    """A server that speaks TLS under a name: its port, what trusts it, and the names that it was asked for."""
    ends: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def make(name: str) -> tuple[int, ssl.SSLContext, list[str]]:
        server, client = trusted(name)
        asked: list[str] = []
        server.sni_callback = lambda _line, given, _context: asked.append(str(given))
        listener = socket.create_server(("127.0.0.1", 0))
        ends.append(listener)

        def serve() -> None:
            line, _ = listener.accept()
            try:
                with line, server.wrap_socket(line, server_side=True) as secure:
                    request = b""
                    # To its end: what is unread when the line closes would reset it.
                    while not request.endswith(b"\r\n\r\n{}") and (more := secure.recv(65_536)):
                        request += more
                    asked.append(request.decode().partition("\r\n\r\n")[0])
                    secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            except OSError:
                return

        threads.append(threading.Thread(target=serve, daemon=True))
        threads[-1].start()
        return listener.getsockname()[1], client, asked

    yield make
    for thread in threads:
        thread.join(10)
    for listener in ends:
        listener.close()


def test_a_name_that_changes_its_address_after_the_check_changes_nothing(
    secured: Callable[[str], tuple[int, ssl.SSLContext, list[str]]],
) -> None:
    port, client, asked = secured(NAME)
    connected: list[tuple[str, int]] = []

    def connect(address: str, at: int, seconds: float) -> socket.socket:
        connected.append((address, at))
        return socket.create_connection(("127.0.0.1", port), timeout=seconds)  # stands in for the public address

    resolve = Rebinding()
    egress = PinnedEgress(context=client, resolve=resolve, connect=connect)
    assert egress.post(f"https://{NAME}:8443/x", b"{}", {}, seconds=5).status == 200
    assert connected == [("93.184.215.14", 8443)]
    assert resolve.asked == 1
    assert asked[0] == NAME
    assert asked[1].startswith(f"POST /x HTTP/1.1\r\nHost: {NAME}:8443\r\n")
    with pytest.raises(EgressRefused):
        egress.post(f"https://{NAME}:8443/x", b"{}", {}, seconds=5)
    assert len(connected) == 1


def test_a_server_that_cannot_prove_the_name_is_not_told_anything(
    secured: Callable[[str], tuple[int, ssl.SSLContext, list[str]]],
) -> None:
    port, client, asked = secured("other.example.com")
    egress = PinnedEgress(
        context=client,
        resolve=lambda _host, _port: ["93.184.215.14"],
        connect=lambda _address, _port, seconds: socket.create_connection(("127.0.0.1", port), timeout=seconds),
    )
    with pytest.raises(EgressFailed, match="TLS failed"):
        egress.post(f"https://{NAME}/", b"{}", {}, seconds=5)
    assert asked == [NAME]


def test_the_next_address_is_tried_where_one_is_down(
    secured: Callable[[str], tuple[int, ssl.SSLContext, list[str]]],
) -> None:
    port, client, _ = secured(NAME)

    def connect(address: str, _port: int, seconds: float) -> socket.socket:
        if address == "2606:4700:4700::1111":
            raise OSError("Network is unreachable")
        return socket.create_connection(("127.0.0.1", port), timeout=seconds)

    addresses = ["2606:4700:4700::1111", "93.184.215.14"]
    egress = PinnedEgress(context=client, resolve=lambda _host, _port: addresses, connect=connect)
    assert egress.post(f"https://{NAME}/", b"{}", {}, seconds=5).status == 200


def test_a_process_without_a_way_out_refuses() -> None:
    with pytest.raises(EgressRefused):
        NoEgress().post(f"https://{NAME}/", b"", {}, seconds=1)
