# Secrets that functions read. No value is in Terraform's state: what we make ourselves begins with a random version that
# is written and forgotten, and keys of providers are added by an operator.

locals {
  services = { for service in var.services : "service-key-${service}" => service }
  names    = setunion(var.secrets, keys(local.services))

  # Whose every version somebody else issues.
  issued = setsubtract(var.secrets, var.made)
}

resource "google_secret_manager_secret" "secret" {
  for_each = local.names

  project   = var.project_id
  secret_id = each.key
  labels    = var.labels
  # A release deletes none, which its own guard sees to (cloudbuild.yaml). The way back has to be free: it takes along
  # what the release that failed had added.
  deletion_protection = false
  # A version that was destroyed by mistake can be had back for a week.
  version_destroy_ttl = "604800s"

  replication {
    auto {}
  }

  # Secret Manager only reminds; it cannot ask a provider for another key.
  dynamic "topics" {
    for_each = contains(local.issued, each.key) ? [google_pubsub_topic.reminders.id] : []
    content {
      name = topics.value
    }
  }

  dynamic "rotation" {
    for_each = contains(local.issued, each.key) ? [var.reminder_days] : []
    content {
      next_rotation_time = time_offset.first_reminder[each.key].rfc3339
      rotation_period    = "${rotation.value * 86400}s"
    }
  }

  lifecycle {
    ignore_changes = [rotation[0].next_rotation_time] # it moves on by itself
  }

  depends_on = [google_pubsub_topic_iam_member.reminders]
}

ephemeral "random_password" "first" {
  for_each = setintersection(var.secrets, var.made)

  length  = 64
  special = false
}

# The first version only: `rotate_keys` adds the next ones, and disables this one.
resource "google_secret_manager_secret_version" "first" {
  for_each = setintersection(var.secrets, var.made)

  secret                 = google_secret_manager_secret.secret[each.key].id
  secret_data_wo         = ephemeral.random_password.first[each.key].result
  secret_data_wo_version = 1
  deletion_policy        = "ABANDON"

  lifecycle {
    ignore_changes = [enabled]
  }
}
