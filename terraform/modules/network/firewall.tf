# From the network functions may open connections to Redis alone: a function that is talked into calling a private
# address reaches nobody. Nothing may open connections to them.

locals {
  tag = "aiprod-function"
}

resource "google_compute_firewall" "redis" {
  project            = var.project_id
  name               = "aiprod-functions-to-redis"
  description        = "Functions may reach Redis, over TLS."
  network            = google_compute_network.this.id
  direction          = "EGRESS"
  priority           = 1000
  target_tags        = [local.tag]
  destination_ranges = values(local.caches)

  allow {
    protocol = "tcp"
    ports    = ["6378"]
  }
}

resource "google_compute_firewall" "nobody_else" {
  project            = var.project_id
  name               = "aiprod-functions-to-nobody-else"
  description        = "Functions may reach no other private address."
  network            = google_compute_network.this.id
  direction          = "EGRESS"
  priority           = 2000
  target_tags        = [local.tag]
  destination_ranges = ["0.0.0.0/0"]

  # What it denies is in no log: Direct VPC egress of Cloud Run has no logging of firewall rules.
  deny {
    protocol = "all"
  }
}
