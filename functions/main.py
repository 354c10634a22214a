"""Every function, by name, loaded when it is asked for: FUNCTION_TARGET picks one, and only its module is imported."""

from importlib import import_module

import flask

from common import runtime
from common.engine.context import Context
from common.http import boundary, framework, push
from common.http.boundary import Function
from common.observability import logs
from functions.catalogue import CATALOGUE

logs.configure()


def context() -> Context:
    """The outside world of this process."""
    return runtime.current(CATALOGUE)


def __getattr__(name: str) -> Function:
    """The function of a catalogue entry, ready for functions-framework."""
    if name not in CATALOGUE:
        raise AttributeError(f"{name!r} is no function of the catalogue; known ones are {', '.join(CATALOGUE)}.")
    runtime.check(CATALOGUE)
    entry = CATALOGUE[name]
    module = import_module(entry.module)
    wrap = {"api": boundary.endpoint, "live": boundary.endpoint, "steps": push.step, "upkeep": push.upkeep}[entry.kind]
    function = wrap(entry, module, context)
    if flask.has_app_context():
        framework.adopt(flask.current_app, entry, function, context)
    globals()[name] = function
    return function
