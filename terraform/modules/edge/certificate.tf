# A managed certificate, proved by a DNS record, so that it is there before the domain leads here, and the TLS that it is
# used with.

resource "google_certificate_manager_dns_authorization" "domain" {
  project     = var.project_id
  name        = replace(var.domain, ".", "-")
  description = "Proves that ${var.domain} is ours."
  domain      = var.domain
  labels      = var.labels
}

resource "google_certificate_manager_certificate" "domain" {
  project     = var.project_id
  name        = replace(var.domain, ".", "-")
  description = "Certificate of ${var.domain}, renewed by itself."
  labels      = var.labels

  managed {
    domains            = [var.domain]
    dns_authorizations = [google_certificate_manager_dns_authorization.domain.id]
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_certificate_manager_certificate_map" "api" {
  project     = var.project_id
  name        = "api"
  description = "Certificates of the load balancer."
  labels      = var.labels
}

resource "google_certificate_manager_certificate_map_entry" "domain" {
  project      = var.project_id
  name         = replace(var.domain, ".", "-")
  description  = "Certificate of ${var.domain}."
  map          = google_certificate_manager_certificate_map.api.name
  certificates = [google_certificate_manager_certificate.domain.id]
  hostname     = var.domain
  labels       = var.labels
}

resource "google_compute_ssl_policy" "modern" {
  project         = var.project_id
  name            = "modern"
  description     = "TLS 1.2 and 1.3 with ciphers that keep the past secret."
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"
}
