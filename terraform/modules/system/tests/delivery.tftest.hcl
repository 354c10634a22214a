# What a release may do and takes from where, beside who has to agree (observability.tftest.hcl).

mock_provider "google" {
  override_during = plan
}

variables {
  project_id   = "demo"
  state_bucket = "demo-terraform"
  registry     = { id = "aiprod", location = "europe-west1" }
}

run "identity" {
  command = plan
  module {
    source = "../identity"
  }
  variables {
    project_number = "123456789012"
    functions      = {}
    bucket         = "demo-objects"
  }

  assert {
    condition = alltrue([
      for role, permission in { aiprodRoleSetter = "firebaseauth.users.update", aiprodBudgetKeeper = "billing.resourcebudgets.write" } :
      google_project_iam_member.deployer_own[role].member == "serviceAccount:deployer@demo.iam.gserviceaccount.com" &&
      endswith(google_project_iam_member.deployer_own[role].role, "/roles/${role}") &&
      contains(google_project_iam_custom_role.role[role].permissions, permission)
    ])
    error_message = "The deployer makes the user of the smoke test an admin, in the user's own record, and keeps the budget."
  }
}

run "images_of_another_environment" {
  command = plan
  module {
    source = "../delivery"
  }
  variables {
    environment  = "production"
    region       = "europe-west1"
    repository   = "projects/demo/locations/europe-west1/connections/github/repositories/aiprod"
    approval     = true
    builder      = "builder@demo.iam.gserviceaccount.com"
    deployer     = "deployer@demo.iam.gserviceaccount.com"
    registry     = "europe-docker.pkg.dev/demo/aiprod"
    images_from  = "europe-docker.pkg.dev/staging/aiprod"
    firebase_key = "web-key"
  }

  assert {
    condition     = google_cloudbuild_trigger.release[0].substitutions["_IMAGES_FROM"] == "europe-docker.pkg.dev/staging/aiprod"
    error_message = "Production takes the images that staging has released."
  }
}
