"""A connection to a server of this machine that may be silenced, held, cut and mended."""

import contextlib
import socket
import threading
from types import TracebackType


class Wire:
    """Carries bytes between clients of `address` and the server at `target`, both as HOST:PORT."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._whole = True
        self._silent = False
        self._flowing = threading.Event()
        self._flowing.set()

    def __enter__(self) -> "Wire":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self.cut()
        self._flowing.set()

    def silence(self) -> None:
        """Let no answer through any more; what clients send still arrives."""
        self._silent = True

    def hold(self) -> None:
        """Let nothing through, and lose nothing: as a network does whose packets are sent again until they arrive."""
        self._flowing.clear()

    def cut(self) -> None:
        """Break every connection, and refuse new ones."""
        with self._lock:
            self._whole = False
            for end in self._open:
                _end(end)
            self._open.clear()

    def mend(self) -> None:
        """Carry everything again, first of all what was held."""
        with self._lock:
            self._whole, self._silent = True, False
        self._flowing.set()

    def _accept(self) -> None:
        with self._listener:
            while True:
                try:
                    client, _ = self._listener.accept()
                except OSError:
                    return
                with self._lock:
                    if not self._whole:
                        client.close()
                        continue
                    try:
                        server = socket.create_connection(self._target)
                    except OSError:  # nobody is there now
                        client.close()
                        continue
                    self._open += [client, server]
                threading.Thread(target=self._carry, args=[client, server, False], daemon=True).start()
                threading.Thread(target=self._carry, args=[server, client, True], daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with source:
            with contextlib.suppress(OSError):  # one end is gone, so the other shall go
                while data := source.recv(65536):
                    self._flowing.wait()
                    if not (answers and self._silent):
                        sink.sendall(data)
            _end(source)
            _end(sink)


def _end(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it was over already
