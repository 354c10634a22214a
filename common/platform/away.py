"""What every port raises when the other side does not answer: nothing is known, nothing is lost, try again later."""

from common.platform.documents import Unavailable
from common.platform.identity import IdentityUnavailable
from common.platform.jobs import JobsUnavailable
from common.platform.objects import StorageUnavailable
from common.platform.secrets import SecretsUnavailable

AWAY = (Unavailable, StorageUnavailable, JobsUnavailable, SecretsUnavailable, IdentityUnavailable)
