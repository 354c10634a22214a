"""Every function of the catalogue in one process, each through functions-framework as on Cloud Run.

Clients reach endpoints only, by the routes of the catalogue. The local message bus, task queues, schedules and jobs
reach the background functions by `deliver`.
"""

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import functions_framework
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from common.engine.context import Context
from common.http import boundary
from scripts.local.downloads import PREFIX, download
from scripts.local.uploads import upload

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAIN = Path(__file__).resolve().parents[2] / "functions" / "main.py"

log = logging.getLogger(__name__)
_loading = threading.Lock()


class Gateway:
    """A WSGI application. It routes and serves files; the functions use the context that `common.runtime` holds."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._apps: dict[str, WSGIApplication] = {}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one client request."""
        request = Request(environ)
        method = "GET" if request.method == "HEAD" else request.method
        found = self._context.catalogue.match(method, request.path)
        if found is not None:
            try:
                app = self._app(found[0].name)
            except Exception:
                log.exception("a function could not be loaded", extra={"function": found[0].name})
                return boundary.broken(request, self._here)(environ, start_response)
            return app(environ, start_response)
        if request.path.startswith(PREFIX):
            serve = upload if request.method == "PUT" else download
            answer: Callable[[Context, str], Response] = lambda context, _: serve(context, request)  # noqa: E731
            return boundary.guarded(request, self._here, answer, function="objects")(environ, start_response)
        return boundary.unrouted(request, self._here)(environ, start_response)

    def deliver(self, function: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Push one message, task or tick to a background function; the HTTP status of its answer."""
        entry = self._context.catalogue.get(function)
        if entry is None or entry.http is not None:
            log.error("a delivery to an unknown function", extra={"function": function})
            return 404
        with Client(self._app(function), Response).post("/", data=body, headers=dict(headers)) as response:
            return response.status_code

    def _here(self) -> Context:
        return self._context

    def _app(self, name: str) -> "WSGIApplication":
        app = self._apps.get(name)
        if app is None:
            with _loading:
                app = self._apps.get(name) or self._apps.setdefault(name, load(name))
        return app


def load(function: str) -> Any:
    """The WSGI application of one function, with the process left as it was."""
    with _undisturbed():
        return functions_framework.create_app(function, str(MAIN), "http")  # type: ignore[no-untyped-call]


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Undo what functions-framework does to its process, which it takes for a process of one function.

    It names the target in the environment (which our jobs would inherit), appends our folder to the import path
    (where `catalogue` would then be a module of its own) and registers the source as the module `main`.
    """
    names = ("FUNCTION_TARGET", "FUNCTION_SIGNATURE_TYPE")
    environment = {name: os.environ.get(name) for name in names}
    path, main = list(sys.path), sys.modules.get("main")
    try:
        yield
    finally:
        for name, value in environment.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        sys.path[:] = path
        if main is None:
            sys.modules.pop("main", None)
        else:
            sys.modules["main"] = main
