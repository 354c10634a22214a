# Images of the functions and of the renderer: where the database is, so that no lost region takes them along.

locals {
  registry_location = lookup({ eur3 = "europe", nam5 = "us", nam7 = "us" }, var.firestore_location, var.firestore_location)
}

resource "google_artifact_registry_repository" "images" {
  # checkov:skip=CKV_GCP_84:Images hold no user's data; Google's own encryption keys are enough.
  project                = var.project_id
  location               = local.registry_location
  repository_id          = "aiprod"
  description            = "Images of AIPROD: functions and render."
  format                 = "DOCKER"
  cleanup_policy_dry_run = false
  labels                 = var.labels

  vulnerability_scanning_config {
    enablement_config = "INHERITED"
  }

  cleanup_policies {
    id     = "keep-the-newest" # what runs and what to go back to, whatever the age
    action = "KEEP"
    most_recent_versions {
      keep_count = 20
    }
  }

  cleanup_policies {
    id     = "delete-the-old"
    action = "DELETE"
    condition {
      older_than = "${90 * local.day}s"
    }
  }

  cleanup_policies {
    id     = "delete-the-untagged"
    action = "DELETE"
    condition {
      tag_state  = "UNTAGGED"
      older_than = "${local.week}s"
    }
  }
}
