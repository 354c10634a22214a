# The APIs of the project, Google's own accounts in it, and which uses of it are written down.

resource "google_project_service" "api" {
  for_each = var.services

  project            = var.project_id
  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
}

# Google makes these accounts when they are first needed, which is later than Terraform gives them roles.
resource "google_project_service_identity" "agent" {
  for_each = toset(["cloudscheduler", "cloudtasks", "pubsub", "secretmanager"])
  provider = google-beta

  project    = var.project_id
  service    = "${each.key}.googleapis.com"
  depends_on = [google_project_service.api]
}

# Google gives the default accounts the role of an editor. Nothing of ours runs as one of them.
resource "google_project_default_service_accounts" "unused" {
  project        = var.project_id
  action         = "DEPRIVILEGE"
  restore_policy = "REVERT_AND_IGNORE_FAILURE"
  depends_on     = [google_project_service.api]
}

resource "google_project_iam_audit_config" "everything" {
  project = var.project_id
  service = "allServices"

  audit_log_config {
    log_type = "ADMIN_READ"
  }
}

# Who read a secret and who acted as whom. Reads of documents and objects are the service's daily work: that audit is
# the application's own (GET /admin/audit-log), at a fraction of the price.
resource "google_project_iam_audit_config" "sensitive" {
  for_each = toset(["iamcredentials.googleapis.com", "secretmanager.googleapis.com", "sts.googleapis.com"])

  project = var.project_id
  service = each.key

  dynamic "audit_log_config" {
    for_each = ["ADMIN_READ", "DATA_READ", "DATA_WRITE"]
    content {
      log_type = audit_log_config.value
    }
  }
}
