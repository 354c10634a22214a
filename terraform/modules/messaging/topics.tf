# One topic per step and consumer, and one push subscription of the topic's name that calls the function.

locals {
  # As the code writes it (common/domain/addresses.py). It is also the audience of the token that calls it.
  urls = {
    for name, function in var.functions : name => replace(var.functions_url, "{function}", function.service)
  }

  # Written from what is known before a topic exists, so that a plan shows what goes where.
  topics = { for name, topic in google_pubsub_topic.topic : name => "projects/${var.project_id}/topics/${topic.name}" }

  agent = "serviceAccount:service-${var.project_number}@gcp-sa-pubsub.iam.gserviceaccount.com"

  # What comes from the topic of dead letters has nowhere else to go: it is tried until it is a week old.
  mortal = { for topic, function in var.topics : topic => function if topic != var.dead_letters }
}

resource "google_pubsub_topic" "topic" {
  # checkov:skip=CKV_GCP_83:A message names a pipeline and its step and holds no user's data; Google's own encryption keys are enough
  for_each = var.topics

  project = var.project_id
  name    = each.key
  labels  = var.labels
}

resource "google_pubsub_subscription" "push" {
  for_each = var.topics

  project = var.project_id
  name    = each.key
  topic   = local.topics[each.key]
  labels  = var.labels

  # A little longer than the function may take, so that Cloud Run gives up first; Pub/Sub waits 600 seconds at most.
  ack_deadline_seconds       = min(600, var.functions[each.value].timeout + 10)
  message_retention_duration = "604800s"

  # The engine orders by its own records, and takes a duplicate for what it is.
  enable_message_ordering = false

  push_config {
    push_endpoint = local.urls[each.value]

    oidc_token {
      service_account_email = var.invoker_email
      audience              = local.urls[each.value]
    }
  }

  retry_policy {
    minimum_backoff = "2s"
    maximum_backoff = "60s"
  }

  dynamic "dead_letter_policy" {
    for_each = contains(keys(local.mortal), each.key) ? [local.topics[var.dead_letters]] : []
    content {
      dead_letter_topic     = dead_letter_policy.value
      max_delivery_attempts = var.attempts
    }
  }

  # A subscription that nothing came by for a month would be deleted, without a word.
  expiration_policy {
    ttl = ""
  }
}

# Pub/Sub itself moves what was given up: it publishes there, and acknowledges here.
resource "google_pubsub_topic_iam_member" "dead_letters" {
  project = var.project_id
  topic   = google_pubsub_topic.topic[var.dead_letters].name
  role    = "roles/pubsub.publisher"
  member  = local.agent
}

resource "google_pubsub_subscription_iam_member" "dead_letters" {
  for_each = local.mortal

  project      = var.project_id
  subscription = google_pubsub_subscription.push[each.key].name
  role         = "roles/pubsub.subscriber"
  member       = local.agent
}
