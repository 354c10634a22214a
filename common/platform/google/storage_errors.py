"""What Cloud Storage and the way to it may refuse, said in the port's words."""

import contextlib
import errno
from collections.abc import Iterator

from google.api_core.exceptions import (
    Forbidden,
    GoogleAPIError,
    NotFound,
    RetryError,
    TooManyRequests,
    Unauthorized,
    from_http_status,
)
from google.auth.exceptions import GoogleAuthError
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
from urllib3.exceptions import HTTPError

from common.platform.objects import ObjectMissing, StorageFull, StorageUnavailable


@contextlib.contextmanager
def clear_errors(subject: str, bucket: str) -> Iterator[None]:
    """Raise ObjectMissing, StorageFull or StorageUnavailable for what the block raised; requests are not quoted."""
    try:
        yield
    except (GoogleAPIError, GoogleAuthError, HTTPError, InvalidResponse, DataCorruption) as error:
        raise _translated(_last(error), subject, bucket) from error
    except OSError as error:  # of the network or of a local file
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFull(f"the disk is full, so {subject} was not written: free some space") from error
        reason = error.strerror or type(error).__name__
        raise StorageUnavailable(f"the storage failed on {subject}: {reason}") from error


def _last(error: Exception) -> Exception:
    """What the last of the repetitions came to."""
    last = (isinstance(error, RetryError) and error.cause) or error
    if isinstance(last, InvalidResponse):
        last = from_http_status(last.response.status_code, "")  # type: ignore[no-untyped-call]
    return last


def _translated(error: Exception, subject: str, bucket: str) -> Exception:
    if isinstance(error, NotFound) and not bucket_is_missing(error):
        return ObjectMissing(f"there is no object {subject}")
    if isinstance(error, NotFound):
        return StorageUnavailable(
            f"there is no bucket {bucket}: create it with terraform, or set AIPROD_BUCKET to the one there is"
        )
    if isinstance(error, Forbidden | Unauthorized):
        return StorageUnavailable(
            f"Cloud Storage refuses {subject}: grant this account a Storage role on the bucket {bucket}"
        )
    kind = type(error).__name__
    if isinstance(error, GoogleAuthError):
        return StorageUnavailable(
            f"this account cannot be proved to Cloud Storage ({kind}), so not {subject}; try again"
        )
    if isinstance(error, TooManyRequests):
        return StorageUnavailable(f"Cloud Storage wants fewer requests, so not {subject} now; try again later")
    return StorageUnavailable(f"Cloud Storage did not answer as it should about {subject} ({kind}); try again")


def bucket_is_missing(error: NotFound) -> bool:
    """Whether it is not the object that is missing; Cloud Storage tells the two apart by their text only."""
    return "bucket does not exist" in str(error)
