"""Google's clients, made from the settings: of the services themselves, or of the emulators in the environment.

Each function imports what it needs: every client library takes most of a second, and a function needs few of them.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from common.domain.settings import Settings
from common.platform.cache import Cache
from common.platform.clock import Clock
from common.platform.documents import Unavailable
from common.platform.embedded.cache import MemoryCache

if TYPE_CHECKING:
    from google.pubsub_v1 import PublisherClient, SubscriberClient

    from common.platform.google.callers import GoogleCallers
    from common.platform.google.documents import FirestoreDocuments
    from common.platform.google.identity import FirebaseIdentity
    from common.platform.google.jobs import CloudRunJobs
    from common.platform.google.messages import PubSubMessages
    from common.platform.google.objects import StorageObjects
    from common.platform.google.schedules import CloudSchedules
    from common.platform.google.secrets import SecretManagerSecrets
    from common.platform.google.tasks import CloudTasks

SECONDS = 10  # for one request while preparing


@contextlib.contextmanager
def _credited() -> Iterator[None]:
    """Say what is missing where no credentials are found; where they live they may be back in a moment."""
    from google.auth.exceptions import GoogleAuthError

    try:
        yield
    except GoogleAuthError as missing:
        raise Unavailable(
            f"Google Cloud cannot be told who asks ({type(missing).__name__}): "
            "sign in with `gcloud auth application-default login`, or try again"
        ) from missing


@_credited()
def documents(settings: Settings) -> "FirestoreDocuments":
    """Firestore's default database of the project."""
    from common.platform.google.documents import FirestoreDocuments, connect

    emulator = os.environ["FIRESTORE_EMULATOR_HOST"] if settings.profile == "emulators" else ""
    return FirestoreDocuments(connect(emulator), settings.project)


def messages(settings: Settings) -> "PubSubMessages":
    """Pub/Sub, for publishing."""
    from common.platform.google.messages import PubSubMessages

    return PubSubMessages(publisher(settings), settings.project)


@_credited()
def publisher(settings: Settings) -> "PublisherClient":
    """The client that publishes and makes topics."""
    from google.pubsub_v1 import PublisherClient
    from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport

    return PublisherClient(transport=_emulated(settings, PublisherGrpcTransport))


@_credited()
def subscriber(settings: Settings) -> "SubscriberClient":
    """The client that makes subscriptions."""
    from google.pubsub_v1 import SubscriberClient
    from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

    return SubscriberClient(transport=_emulated(settings, SubscriberGrpcTransport))


@_credited()
def objects(settings: Settings) -> "StorageObjects":
    """The bucket of the settings; STORAGE_EMULATOR_HOST is read by the client itself."""
    import google.auth
    from google.auth.transport.requests import Request

    from common.platform.google.objects import StorageObjects
    from common.platform.google.signing import OwnKey, signing
    from common.platform.google.storage_client import connect

    if settings.profile == "emulators":
        return StorageObjects(connect(settings.project, _anonymous(settings)), settings.bucket, OwnKey())
    credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    client = connect(settings.project, credentials)
    return StorageObjects(client, settings.bucket, signing(credentials, Request()))


def prepare(settings: Settings, endpoints: Mapping[str, str]) -> None:
    """Make on the emulators what Terraform makes on Google Cloud: the bucket, and topics that push to `endpoints`."""
    from google.api_core.exceptions import Conflict, GoogleAPICallError
    from google.cloud import storage

    from common.platform.google import emulated_topics

    client = storage.Client(project=settings.project, credentials=_anonymous(settings))
    try:
        with contextlib.suppress(Conflict):
            client.create_bucket(settings.bucket, timeout=SECONDS)
        with publisher(settings) as sender, subscriber(settings) as receiver:
            emulated_topics.ensure(sender, receiver, settings.project, endpoints, dead_letters="dead_letters")
    except (GoogleAPICallError, OSError) as error:
        raise Unavailable(f"the emulators could not be prepared: {error}") from error


def pushed_to(settings: Settings, topic: str) -> str:
    """The URL that messages of a topic are pushed to on the emulator; "" while there is none."""
    from google.api_core.exceptions import GoogleAPICallError, NotFound

    name = f"projects/{settings.project}/subscriptions/{topic}"
    try:
        with subscriber(settings) as client:
            return str(client.get_subscription(subscription=name, timeout=SECONDS).push_config.push_endpoint)
    except NotFound:
        return ""
    except GoogleAPICallError as error:
        raise Unavailable(f"the Pub/Sub emulator did not answer: {error}") from error


@_credited()
def tasks(settings: Settings) -> "CloudTasks":
    """Cloud Tasks of the project and region."""
    from google.cloud.tasks_v2 import CloudTasksClient

    from common.platform.google.tasks import CloudTasks

    return CloudTasks(CloudTasksClient(), settings.project, settings.region, settings.functions_url, settings.invoker)


@_credited()
def jobs(settings: Settings, names: Mapping[str, str]) -> "CloudRunJobs":
    """Cloud Run jobs of the project and region; `names` maps our jobs to Cloud Run's."""
    from google.cloud import run_v2

    from common.platform.google.jobs import CloudRunJobs

    clients = (run_v2.JobsClient(), run_v2.ExecutionsClient(), run_v2.TasksClient())
    return CloudRunJobs(*clients, settings.project, settings.region, names)


@_credited()
def secrets(settings: Settings) -> "SecretManagerSecrets":
    """Secret Manager of the project."""
    from google.cloud.secretmanager_v1 import SecretManagerServiceClient

    from common.platform.google.secrets import SecretManagerSecrets

    return SecretManagerSecrets(SecretManagerServiceClient(), settings.project)


@_credited()
def schedules(settings: Settings) -> "CloudSchedules":
    """Cloud Scheduler of the project and region."""
    from google.cloud.scheduler_v1 import CloudSchedulerClient

    from common.platform.google.schedules import CloudSchedules

    return CloudSchedules(CloudSchedulerClient(), settings.project, settings.region, settings.functions_url)


@_credited()
def identity(settings: Settings) -> "FirebaseIdentity":
    """Firebase Auth of the project; FIREBASE_AUTH_EMULATOR_HOST is read by the client itself."""
    import google.auth

    from common.platform.google.identity import FirebaseIdentity, connect

    return FirebaseIdentity(connect(settings.project, _anonymous(settings) or google.auth.default()[0]))


def cache(settings: Settings, clock: Clock, seen: Callable[[bool], None]) -> Cache:
    """Redis where the settings name one, with this process's memory for while it is away; else that memory alone."""
    if not settings.redis_url:
        return MemoryCache(clock, seen=seen)
    from common.platform.google.cache import RedisCache

    return RedisCache(settings.redis_url, lambda: MemoryCache(clock), seen=seen)


def callers() -> "GoogleCallers":
    """Google's own certificates for the tokens of deliveries."""
    from google.auth.transport.requests import Request

    from common.platform.google.callers import GoogleCallers, fetcher

    return GoogleCallers(fetcher(Request()))


def _anonymous(settings: Settings) -> Any:
    """No credentials at all for emulators; None, which has the client find its own, for Google Cloud."""
    from google.auth.credentials import AnonymousCredentials

    return AnonymousCredentials() if settings.profile == "emulators" else None  # type: ignore[no-untyped-call]


def _emulated(settings: Settings, transport: Any) -> Any:
    """A transport to the Pub/Sub emulator; None, which means Google's own, for Google Cloud."""
    import grpc  # type: ignore[import-untyped]

    if settings.profile != "emulators":
        return None
    return transport(channel=grpc.insecure_channel(os.environ["PUBSUB_EMULATOR_HOST"]))
