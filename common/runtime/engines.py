"""The engines of any profile: which settings they take, and how they get their keys."""

from common.domain.settings import Settings
from common.platform.secrets import SecretMissing, Secrets
from common.providers.registry import Registry


def registry(settings: Settings, keys: Secrets) -> Registry:
    """Every engine, with its key where one was added."""

    def key(name: str) -> str | None:
        try:
            return keys.read(name)
        except SecretMissing:
            return None

    runway = {"base": settings.runway_url}
    options = {"gemini-planner": {"base": settings.gemini_url}, "runway-fast": runway, "runway-full": runway}
    return Registry(key, options)
