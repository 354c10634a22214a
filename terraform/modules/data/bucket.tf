# The one bucket of all objects. Nobody reads it but by a role or by a signed URL.

locals {
  # A multi-region of the database has a multi-region of the storage around it.
  multi_regions   = { eur3 = "EU", nam5 = "US", nam7 = "US" }
  bucket_location = lookup(local.multi_regions, var.firestore_location, upper(var.firestore_location))

  # What comes under these prefixes is over after so many days.
  passing = {
    "staging//" = 1  # left by a crash while an object was hashed on its way
    "incoming/" = 2  # announced files, which can be completed for a day
    "segments/" = 30 # checkpoints of renders; one that is missing is made again
  }
  lasting = ["artefacts/", "delivery/", "media/"]
}

resource "google_storage_bucket" "objects" {
  # checkov:skip=CKV_GCP_62:Functions log each request for an object; usage logs would only add that its signed URL was used.
  # checkov:skip=CKV_GCP_63:It has no usage logs at all, so none in itself.
  project                     = var.project_id
  name                        = "${var.project_id}-objects"
  location                    = local.bucket_location
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.protection
  deletion_policy             = var.protection ? "PREVENT" : "DELETE"
  labels                      = var.labels

  versioning {
    enabled = true
  }

  soft_delete_policy {
    retention_duration_seconds = var.protection ? local.week : 0
  }

  dynamic "lifecycle_rule" {
    for_each = local.passing
    content {
      action {
        type = "Delete"
      }
      condition {
        age            = lifecycle_rule.value
        matches_prefix = [lifecycle_rule.key]
        with_state     = "ANY" # versions of such an object are no use either
      }
    }
  }

  lifecycle_rule {
    action {
      type          = "SetStorageClass"
      storage_class = "NEARLINE"
    }
    condition {
      age                   = 90
      matches_prefix        = local.lasting
      matches_storage_class = ["STANDARD"]
      with_state            = "LIVE"
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 30
      with_state                 = "ARCHIVED"
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }

  dynamic "cors" {
    for_each = length(var.origins) > 0 ? [var.origins] : []
    content {
      origin          = cors.value
      method          = ["GET", "HEAD", "PUT"]
      response_header = ["Content-Type", "Content-Length", "Content-Range", "ETag", "x-goog-content-length-range"]
      max_age_seconds = 3600
    }
  }
}
