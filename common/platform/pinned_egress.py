"""Requests to addresses that users name, over connections that go where the check looked and nowhere else.

The name is resolved once, every address it leads to is checked, and the connection is made to one of those: a name that
answers otherwise a moment later changes nothing. TLS still proves the name. No proxy, no redirect, no cookie, no
environment; and one deadline for everything, so that an answer that drips in is cut off.
"""

import contextlib
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import certifi
import httpcore

from common.domain.egress import Address, InvalidTarget, Target, refusal, target
from common.platform.egress import EgressFailed, EgressRefused, EgressReply

MOST_BYTES = 4096  # of an answer's body that are read
SHOWN = 500  # characters of it that are kept
TRIED = 3  # addresses of one name
_CHUNK = 16_384

Resolve = Callable[[str, int], Iterable[str]]
Connect = Callable[[str, int, float], socket.socket]


class PinnedEgress:
    """The real network. `loopback` lets requests to a literal address of this machine pass, for trying things out."""

    def __init__(
        self,
        *,
        loopback: bool = False,
        context: ssl.SSLContext | None = None,
        resolve: Resolve | None = None,
        connect: Connect | None = None,
    ) -> None:
        self._loopback = loopback
        self._context = context
        self._resolve = resolve or _resolved
        self._connect = connect or _connected

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> EgressReply:
        """The answer, within so many seconds in all; EgressRefused, EgressFailed."""
        until = time.monotonic() + seconds
        try:
            where = target(url, loopback=self._loopback)
        except InvalidTarget as invalid:
            raise EgressRefused(str(invalid)) from None
        addresses = self._checked(where, until)
        line = _Backend(addresses, self._connect, until)
        sent = [("Host", _host(where)), *headers.items(), ("Connection", "close")]
        try:
            with (
                httpcore.ConnectionPool(ssl_context=self._tls(), max_connections=1, network_backend=line) as pool,
                pool.stream("POST", where.url, headers=sent, content=body) as response,
            ):
                return EgressReply(response.status, _header(response, b"retry-after"), _beginning(response))
        except httpcore.TimeoutException:
            raise EgressFailed(f"No whole answer came within {seconds:g} seconds.") from None
        except ssl.SSLError as error:
            raise EgressFailed(f"TLS failed: {error.reason or error}.") from None
        except (httpcore.NetworkError, OSError) as error:
            raise EgressFailed(f"The connection failed: {_reason(error)}.") from None
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol, ValueError) as error:
            raise EgressFailed(f"The answer is no HTTP: {error}.") from None

    def _checked(self, where: Target, until: float) -> list[str]:
        """The addresses to connect to. One that may not be reached spoils all: its name has no business there."""
        if where.address is not None:
            return [str(where.address)]
        found = _in_time(lambda: [*self._resolve(where.host, where.port)], until, where.host)
        addresses: list[Address] = []
        for text in dict.fromkeys(found):
            try:
                addresses.append(ipaddress.ip_address(text))
            except ValueError:
                raise EgressRefused(f"{where.host} leads to something that is no address.") from None
        if not addresses:
            raise EgressFailed(f"{where.host} has no address.")
        for address in addresses:
            if reason := refusal(address):
                raise EgressRefused(f"{where.host} leads to {reason}; nothing is sent there.")
        return [str(address) for address in addresses]

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = ssl.create_default_context(cafile=certifi.where())
        return self._context


class _Backend(httpcore.NetworkBackend):
    """Connects to the checked addresses, whatever name it is given."""

    def __init__(self, addresses: list[str], connect: Connect, until: float) -> None:
        self._addresses = addresses[:TRIED]
        self._connect = connect
        self._until = until

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address that takes one."""
        for left in range(len(self._addresses), 0, -1):
            address = self._addresses[len(self._addresses) - left]
            try:
                return _Line(self._connect(address, port, _left(self._until) / left), self._until)
            except TimeoutError:
                if left == 1:
                    raise httpcore.ConnectTimeout from None
            except OSError as error:
                if left == 1:
                    raise httpcore.ConnectError(_reason(error)) from None
        raise httpcore.ConnectError("no address")


class _Line(httpcore.NetworkStream):
    """A connection whose every call has what is left of the one deadline."""

    def __init__(self, line: socket.socket, until: float) -> None:
        self._line = line
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has arrived."""
        with self._timed(httpcore.ReadTimeout, httpcore.ReadError):
            return self._line.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        for start in range(0, len(buffer), _CHUNK):
            with self._timed(httpcore.WriteTimeout, httpcore.WriteError):
                self._line.sendall(buffer[start : start + _CHUNK])  # has its timeout as a whole

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection in TLS, to a server that proves the name."""
        try:
            self._line.settimeout(_left(self._until))
            return _Line(ssl_context.wrap_socket(self._line, server_hostname=server_hostname), self._until)
        except TimeoutError:
            self.close()
            raise httpcore.ConnectTimeout from None
        except BaseException:
            self.close()
            raise

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks of a connection."""
        return self._line if info == "socket" else None

    @contextlib.contextmanager
    def _timed(self, late: type[Exception], broken: type[Exception]) -> Any:
        try:
            self._line.settimeout(_left(self._until))
            yield
        except TimeoutError:
            raise late from None
        except OSError as error:
            raise broken(_reason(error)) from None


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _in_time(ask: Callable[[], list[str]], until: float, host: str) -> list[str]:
    """What the resolver says, or EgressFailed: it knows no deadline, so it is left alone when it takes too long."""
    answers: queue.Queue[list[str] | OSError | UnicodeError] = queue.Queue()

    def run() -> None:
        try:
            answers.put(ask())
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=run, name="resolve", daemon=True).start()
    try:
        found = answers.get(timeout=max(0.001, until - time.monotonic()))
    except queue.Empty:
        raise EgressFailed(f"The name {host} was not resolved in time.") from None
    if isinstance(found, Exception):
        raise EgressFailed(f"The name {host} cannot be resolved.") from None
    return found


def _resolved(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _connected(address: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((address, port), timeout=seconds)


def _host(where: Target) -> str:
    standard = {"https": 443, "http": 80}[where.scheme]
    return where.authority if where.port == standard else f"{where.authority}:{where.port}"


def _header(response: httpcore.Response, name: bytes) -> str:
    found = [value for key, value in response.headers if key.lower() == name]
    return found[0].decode("ascii", "replace")[:100] if found else ""


def _beginning(response: httpcore.Response) -> str:
    """The beginning of the body as plain text. An answer whose body breaks off or drips is one by its status."""
    parts, size = [], 0
    with contextlib.suppress(httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        for chunk in response.iter_stream():
            parts.append(chunk)
            size += len(chunk)
            if size >= MOST_BYTES:
                break
    text = b"".join(parts)[:MOST_BYTES].decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() else " " for sign in text)[:SHOWN].strip()


def _reason(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).rstrip(".")[:200]
