"""Every engine there is, by kind, made when first used."""

import importlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["planner", "visuals", "voice", "music", "effects", "reviewer"]


@dataclass(frozen=True)
class Listing:
    """One engine: where its class lives, and the secret that a paid one needs."""

    kind: Kind
    name: str
    target: str  # module:Class
    secret: str = ""


LISTINGS: tuple[Listing, ...] = (
    Listing("planner", "gemini-planner", "common.providers.planner.gemini:GeminiPlanner", secret="gemini-api-key"),  # noqa: S106 - a name
    Listing("planner", "local-planner", "common.providers.planner.local:LocalPlanner"),
    Listing("visuals", "runway-full", "common.providers.visuals.runway:RunwayFull", secret="runway-api-key"),  # noqa: S106 - a name
    Listing("visuals", "runway-fast", "common.providers.visuals.runway:RunwayFast", secret="runway-api-key"),  # noqa: S106 - a name
    Listing("visuals", "local-visuals", "common.providers.visuals.local:LocalVisuals"),
    Listing("voice", "local-voice", "common.providers.voice.local:LocalVoice"),
    Listing("music", "local-music", "common.providers.music.local:LocalMusic"),
    Listing("effects", "local-effects", "common.providers.effects.local:LocalEffects"),
    Listing("reviewer", "local-reviewer", "common.providers.reviewer.local:LocalReviewer"),
)


class Registry:
    """Makes engines lazily, once per process and key. `options` are what an engine is made with beside its key."""

    def __init__(
        self,
        secret: Callable[[str], str | None],
        options: Mapping[str, Mapping[str, Any]] | None = None,
        listings: tuple[Listing, ...] = LISTINGS,
    ):
        self._secret = secret
        self._options = options or {}
        self._listings = {listing.name: listing for listing in listings}
        self._made: dict[str, tuple[str | None, Any]] = {}  # the key it was made with, and the engine
        self._lock = threading.RLock()

    def of_kind(self, kind: Kind) -> list[Listing]:
        """Listings of one kind, best first as listed."""
        return [listing for listing in self._listings.values() if listing.kind == kind]

    def unavailable(self, name: str) -> str:
        """Why an engine cannot run, or an empty text."""
        secret = self._listings[name].secret
        return f"no {secret} is configured" if secret and self._secret(secret) is None else ""

    def kind_of(self, name: str) -> Any:
        """The class of an engine, for its version, quality and price."""
        module, _, cls = self._listings[name].target.partition(":")
        return getattr(importlib.import_module(module), cls)

    def forget(self) -> None:
        """Let go of every engine, and of the memory its model takes; the next call makes it again."""
        with self._lock:
            made = [engine for _, engine in self._made.values()]
            self._made.clear()
        for engine in made:
            close = getattr(engine, "close", None)
            if close is not None:
                close()

    def engine(self, name: str) -> Any:
        """The one instance of an engine; KeyError for an unknown one.

        A key that was rotated counts from the next call on: what is under way ends with the old one, which is still
        accepted then.
        """
        listing = self._listings[name]
        key = self._secret(listing.secret) if listing.secret else None
        with self._lock:
            made = self._made.get(name)
            if made is None or made[0] != key:
                options = dict(self._options.get(name, {}))
                if listing.secret:
                    options["key"] = key
                made = self._made[name] = key, self.kind_of(name)(**options)
            return made[1]
