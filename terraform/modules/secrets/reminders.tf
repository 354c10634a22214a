# A message on this topic says that a provider's key is due. Its arrival is what the alert is raised by, so nobody subscribes.

resource "google_pubsub_topic" "reminders" {
  # checkov:skip=CKV_GCP_83:A reminder names a secret and holds none; Google's own encryption keys are enough
  project = var.project_id
  name    = "secret_rotations"
  labels  = var.labels
}

resource "google_pubsub_topic_iam_member" "reminders" {
  project = var.project_id
  topic   = google_pubsub_topic.reminders.name
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:service-${var.project_number}@gcp-sa-secretmanager.iam.gserviceaccount.com"
}

# From the day on which the secret was made: Secret Manager takes no time that is over.
resource "time_offset" "first_reminder" {
  for_each = local.issued

  offset_days = var.reminder_days
}
