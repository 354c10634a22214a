# What an entry of the catalogue `uses`, as roles. Secrets and jobs are granted one by one, where they are made.

locals {
  project_roles = {
    "firestore:read"  = "roles/datastore.viewer"
    "firestore:write" = "roles/datastore.user"
    "identity:read"   = local.roles["aiprodUserReader"]
    "identity:write"  = local.roles["aiprodRoleSetter"]
    "pubsub:publish"  = "roles/pubsub.publisher"
    "tasks:enqueue"   = "roles/cloudtasks.enqueuer"
  }

  # A URL that was signed allows what its signer may do: to read, and to send what is not there yet.
  bucket_roles = {
    "storage:read"  = ["roles/storage.objectViewer"]
    "storage:sign"  = ["roles/storage.objectViewer", "roles/storage.objectCreator"]
    "storage:write" = ["roles/storage.objectUser"]
  }

  project_grants = merge([
    for name, workload in local.workloads : {
      for use in workload.uses : "${name}/${use}" => { email = workload.email, role = local.project_roles[use] }
      # Who writes documents reads them, too.
      if contains(keys(local.project_roles), use) && !(use == "firestore:read" && contains(workload.uses, "firestore:write"))
    }
  ]...)

  bucket_grants = merge([
    for name, workload in local.workloads : {
      for role in distinct(flatten([for use in workload.uses : lookup(local.bucket_roles, use, [])])) :
      "${name}/${trimprefix(role, "roles/storage.")}" => { email = workload.email, role = role }
    }
  ]...)

  signers   = { for name, workload in local.workloads : name => workload.email if contains(workload.uses, "storage:sign") }
  enqueuers = { for name, workload in local.workloads : name => workload.email if contains(workload.uses, "tasks:enqueue") }
}

resource "google_project_iam_member" "use" {
  for_each = local.project_grants

  project = var.project_id
  role    = each.value.role
  member  = "serviceAccount:${each.value.email}"
}

resource "google_storage_bucket_iam_member" "use" {
  for_each = local.bucket_grants

  bucket = var.bucket
  role   = each.value.role
  member = "serviceAccount:${each.value.email}"
}

# Signing is asked of the IAM API, so no account has a key: each signs as itself.
resource "google_service_account_iam_member" "signer" {
  for_each = local.signers

  service_account_id = "projects/${var.project_id}/serviceAccounts/${each.value}"
  role               = local.roles["aiprodUrlSigner"]
  member             = "serviceAccount:${each.value}"
}

# Whoever enqueues a task says whose token it will carry, which takes the right to act as that account.
resource "google_service_account_iam_member" "enqueuer" {
  for_each = local.enqueuers

  service_account_id = "projects/${var.project_id}/serviceAccounts/${local.others["invoker"]}"
  role               = "roles/iam.serviceAccountUser"
  member             = "serviceAccount:${each.value}"
}

# The buses make that token.
resource "google_service_account_iam_member" "bus" {
  for_each = toset(["cloudscheduler", "cloudtasks", "pubsub"])

  service_account_id = "projects/${var.project_id}/serviceAccounts/${local.others["invoker"]}"
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = "serviceAccount:service-${var.project_number}@gcp-sa-${each.key}.iam.gserviceaccount.com"
}

# The Prometheus sidecar writes as the function that it stands beside.
resource "google_project_iam_member" "scraped" {
  for_each = { for name, function in var.functions : name => local.accounts[name] if function.scraped }

  project = var.project_id
  role    = "roles/monitoring.metricWriter"
  member  = "serviceAccount:${each.value}"
}
