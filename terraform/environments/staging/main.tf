# The shape of production, without its size: two regions, on processors alone.

module "system" {
  source = "../../modules/system"

  project_id      = var.project_id
  project_number  = var.project_number
  domain          = var.domain
  image           = var.image
  render_image    = var.render_image
  region_weights  = var.region_weights
  allowed_origins = var.allowed_origins
  services        = var.services
  alert_emails    = var.alert_emails
  billing_account = var.billing_account
  billing_table   = var.billing_table
  repository      = var.repository

  cloud_build_repository = var.cloud_build_repository
  firebase_key           = var.firebase_key
  images_from            = var.images_from

  environment = "staging"
  regions = {
    europe-west1 = { weight = 60, gpu = false }
    us-west1     = { weight = 40, gpu = false }
  }
  route_by_weight    = false
  home               = "europe-west1"
  firestore_location = "eur3"
  redis              = { tier = "BASIC", memory_gb = 1 }
  warm               = true
  protection         = true
  key_rotation_days  = 30
  budget_usd         = 800
  approval           = false
  canary             = { region = "us-west1", percent = 50 }
}
