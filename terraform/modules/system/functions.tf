# Who runs, and what is run: accounts, secrets, services and the render job.

module "identity" {
  source = "../identity"

  project_id     = var.project_id
  project_number = var.project_number
  functions      = module.catalogue.functions
  bucket         = module.data.bucket
  registry       = { id = module.data.registry_id, location = module.data.registry_location }
  state_bucket   = local.state_bucket
  repository     = var.repository

  depends_on = [module.project]
}

module "secrets" {
  source = "../secrets"

  project_id     = var.project_id
  project_number = var.project_number
  labels         = local.labels
  secrets        = module.catalogue.secrets
  services       = var.services
  functions      = module.catalogue.functions
  accounts       = module.identity.accounts
  roles          = module.identity.roles

  depends_on = [module.project]
}

module "functions" {
  source   = "../functions"
  for_each = var.regions

  project_id   = var.project_id
  region       = each.key
  home         = each.key == var.home
  labels       = local.labels
  warm         = var.warm
  functions    = module.catalogue.functions
  accounts     = module.identity.accounts
  image        = var.image
  environment  = local.settings
  redis_secret = module.network.redis_secrets[each.key]
  network = {
    id         = module.network.network
    subnetwork = module.network.subnetworks[each.key]
    tag        = module.network.tag
  }

  # A process reads its secrets and documents as soon as it starts.
  depends_on = [module.data, module.identity, module.secrets]
}

module "render" {
  source   = "../render"
  for_each = var.regions

  project_id  = var.project_id
  region      = each.key
  labels      = local.labels
  gpu         = each.value.gpu
  image       = var.render_image
  account     = module.identity.render_email
  environment = local.settings
  role        = module.identity.roles["aiprodJobStarter"]
  starters = {
    for name, function in module.catalogue.functions : name => module.identity.accounts[name]
    if contains(function.uses, "run:jobs")
  }

  depends_on = [module.data, module.identity]
}

module "messaging" {
  source = "../messaging"

  project_id     = var.project_id
  project_number = var.project_number
  regions        = keys(var.regions)
  home           = var.home
  labels         = local.labels
  functions      = module.catalogue.functions
  topics         = module.catalogue.topics
  queues         = module.catalogue.queues
  schedules      = module.catalogue.schedules
  functions_url  = local.functions_url
  invoker_email  = module.identity.invoker_email

  depends_on = [module.project]
}
