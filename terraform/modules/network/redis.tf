# One Redis per region. The code waits a quarter of a second for it, which a handshake across an ocean does not fit in,
# and a region should not feel the loss of another one's. So limits count per region: who sends to each of two regions,
# which nobody does who is led to the nearest, has twice the requests. Nothing in it has to last.

resource "google_redis_instance" "cache" {
  for_each                = local.caches
  project                 = var.project_id
  name                    = "aiprod-${each.key}"
  display_name            = "AIPROD: limits, logins, breakers"
  region                  = each.key
  tier                    = var.redis.tier
  memory_size_gb          = var.redis.memory_gb
  redis_version           = "REDIS_7_2"
  authorized_network      = google_compute_network.this.id
  connect_mode            = "DIRECT_PEERING"
  reserved_ip_range       = each.value
  auth_enabled            = true
  transit_encryption_mode = "SERVER_AUTHENTICATION"
  deletion_protection     = false # a region goes as it came, by a line of data
  labels                  = var.labels

  redis_configs = {
    maxmemory-policy = "volatile-ttl" # every key of ours has an end; the one that is nearest goes first
  }

  maintenance_policy {
    weekly_maintenance_window {
      day = "SUNDAY"
      start_time {
        hours   = 3
        minutes = 0
        seconds = 0
        nanos   = 0
      }
    }
  }
}

# The URL holds the password and the certificates of the authority that signs for this one instance, so that a function
# needs no file. Of that authority the name in the certificate says nothing more than the address that was called.
resource "google_secret_manager_secret" "redis" {
  for_each  = var.regions
  project   = var.project_id
  secret_id = "redis-url-${each.key}"
  labels    = var.labels

  replication {
    auto {}
  }
}

resource "google_secret_manager_secret_version" "redis" {
  for_each = google_redis_instance.cache
  secret   = google_secret_manager_secret.redis[each.key].id
  secret_data = join("", [
    "rediss://:${urlencode(each.value.auth_string)}@${each.value.host}:${each.value.port}/0",
    "?ssl_ca_data=${urlencode(join("\n", each.value.server_ca_certs[*].cert))}&ssl_check_hostname=false",
  ])

  lifecycle {
    create_before_destroy = true # an instance that starts in between finds one
  }
}

resource "google_secret_manager_secret_iam_binding" "redis" {
  for_each  = google_secret_manager_secret.redis
  project   = var.project_id
  secret_id = each.value.secret_id
  role      = "roles/secretmanager.secretAccessor"
  members   = [for reader in values(var.readers) : "serviceAccount:${reader}"]
}
