# Who builds and deploys. No account has a key, and none has a basic role.

locals {
  builder_roles = [
    "roles/cloudbuild.builds.editor",
    "roles/logging.logWriter",
    "roles/ondemandscanning.admin",
  ]

  # What Terraform makes, role by role.
  deployer_roles = [
    "roles/artifactregistry.admin",
    "roles/bigquery.dataOwner",
    "roles/certificatemanager.owner",
    "roles/cloudbuild.builds.editor",
    "roles/cloudscheduler.admin",
    "roles/cloudtasks.admin",
    "roles/compute.loadBalancerAdmin",
    "roles/compute.networkAdmin",
    "roles/compute.securityAdmin",
    "roles/datastore.owner",
    "roles/iam.roleAdmin",
    "roles/iam.serviceAccountAdmin",
    "roles/iam.serviceAccountUser",
    "roles/iam.workloadIdentityPoolAdmin",
    "roles/logging.configWriter",
    "roles/monitoring.admin",
    "roles/pubsub.admin",
    "roles/redis.admin",
    "roles/resourcemanager.projectIamAdmin",
    "roles/run.admin",
    "roles/secretmanager.admin",
    "roles/serviceusage.serviceUsageAdmin",
    "roles/storage.admin",
  ]
}

resource "google_project_iam_member" "builder" {
  # checkov:skip=CKV_GCP_42:To scan an image on demand takes this role, and a build the right to start builds; none smaller does
  # checkov:skip=CKV_GCP_49:A job of CI that signs in as the builder starts builds, which run as the builder itself
  for_each = toset(local.builder_roles)

  project = var.project_id
  role    = each.key
  member  = "serviceAccount:${local.others["builder"]}"
}

resource "google_artifact_registry_repository_iam_member" "builder" {
  project    = var.project_id
  location   = var.registry.location
  repository = var.registry.id
  role       = "roles/artifactregistry.writer"
  member     = "serviceAccount:${local.others["builder"]}"
}

resource "google_storage_bucket_iam_member" "state" {
  bucket = var.state_bucket
  role   = "roles/storage.objectUser"
  member = "serviceAccount:${local.others["builder"]}"
}

resource "google_project_iam_member" "deployer" {
  # checkov:skip=CKV_GCP_41:Terraform sets the account of every service, job and trigger, also of those it makes in the same run
  # checkov:skip=CKV_GCP_42:Terraform makes and deletes all of it; nobody but a build acts as the deployer
  # checkov:skip=CKV_GCP_49:Terraform makes one account per function, so it has to be able to make accounts
  for_each = toset(local.deployer_roles)

  project = var.project_id
  role    = each.key
  member  = "serviceAccount:${local.others["deployer"]}"
}

resource "google_service_account_iam_member" "deployer" {
  # The builder applies as the deployer, and the deployer signs the login of the smoke test as itself.
  for_each = toset(["builder", "deployer"])

  service_account_id = "projects/${var.project_id}/serviceAccounts/${local.others["deployer"]}"
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = "serviceAccount:${local.others[each.key]}"
}

# Beside what Terraform makes in the project: the budget, which belongs to the billing account, and the role of the
# administrator that the smoke test signs in as, which stands in the user's own record.
resource "google_project_iam_member" "deployer_own" {
  for_each = toset(["aiprodBudgetKeeper", "aiprodRoleSetter"])

  project = var.project_id
  role    = local.roles[each.key]
  member  = "serviceAccount:${local.others["deployer"]}"
}
