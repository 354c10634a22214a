"""What Cloud Storage and the way to it may refuse, said in the port's words."""

import contextlib
import errno
from collections.abc import Iterator

from google.api_core.exceptions import Forbidden, GoogleAPIError, NotFound, RetryError, TooManyRequests, Unauthorized
from google.auth.exceptions import GoogleAuthError
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
from urllib3.exceptions import HTTPError

from common.platform.objects import ObjectMissing, StorageFull, StorageUnavailable


@contextlib.contextmanager
def clear_errors(subject: str, bucket: str) -> Iterator[None]:
    """Raise ObjectMissing, StorageFull or StorageUnavailable for what the block raised; requests are not quoted."""
    try:
        yield
    except NotFound as missing:
        if bucket_is_missing(missing):
            text = f"there is no bucket {bucket}: create it with terraform, or set AIPROD_BUCKET to the one there is"
            raise StorageUnavailable(text) from missing
        raise ObjectMissing(f"there is no object {subject}") from missing
    except (Forbidden, Unauthorized) as refused:
        text = f"Cloud Storage refuses {subject}: grant this account a Storage role on the bucket {bucket}"
        raise StorageUnavailable(text) from refused
    except GoogleAuthError as refused:
        text = f"this account cannot be proved to Cloud Storage, for {subject} ({type(refused).__name__}); try again"
        raise StorageUnavailable(text) from refused
    except TooManyRequests as throttled:
        raise StorageUnavailable(f"Cloud Storage wants fewer requests, for {subject}; try again later") from throttled
    except (GoogleAPIError, HTTPError, InvalidResponse, DataCorruption) as away:
        cause = (isinstance(away, RetryError) and away.cause) or away
        text = f"Cloud Storage did not answer as it should about {subject} ({type(cause).__name__}); try again"
        raise StorageUnavailable(text) from away
    except OSError as error:  # of the network or of a local file
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFull(f"the disk is full, so {subject} was not written: free some space") from error
        reason = error.strerror or type(error).__name__
        raise StorageUnavailable(f"the storage failed on {subject}: {reason}") from error


def bucket_is_missing(error: NotFound) -> bool:
    """Whether it is not the object that is missing; Cloud Storage tells the two apart by their text only."""
    return "bucket does not exist" in str(error)
