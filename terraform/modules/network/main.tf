# The network in which functions reach Redis, and nothing else; what is public they reach without it.

locals {
  # Addresses follow from the region's name alone, so that a region that comes or goes moves no other.
  slots   = { for region in var.regions : region => parseint(substr(sha256(region), 0, 3), 16) }
  subnets = { for region, slot in local.slots : region => cidrsubnet("10.0.0.0/8", 12, slot) } # 4096 addresses each
  # 8 addresses each, in the upper half: what has an address in 192.168.1.0/24 Cloud Run does not reach.
  caches = { for region, slot in local.slots : region => cidrsubnet("192.168.128.0/17", 12, slot) }
}

resource "google_compute_network" "this" {
  project                 = var.project_id
  name                    = "aiprod"
  description             = "Functions and Redis."
  auto_create_subnetworks = false
  routing_mode            = "REGIONAL"

  lifecycle {
    precondition {
      condition     = length(distinct(values(local.slots))) == length(var.regions)
      error_message = "The names of two regions lead to the same addresses; choose another one of the two."
    }
  }
}

resource "google_compute_subnetwork" "functions" {
  for_each                 = local.subnets
  project                  = var.project_id
  name                     = "functions-${each.key}"
  description              = "Functions of the region; each instance takes addresses while it runs and some minutes more."
  network                  = google_compute_network.this.id
  region                   = each.key
  ip_cidr_range            = each.value
  private_ip_google_access = true
  stack_type               = "IPV4_ONLY"

  log_config {
    aggregation_interval = "INTERVAL_10_MIN"
    flow_sampling        = 0.1
    metadata             = "INCLUDE_ALL_METADATA"
  }
}
