# Roles of our own, where Google's give more than is used.

locals {
  custom_roles = {
    aiprodBudgetKeeper = {
      title       = "AIPROD: keep the budget of the project"
      permissions = ["billing.resourcebudgets.read", "billing.resourcebudgets.write", "resourcemanager.projects.get"]
    }
    aiprodJobStarter = {
      title = "AIPROD: start, find and cancel render jobs"
      permissions = [
        "run.executions.cancel", "run.executions.get", "run.executions.list",
        "run.jobs.get", "run.jobs.run", "run.jobs.runWithOverrides",
        "run.tasks.get", "run.tasks.list",
      ]
    }
    aiprodRoleSetter = {
      title       = "AIPROD: read users and set their roles"
      permissions = ["firebaseauth.users.get", "firebaseauth.users.update"]
    }
    aiprodSecretReader = {
      title       = "AIPROD: read the enabled versions of a secret"
      permissions = ["secretmanager.versions.access", "secretmanager.versions.get", "secretmanager.versions.list"]
    }
    aiprodSecretRotator = {
      title = "AIPROD: add and disable versions of a secret"
      permissions = [
        "secretmanager.versions.access", "secretmanager.versions.add", "secretmanager.versions.disable",
        "secretmanager.versions.get", "secretmanager.versions.list",
      ]
    }
    aiprodUrlSigner = {
      title       = "AIPROD: sign URLs"
      permissions = ["iam.serviceAccounts.signBlob"]
    }
    aiprodUserReader = {
      title       = "AIPROD: read users"
      permissions = ["firebaseauth.users.get"]
    }
  }

  roles = { for id, role in google_project_iam_custom_role.role : id => "projects/${var.project_id}/roles/${role.role_id}" }
}

resource "google_project_iam_custom_role" "role" {
  for_each = local.custom_roles

  project     = var.project_id
  role_id     = each.key
  title       = each.value.title
  permissions = each.value.permissions
}
