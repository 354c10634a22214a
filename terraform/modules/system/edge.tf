# Where data is kept and how requests come in.

module "data" {
  source = "../data"

  project_id         = var.project_id
  protection         = var.protection
  firestore_location = var.firestore_location
  indexes            = jsondecode(file("${path.module}/../../indexes.json"))
  origins            = var.allowed_origins
  labels             = local.labels

  depends_on = [module.project]
}

module "network" {
  source = "../network"

  project_id = var.project_id
  regions    = keys(var.regions)
  redis      = var.redis
  readers    = module.identity.accounts
  labels     = local.labels

  depends_on = [module.project]
}

module "edge" {
  source = "../edge"

  project_id     = var.project_id
  domain         = var.domain
  regions        = keys(var.regions)
  functions      = module.catalogue.functions
  routes         = module.catalogue.routes
  services       = { for region, functions in module.functions : region => functions.services }
  region_weights = local.region_weights
  waf_preview    = var.waf_preview
  labels         = local.labels

  depends_on = [module.project]
}
