"""Topics and push subscriptions on a Pub/Sub EMULATOR; on Google Cloud Terraform makes them."""

from collections.abc import Mapping
from datetime import timedelta

from google.api_core.exceptions import AlreadyExists
from google.pubsub_v1 import (
    DeadLetterPolicy,
    ExpirationPolicy,
    PublisherClient,
    PushConfig,
    RetryPolicy,
    SubscriberClient,
    Subscription,
)

SECONDS = 10.0  # for each call
ATTEMPTS = 20  # pushes of one message: enough for a process that is away for some minutes
PUSH_DEADLINE = timedelta(seconds=600)  # the most a push may take


def ensure(
    publisher: PublisherClient,
    subscriber: SubscriberClient,
    project: str,
    endpoints: Mapping[str, str],
    *,
    dead_letters: str = "",
    attempts: int = ATTEMPTS,
    longest_pause: timedelta = timedelta(seconds=10),
) -> None:
    """Make each topic of `endpoints` with one push subscription to its URL, or point the existing one there.

    An existing subscription keeps its messages, so that a process that starts again gets what waited for it.
    What is not taken after `attempts` goes to the topic `dead_letters`, itself one of `endpoints`. No subscription asks
    for order: the emulator's push thread dies of a dead letter in an ordered subscription, and nothing needs order.
    """
    topics = {name: f"projects/{project}/topics/{name}" for name in endpoints}
    for topic in topics.values():
        try:
            publisher.create_topic(name=topic, timeout=SECONDS)
        except AlreadyExists:
            continue
    for name, url in endpoints.items():
        subscription = Subscription(
            name=f"projects/{project}/subscriptions/{name}",
            topic=topics[name],
            push_config=PushConfig(push_endpoint=url),
            ack_deadline_seconds=int(PUSH_DEADLINE.total_seconds()),
            retry_policy=RetryPolicy(minimum_backoff=timedelta(milliseconds=100), maximum_backoff=longest_pause),
            expiration_policy=ExpirationPolicy(),  # never
        )
        if dead_letters and name != dead_letters:
            subscription.dead_letter_policy = DeadLetterPolicy(
                dead_letter_topic=topics[dead_letters], max_delivery_attempts=attempts
            )
        try:
            subscriber.create_subscription(request=subscription, timeout=SECONDS)
        except AlreadyExists:
            subscriber.modify_push_config(
                subscription=subscription.name, push_config=subscription.push_config, timeout=SECONDS
            )
