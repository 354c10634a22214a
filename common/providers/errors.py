"""How a provider says no. The caller decides by the type alone what happens next."""


class ProviderError(Exception):
    """Base of all: `spent` is what the failed call still cost, in micro-dollars."""

    def __init__(self, message: str, spent: int = 0) -> None:
        super().__init__(message)
        self.spent = spent


class Throttled(ProviderError):
    """Too many calls; the same call may succeed `retry_after` seconds from now."""

    def __init__(self, message: str, retry_after: float, spent: int = 0) -> None:
        super().__init__(message, spent)
        self.retry_after = retry_after


class Refused(ProviderError):
    """The provider understood and said no; the same call will be refused again. `reason` is fit to show the client."""

    def __init__(self, reason: str, spent: int = 0) -> None:
        super().__init__(reason, spent)
        self.reason = reason


class ProviderUnavailable(ProviderError):
    """No usable answer: away, broken or talking nonsense. Another engine or a later attempt may do it."""


class Unanswered(ProviderUnavailable):
    """The call was sent and no answer came: whether it was taken is not known, so it must not be sent again blindly."""
