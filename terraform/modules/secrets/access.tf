# Who reads and who rotates which secret, one by one: nobody sees them all.

locals {
  readers = merge([
    for name, function in var.functions : {
      for use in function.uses : "${trimprefix(use, "secret:")}/${name}" => {
        secret = trimprefix(use, "secret:")
        email  = var.accounts[name]
      } if startswith(use, "secret:")
    }
  ]...)

  # An endpoint rotates keys of services; the schedule rotates those that sign, too.
  rotators = merge([
    for name, function in var.functions : {
      for secret in setunion(keys(local.services), function.kind == "schedule" ? var.signing : []) : "${secret}/${name}" => {
        secret = secret
        email  = var.accounts[name]
      }
    } if contains(function.uses, "secrets:rotate")
  ]...)
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = local.readers

  project   = var.project_id
  secret_id = google_secret_manager_secret.secret[each.value.secret].secret_id
  role      = var.roles["aiprodSecretReader"]
  member    = "serviceAccount:${each.value.email}"
}

resource "google_secret_manager_secret_iam_member" "rotator" {
  for_each = local.rotators

  project   = var.project_id
  secret_id = google_secret_manager_secret.secret[each.value.secret].secret_id
  role      = var.roles["aiprodSecretRotator"]
  member    = "serviceAccount:${each.value.email}"
}
