# What identity promises: every function is an account of its own with the roles of its uses and no other, nobody has a
# basic role, nothing is open to everybody, and no key leaves Google.

mock_provider "google" {
  override_during = plan
}

variables {
  project_id     = "demo"
  project_number = "123456789012"
  bucket         = "demo-objects"
  state_bucket   = "demo-terraform"
  registry       = { id = "aiprod", location = "europe-west1" }
  repository     = "acme/aiprod"
  services       = ["console"]
}

run "catalogue" {
  command = plan
  module {
    source = "../catalogue"
  }
}

run "identity" {
  command = plan
  module {
    source = "../identity"
  }
  variables {
    functions = run.catalogue.functions
  }

  assert {
    condition = (
      toset(keys(google_service_account.function)) == toset(keys(run.catalogue.functions)) &&
      length(distinct([for account in google_service_account.function : account.account_id])) == length(run.catalogue.functions)
    )
    error_message = "Every function has an account, and shares it with none."
  }

  assert {
    condition = toset(keys(google_project_iam_member.use)) == toset(concat(flatten([
      for name, one in run.catalogue.functions : [
        for use in one.uses : "${name}/${use}"
        if length(regexall("^(firestore|identity|pubsub|tasks):", use)) > 0 && !(use == "firestore:read" && contains(one.uses, "firestore:write"))
      ]
    ]), ["render-job/firestore:write", "render-job/pubsub:publish", "render-job/tasks:enqueue"]))
    error_message = "A use is one role of the project, and nobody has one for what it does not use."
  }

  assert {
    condition = alltrue([
      for key, grant in google_project_iam_member.use :
      grant.member == "serviceAccount:${startswith(key, "render-job/") ? "render-job" : run.catalogue.functions[split("/", key)[0]].account_id}@demo.iam.gserviceaccount.com"
    ])
    error_message = "Who uses something is who may."
  }

  assert {
    condition = (
      google_project_iam_member.use["get_pipeline/firestore:write"].role == "roles/datastore.user" &&
      google_project_iam_member.use["run_pipeline/pubsub:publish"].role == "roles/pubsub.publisher" &&
      google_project_iam_member.use["analyze/tasks:enqueue"].role == "roles/cloudtasks.enqueuer" &&
      google_project_iam_member.use["set_user_role/identity:write"].role == "projects/demo/roles/aiprodRoleSetter" &&
      google_project_iam_member.use["login/identity:read"].role == "projects/demo/roles/aiprodUserReader"
    )
    error_message = "A use becomes the role that it stands for."
  }

  assert {
    condition = toset([for key in keys(google_storage_bucket_iam_member.use) : split("/", key)[0]]) == toset(concat(
      ["render-job"], [for name, one in run.catalogue.functions : name if length([for use in one.uses : use if startswith(use, "storage:")]) > 0]
    )) && alltrue([for grant in google_storage_bucket_iam_member.use : grant.bucket == "demo-objects"])
    error_message = "Who uses objects has a role on their bucket alone, and nobody else has one."
  }

  assert {
    condition = (
      toset(keys(google_service_account_iam_member.signer)) == toset([for name, one in run.catalogue.functions : name if contains(one.uses, "storage:sign")]) &&
      alltrue([for grant in google_service_account_iam_member.signer : endswith(grant.service_account_id, trimprefix(grant.member, "serviceAccount:"))])
    )
    error_message = "Who signs URLs signs as itself."
  }

  assert {
    condition = (
      toset(keys(google_service_account_iam_member.enqueuer)) == toset(concat(["render-job"], [for name, one in run.catalogue.functions : name if contains(one.uses, "tasks:enqueue")])) &&
      alltrue([for grant in google_service_account_iam_member.enqueuer : endswith(grant.service_account_id, "/invoker@demo.iam.gserviceaccount.com")])
    )
    error_message = "Who enqueues may name the invoker, and no other account."
  }

  assert {
    condition = toset([for grant in google_service_account_iam_member.bus : grant.member]) == toset([
      for bus in ["cloudscheduler", "cloudtasks", "pubsub"] : "serviceAccount:service-123456789012@gcp-sa-${bus}.iam.gserviceaccount.com"
    ])
    error_message = "Pub/Sub, Cloud Tasks and Cloud Scheduler make the invoker's tokens, and nobody else does."
  }

  assert {
    condition = length(setintersection(["roles/owner", "roles/editor", "roles/viewer"], concat(
      [for grant in google_project_iam_member.use : grant.role], [for grant in google_project_iam_member.builder : grant.role],
      [for grant in google_project_iam_member.deployer : grant.role], [for grant in google_project_iam_member.scraped : grant.role],
    ))) == 0
    error_message = "Nobody has a basic role."
  }

  assert {
    condition = alltrue([
      for role in google_project_iam_custom_role.role : alltrue([for permission in role.permissions : !strcontains(permission, "*") && !strcontains(permission, "delete") && !endswith(permission, "setIamPolicy")])
    ])
    error_message = "Our own roles neither delete nor grant."
  }

  assert {
    condition = (
      google_iam_workload_identity_pool_provider.github[0].attribute_condition == "assertion.sub == 'repo:acme/aiprod:ref:refs/heads/main'" &&
      endswith(google_service_account_iam_member.ci["roles/iam.workloadIdentityUser"].member, "/subject/repo:acme/aiprod:ref:refs/heads/main")
    )
    error_message = "CI signs in without a key, from one repository and branch."
  }
}

run "without_ci" {
  command = plan
  module {
    source = "../identity"
  }
  variables {
    functions  = run.catalogue.functions
    repository = null
  }

  assert {
    condition     = length(google_iam_workload_identity_pool.ci) == 0 && length(google_service_account_iam_member.ci) == 0
    error_message = "Without a repository nobody signs in from outside."
  }
}

run "unknown_use" {
  command = plan
  module {
    source = "../identity"
  }
  variables {
    functions = { stray = { account_id = "func-stray", summary = "Use what has no role.", uses = ["mail:send"], scraped = false } }
  }

  expect_failures = [var.functions]
}

run "secrets" {
  command = plan
  module {
    source = "../secrets"
  }
  variables {
    secrets   = run.catalogue.secrets
    functions = run.catalogue.functions
    accounts  = { for name, one in run.catalogue.functions : name => "${one.account_id}@demo.iam.gserviceaccount.com" }
    roles     = { aiprodSecretReader = "projects/demo/roles/aiprodSecretReader", aiprodSecretRotator = "projects/demo/roles/aiprodSecretRotator" }
  }

  assert {
    condition     = toset(keys(google_secret_manager_secret.secret)) == setunion(run.catalogue.secrets, ["service-key-console"])
    error_message = "Every secret that a function reads is there."
  }

  assert {
    condition = toset(keys(google_secret_manager_secret_iam_member.reader)) == toset(flatten([
      for name, one in run.catalogue.functions : [for use in one.uses : "${trimprefix(use, "secret:")}/${name}" if startswith(use, "secret:")]
    ]))
    error_message = "Each secret is read by those that use it and by nobody else."
  }

  assert {
    condition = alltrue([
      for key, grant in google_secret_manager_secret_iam_member.reader :
      grant.secret_id == split("/", key)[0] && grant.role == "projects/demo/roles/aiprodSecretReader" &&
      grant.member == "serviceAccount:${run.catalogue.functions[split("/", key)[1]].account_id}@demo.iam.gserviceaccount.com"
    ])
    error_message = "A reader reads the one secret, and only reads."
  }

  assert {
    condition = toset(keys(google_secret_manager_secret_iam_member.rotator)) == toset([
      "access-token-key/rotate_keys", "page-tokens/rotate_keys", "service-key-console/rotate_keys",
      "service-key-console/rotate_service_key", "service-key-console/rotate_service_key_alias",
    ])
    error_message = "The schedule rotates every key that we make, the endpoints those of services."
  }

  assert {
    condition = (
      toset(keys(google_secret_manager_secret_version.first)) == toset(["access-token-key", "page-tokens", "webhook-seal"]) &&
      alltrue([for version in google_secret_manager_secret_version.first : version.secret_data == null && version.secret_data_wo_version == "1"])
    )
    error_message = "Keys that we make begin with a value that is in no state."
  }

  assert {
    condition = alltrue([
      for name in output.operator_secrets :
      google_secret_manager_secret.secret[name].rotation[0].rotation_period == "7776000s" && length(google_secret_manager_secret.secret[name].topics) == 1
    ]) && toset(output.operator_secrets) == toset(["gemini-api-key", "runway-api-key", "suno-api-key"])
    error_message = "Keys of providers are said to be due after 90 days."
  }

  assert {
    condition = (
      toset(keys(time_offset.first_reminder)) == toset(output.operator_secrets) &&
      alltrue([for offset in time_offset.first_reminder : offset.offset_days == 90])
    )
    error_message = "The first reminder of each key is counted from its own first day, so that one can be added in a year."
  }

  assert {
    condition     = alltrue([for secret in google_secret_manager_secret.secret : !secret.deletion_protection && secret.version_destroy_ttl == "604800s"])
    error_message = "A version that was destroyed can be had back, and a rollback takes away what the release had added."
  }
}
