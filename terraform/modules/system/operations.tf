# What is watched, and how the next version comes.

module "observability" {
  source = "../observability"

  project_id      = var.project_id
  environment     = var.environment
  domain          = var.domain
  functions       = module.catalogue.functions
  alert_emails    = var.alert_emails
  billing_account = var.billing_account
  billing_table   = var.billing_table
  budget_usd      = var.budget_usd
  protection      = var.protection

  depends_on = [module.project]
}
