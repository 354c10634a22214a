"""How often and how long a call that may be made twice is tried."""

from google.api_core import exceptions, retry, timeout

PATIENCE = 8.0  # seconds for all attempts of one call; what was not taken by then stays in the outbox
ATTEMPT = 3.0  # seconds for one attempt

_AGAIN = retry.if_exception_type(
    exceptions.Aborted,
    exceptions.DeadlineExceeded,
    exceptions.InternalServerError,
    exceptions.ResourceExhausted,
    exceptions.ServiceUnavailable,
    exceptions.Unknown,
)


def retries(patience: float) -> retry.Retry:
    """Try again whatever may pass, a lost answer included, for so many seconds."""
    return retry.Retry(predicate=_AGAIN, initial=0.1, maximum=1.0, multiplier=2.0, timeout=patience)


def one_attempt(patience: float) -> timeout.ConstantTimeout:
    """The time that each attempt gets."""
    return timeout.ConstantTimeout(min(ATTEMPT, patience))  # type: ignore[no-untyped-call]
