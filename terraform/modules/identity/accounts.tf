# One account per function, so that each may do what it uses and nothing else, and some for those who call and deliver.

resource "google_service_account" "function" {
  for_each = var.functions

  project      = var.project_id
  account_id   = each.value.account_id
  display_name = "Function ${each.key}"
  description  = each.value.summary
}

resource "google_service_account" "other" {
  for_each = {
    builder    = "Tests, builds, scans and pushes images; acts as the deployer to apply them."
    deployer   = "Applies Terraform."
    invoker    = "Its token is what Pub/Sub, Cloud Tasks and Cloud Scheduler call background functions with."
    render-job = "Makes the film of one pipeline and finishes its step."
  }

  project      = var.project_id
  account_id   = each.key
  display_name = title(replace(each.key, "-", " "))
  description  = each.value
}

locals {
  # Written from what is known before an account exists, so that a plan shows who gets what.
  accounts = { for name, account in google_service_account.function : name => "${account.account_id}@${var.project_id}.iam.gserviceaccount.com" }
  others   = { for name, account in google_service_account.other : name => "${account.account_id}@${var.project_id}.iam.gserviceaccount.com" }

  # Names of functions have no hyphen, so the job cannot take the place of one.
  workloads = merge(
    { for name, function in var.functions : name => { email = local.accounts[name], uses = function.uses } },
    { render-job = { email = local.others["render-job"], uses = var.render_uses } },
  )
}
