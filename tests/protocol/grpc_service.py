"""Local gRPC servers: methods of a published service, served from the client library's own message classes."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc

# Per method of a service: the class of its request, and what answers it with a message.
Methods = Mapping[str, tuple[Any, Callable[[Any], Any]]]


class Refused(Exception):
    """The service answers with this status instead of a message."""

    def __init__(self, code: grpc.StatusCode, detail: str):
        super().__init__(detail)
        self.code = code


@contextmanager
def serving(services: Mapping[str, Methods]) -> Iterator[grpc.Channel]:
    """Serve on a free port of this machine; a channel to it. Calls still in progress end with the block."""
    pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="protocol")
    server = grpc.server(pool)
    for name, methods in services.items():
        handlers = {method: _handler(request, answer) for method, (request, answer) in methods.items()}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    try:
        yield channel
    finally:
        channel.close()
        server.stop(None).wait(5)
        pool.shutdown()


def _handler(request: Any, answer: Callable[[Any], Any]) -> grpc.RpcMethodHandler:
    def respond(message: Any, call: grpc.ServicerContext) -> Any:
        try:
            return answer(message)
        except Refused as refused:
            call.abort(refused.code, str(refused))

    return grpc.unary_unary_rpc_method_handler(respond, _reader(request), _written)


def _reader(message: Any) -> Callable[[bytes], Any]:
    return getattr(message, "deserialize", None) or message.FromString  # wrapped by proto-plus, or plain protobuf


def _written(message: Any) -> bytes:
    plain = getattr(type(message), "serialize", None)
    return plain(message) if plain else message.SerializeToString()
