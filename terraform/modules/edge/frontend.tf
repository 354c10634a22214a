# What listens: HTTPS for the API, and HTTP to lead there, each over IPv4 and IPv6.

locals {
  versions = toset(["ipv4", "ipv6"])
}

resource "google_compute_global_address" "this" {
  for_each    = local.versions
  project     = var.project_id
  name        = "api-${each.key}"
  description = "Where ${var.domain} leads."
  ip_version  = upper(each.key)
  labels      = var.labels
}

resource "google_compute_target_https_proxy" "api" {
  project         = var.project_id
  name            = "api"
  url_map         = google_compute_url_map.api.id
  certificate_map = "//certificatemanager.googleapis.com/${google_certificate_manager_certificate_map.api.id}"
  ssl_policy      = google_compute_ssl_policy.modern.id
  quic_override   = "ENABLE"

  depends_on = [google_certificate_manager_certificate_map_entry.domain]
}

resource "google_compute_global_forwarding_rule" "https" {
  for_each              = local.versions
  project               = var.project_id
  name                  = "api-https-${each.key}"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  network_tier          = "PREMIUM"
  target                = google_compute_target_https_proxy.api.id
  ip_address            = google_compute_global_address.this[each.key].id
  ip_protocol           = "TCP"
  port_range            = "443"
  labels                = var.labels
}

resource "google_compute_url_map" "redirect" {
  project     = var.project_id
  name        = "api-redirect"
  description = "Leads from HTTP to HTTPS."

  default_url_redirect {
    https_redirect         = true
    redirect_response_code = "MOVED_PERMANENTLY_DEFAULT"
    strip_query            = false
  }
}

resource "google_compute_target_http_proxy" "redirect" {
  project = var.project_id
  name    = "api-redirect"
  url_map = google_compute_url_map.redirect.id
}

resource "google_compute_global_forwarding_rule" "http" {
  for_each              = local.versions
  project               = var.project_id
  name                  = "api-http-${each.key}"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  network_tier          = "PREMIUM"
  target                = google_compute_target_http_proxy.redirect.id
  ip_address            = google_compute_global_address.this[each.key].id
  ip_protocol           = "TCP"
  port_range            = "80"
  labels                = var.labels
}
