"""The catalogue of functions as typed, validated values: what `functions/catalogue.yaml` says, once."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

import yaml
from pydantic import BeforeValidator, Field, ValidationError, model_validator

from common.domain.model import Model

Role = Literal["admin", "user", "viewer", "service"]
Kind = Literal["api", "live", "steps", "upkeep"]

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_ROUTE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/\S*)")


class InvalidCatalogue(ValueError):
    """The catalogue contradicts itself; the text names the entry."""


def _duration(value: Any) -> Any:
    match = re.fullmatch(r"(\d+)([smhd])", value) if isinstance(value, str) else None
    return timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else value


Duration = Annotated[timedelta, BeforeValidator(_duration)]


class Route(Model):
    """Method and path template of an endpoint: `{name}` matches one path segment."""

    method: str
    path: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """Matches exactly the paths of this route; groups are the path parameters."""
        return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.path)))


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
    live: bool = False  # answers for as long as the client listens: a WebSocket or an event stream
    limit: int | None = None  # requests that one caller may send in a minute, where it is less than the general limit
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
        if not self.http and (self.live or self.limit):
            raise ValueError("only endpoints are live or have a limit")
        return self


class Catalogue(Mapping[str, Entry]):
    """All functions by name."""

    def __init__(self, entries: Mapping[str, Entry]):
        self._entries = dict(entries)

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

    def rules(self, step: str) -> StepRules:
        """Rules of a step; KeyError for another function."""
        rules = self._entries[step].step
        if rules is None:
            raise KeyError(f"{step} is no pipeline step.")
        return rules

    def match(self, method: str, path: str) -> tuple[Entry, dict[str, str]] | None:
        """The endpoint that serves a request, with its path parameters."""
        for entry in self.endpoints():
            route = entry.http
            if route and route.method == method and (found := route.pattern.fullmatch(path)):
                return entry, found.groupdict()
        return None

    def methods(self, path: str) -> tuple[str, ...]:
        """Methods that some endpoint offers on a path."""
        return tuple(
            entry.http.method for entry in self.endpoints() if entry.http and entry.http.pattern.fullmatch(path)
        )


def parse(text: str) -> Catalogue:
    """Read the YAML catalogue; InvalidCatalogue names the entry that is wrong."""
    raw = yaml.safe_load(text)
    defaults = raw["defaults"]
    entries = {}
    for name, fields in raw["functions"].items():
        try:
            entries[name] = Entry(**{**defaults, **fields, "name": name})
        except ValidationError as error:
            raise InvalidCatalogue(f"Entry {name!r} of the catalogue is invalid: {error}") from error
    return Catalogue(entries)
