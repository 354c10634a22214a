# What is watched, and how the next version comes.

module "observability" {
  source = "../observability"

  project_id      = var.project_id
  project_number  = var.project_number
  environment     = var.environment
  domain          = var.domain
  url_map         = module.edge.url_map
  functions       = module.catalogue.functions
  alert_emails    = var.alert_emails
  billing_account = var.billing_account == null ? "" : var.billing_account
  billing_table   = var.billing_table
  budget_usd      = var.budget_usd
  protection      = var.protection

  depends_on = [module.project]
}

module "delivery" {
  source = "../delivery"

  project_id   = var.project_id
  environment  = var.environment
  region       = var.home
  repository   = var.cloud_build_repository
  approval     = var.approval
  builder      = module.identity.builder_email
  deployer     = module.identity.deployer_email
  registry     = module.data.registry
  images_from  = var.images_from
  state_bucket = local.state_bucket
  firebase_key = var.firebase_key
  canary       = local.canary

  depends_on = [module.project]
}
