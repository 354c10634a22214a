# What starts a release of this environment (cloudbuild.yaml), and who has to agree first.

resource "google_cloudbuild_trigger" "release" {
  count = var.repository == null ? 0 : 1

  project            = var.project_id
  location           = var.region
  name               = "release-${var.environment}"
  description        = "Tests, builds, scans and releases ${var.environment}, or brings the release before back."
  filename           = "cloudbuild.yaml"
  service_account    = "projects/${var.project_id}/serviceAccounts/${var.builder}"
  include_build_logs = "INCLUDE_BUILD_LOGS_WITH_STATUS"

  repository_event_config {
    repository = var.repository
    push {
      branch = var.branch
    }
  }

  approval_config {
    approval_required = var.approval
  }

  substitutions = merge(
    {
      _ENVIRONMENT  = var.environment
      _REGISTRY     = var.registry
      _IMAGES_FROM  = var.images_from
      _STATE_BUCKET = var.state_bucket
      _DEPLOYER     = var.deployer
      _FIREBASE_KEY = var.firebase_key
    },
    var.canary == null ? {} : {
      _CANARY_REGION  = var.canary.region
      _CANARY_WEIGHTS = jsonencode(var.canary.weights)
    },
  )
}
