# Two regions. The nearest answers and the other stands in for it; 60 to 40 where they are told to go by weight.

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

  environment = "production"
  # No GPU: it would idle for films that do not ask for NVENC. `true` is the word for europe-west1 once they do; Cloud Run
  # has none in us-west1.
  regions = {
    europe-west1 = { weight = 60, gpu = false }
    us-west1     = { weight = 40, gpu = false }
  }
  route_by_weight    = false # 60 to 40 would cost the failover: by weight no region stands in for another
  home               = "europe-west1"
  firestore_location = "eur3"
  redis              = { tier = "STANDARD_HA", memory_gb = 5 }
  warm               = true
  protection         = true
  key_rotation_days  = 7
  budget_usd         = 2000
  approval           = true
  canary             = { region = "us-west1", percent = 10 }
}
