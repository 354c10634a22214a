"""The catalogue of functions as typed, validated values: what `functions/catalogue.yaml` says, once."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import BeforeValidator, Field, ValidationError, model_validator

from common.domain.model import Model
from common.domain.presets import Priority

Role = Literal["admin", "user", "viewer", "service"]
Kind = Literal["api", "live", "steps", "upkeep"]

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_ROUTE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/\S*)")


# The same in C, where PyYAML was built with it: every start reads the catalogue.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class InvalidCatalogue(ValueError):
    """The catalogue contradicts itself; the text names the entry."""


def _duration(value: Any) -> Any:
    match = re.fullmatch(r"(\d+)([smhd])", value) if isinstance(value, str) else None
    return timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else value


Duration = Annotated[timedelta, BeforeValidator(_duration)]


# One segment of a path that was sent in UTF-8 and can be a document's id: not too long, without control characters,
# and none of the names that the store keeps for itself.
_SEGMENT = "(?!\\.{1,2}(?:/|$))(?!__[^/]*__(?:/|$))[^/\\x00-\\x1f\\x7f\ufffd]{1,256}"


class Route(Model):
    """Method and path template of an endpoint: `{name}` matches one path segment."""

    method: str
    path: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches exactly the paths of this route; groups are the path parameters."""
        return re.compile(re.sub(r"\\{(\w+)\\}", lambda name: f"(?P<{name[1]}>{_SEGMENT})", re.escape(self.path)))

    @cached_property
    def variable(self) -> bool:
        """Whether the path has parameters."""
        return "{" in self.path

    def match(self, path: str) -> dict[str, str] | None:
        """The path's parameters; None for a path of another route."""
        if not self.variable:
            return {} if path == self.path else None
        found = self.pattern.fullmatch(path)
        return found.groupdict() if found else None


def _route(value: Any) -> Any:
    match = _ROUTE.fullmatch(value) if isinstance(value, str) else None
    return {"method": match[1], "path": match[2]} if match else value


class StepRules(Model):
    """How a background step is leased, repeated and paced."""

    lease: Duration
    attempts: int = Field(ge=1, le=100)
    deadline: Duration
    progress: tuple[float, float]
    queue: str | None = None
    job: str | None = None


class Entry(Model):
    """One function: exactly one trigger, and its limits, roles and permissions."""

    name: str
    summary: str
    http: Annotated[Route, BeforeValidator(_route)] | None = None
    step: StepRules | None = None
    schedule: str | None = None
    topic: str | None = None
    task: str | None = None  # a queue whose tasks this function takes
    roles: tuple[Role, ...] | Literal["public"] = ()
    idempotent: bool = False
    unrepeatable: bool = False  # it answers a secret that is kept nowhere, so a repeat cannot be answered alike
    live: bool = False  # answers for as long as the client listens: a WebSocket or an event stream
    limit: int | None = None  # requests that one caller may send in a minute, where it is less than the general limit
    exempt: bool = False  # from every limit of requests
    uses: tuple[str, ...] = ()
    memory: str
    cpu: int
    timeout: Duration
    concurrency: int
    min: int
    max: int

    @property
    def kind(self) -> Kind:
        """The folder under functions/ that holds this function's file."""
        if self.http:
            return "live" if self.live else "api"
        return "steps" if self.step else "upkeep"

    @property
    def module(self) -> str:
        """Dotted name of the one module that implements this function."""
        return f"functions.{self.kind}.{self.name}"

    @model_validator(mode="after")
    def _has_one_trigger(self) -> "Entry":
        triggers = [name for name in ("http", "step", "schedule", "topic", "task") if getattr(self, name)]
        if len(triggers) != 1:
            raise ValueError(f"needs exactly one of http, step, schedule, topic and task, has {triggers or 'none'}")
        if self.http and not self.roles:
            raise ValueError("an endpoint names its roles, or says `roles: public`")
        if not self.http and self.roles:
            raise ValueError("only endpoints have roles")
        if not self.http and (self.live or self.limit or self.exempt):
            raise ValueError("only endpoints are live, have a limit or are exempt from it")
        if self.idempotent and self.unrepeatable:
            raise ValueError("what is unrepeatable cannot be idempotent: its answer must not be kept")
        if self.limit and self.exempt:
            raise ValueError("what is exempt from limits has none of its own")
        return self


class Catalogue(Mapping[str, Entry]):
    """All functions by name."""

    def __init__(self, entries: Mapping[str, Entry]):
        self._entries = dict(entries)
        self._routes = [(entry.http, entry) for entry in self._entries.values() if entry.http]
        self._fixed = {(route.method, route.path): entry for route, entry in self._routes if not route.variable}
        self._variable = [(route, entry) for route, entry in self._routes if route.variable]
        self._own = {route.path for route, _entry in self._routes if not route.variable}

    def __getitem__(self, name: str) -> Entry:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def endpoints(self) -> tuple[Entry, ...]:
        """Functions called over HTTP by clients."""
        return tuple(entry for entry in self._entries.values() if entry.http)

    def steps(self) -> tuple[Entry, ...]:
        """Background steps of a pipeline."""
        return tuple(entry for entry in self._entries.values() if entry.step)

    def schedules(self) -> dict[str, str]:
        """Cron expression by function name."""
        return {entry.name: entry.schedule for entry in self._entries.values() if entry.schedule}

    def topics(self) -> dict[str, str]:
        """Function by the topic that it takes messages of; a step's topic has the step's name."""
        others = {entry.topic: entry.name for entry in self._entries.values() if entry.topic}
        return {**{entry.name: entry.name for entry in self.steps()}, **others}

    def queues(self) -> tuple[str, ...]:
        """Every queue: three of each that paces steps, by priority, and those that a `task` names, as they are."""
        paced = {"steps", *(entry.step.queue for entry in self.steps() if entry.step and entry.step.queue)}
        lanes = [f"{name}-{priority}" for name in sorted(paced) for priority in get_args(Priority)]
        return (*lanes, *(entry.task for entry in self._entries.values() if entry.task))

    def rules(self, step: str) -> StepRules:
        """Rules of a step; KeyError for another function."""
        rules = self._entries[step].step
        if rules is None:
            raise KeyError(f"{step} is no pipeline step.")
        return rules

    def match(self, method: str, path: str) -> tuple[Entry, dict[str, str]] | None:
        """The endpoint that serves a request, with its path parameters."""
        if path in self._own:
            fixed = self._fixed.get((method, path))
            return (fixed, {}) if fixed else None
        for route, entry in self._variable:
            if route.method == method and (found := route.match(path)) is not None:
                return entry, found
        return None

    def methods(self, path: str) -> tuple[str, ...]:
        """Methods that some endpoint offers on a path."""
        return tuple(
            route.method
            for route, _entry in self._routes
            if route.match(path) is not None and not (route.variable and self.is_fixed(path))
        )

    def is_fixed(self, path: str) -> bool:
        """Whether an endpoint has this very path: then no parameter of another one takes its last part."""
        return path in self._own


def parse(text: str) -> Catalogue:
    """Read the YAML catalogue; InvalidCatalogue names the entry that is wrong."""
    raw = yaml.load(text, Loader=_LOADER)  # noqa: S506 - both loaders are safe ones
    defaults, identifying = raw["defaults"], raw.get("identifying", [])
    entries = {}
    for name, fields in raw["functions"].items():
        try:
            entry = Entry(**{**defaults, **fields, "name": name})
            if entry.http and entry.roles != "public":
                entry = entry.model_copy(update={"uses": tuple(dict.fromkeys([*entry.uses, *identifying]))})
            entries[name] = entry
        except ValidationError as error:
            raise InvalidCatalogue(f"Entry {name!r} of the catalogue is invalid: {error}") from error
    return Catalogue(entries)
