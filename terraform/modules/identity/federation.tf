# A CI outside Google Cloud proves itself by its own token, for one repository and branch, and starts builds as the builder.

locals {
  # A push to main; a job of a pull request or of an environment has another subject.
  ci_subject = var.repository == null ? null : "repo:${var.repository}:ref:refs/heads/main"
}

resource "google_iam_workload_identity_pool" "ci" {
  count = var.repository == null ? 0 : 1

  project                   = var.project_id
  workload_identity_pool_id = "ci"
  display_name              = "CI"
  description               = "Jobs of ${var.repository}."
}

resource "google_iam_workload_identity_pool_provider" "github" {
  count = var.repository == null ? 0 : 1

  project                            = var.project_id
  workload_identity_pool_id          = google_iam_workload_identity_pool.ci[0].workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  display_name                       = "GitHub Actions"
  attribute_condition                = "assertion.sub == '${local.ci_subject}'"
  attribute_mapping                  = { "google.subject" = "assertion.sub" }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account_iam_member" "ci" {
  # To be the builder, and to start a build that runs as the builder.
  for_each = var.repository == null ? {} : {
    "roles/iam.serviceAccountUser"   = "serviceAccount:${local.others["builder"]}"
    "roles/iam.workloadIdentityUser" = "principal://iam.googleapis.com/projects/${var.project_number}/locations/global/workloadIdentityPools/${google_iam_workload_identity_pool.ci[0].workload_identity_pool_id}/subject/${local.ci_subject}"
  }

  service_account_id = "projects/${var.project_id}/serviceAccounts/${local.others["builder"]}"
  role               = each.key
  member             = each.value
}
