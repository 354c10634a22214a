# The whole system of one environment. What can be called stands in functions/catalogue.yaml; all else follows.

locals {
  labels = { app = "aiprod", environment = var.environment }

  # The deterministic URL of a service: known before it exists. Background work goes to the home region alone.
  functions_url = "https://{function}-${var.project_number}.${var.home}.run.app"

  # Read by common/domain/settings.py, which refuses to start on a name that it does not know.
  settings = {
    AIPROD_PROFILE           = "gcp"
    AIPROD_PROJECT           = var.project_id
    AIPROD_REGION            = var.home
    AIPROD_BUCKET            = module.data.bucket
    AIPROD_FUNCTIONS_URL     = local.functions_url
    AIPROD_INVOKER           = module.identity.invoker_email
    AIPROD_PUBLIC_URL        = "https://${var.domain}"
    AIPROD_ALLOWED_ORIGINS   = join(",", sort(var.allowed_origins))
    AIPROD_KEY_ROTATION_DAYS = tostring(var.key_rotation_days)
    AIPROD_RENDER_TASKS      = "8" # of a long render, each in a container of its own
  }

  # By weight no region stands in for another, so that is for a while: a canary, a drain, or where somebody insists.
  own_weights    = { for region, settings in var.regions : region => settings.weight if var.route_by_weight }
  region_weights = length(var.region_weights) > 0 ? var.region_weights : local.own_weights

  # A region that is gone gets nothing first. The others share by their own weights what the canary leaves.
  others = { for region, settings in var.regions : region => settings.weight if region != try(var.canary.region, null) }
  canary = try(contains(keys(var.regions), var.canary.region), false) && sum(concat([0], values(local.others))) > 0 ? {
    region = var.canary.region
    weights = merge(
      { (var.canary.region) = var.canary.percent },
      { for region, weight in local.others : region => ceil((100 - var.canary.percent) * weight / sum(values(local.others))) },
    )
  } : null

  state_bucket = coalesce(var.state_bucket, "${var.project_id}-terraform")
}

module "catalogue" {
  source = "../catalogue"

  text = var.catalogue
}

module "project" {
  source = "../project"

  project_id = var.project_id
}
