# One backend service per endpoint, with its Cloud Run service in every region; the nearest that works answers. Where
# regions have weights, one per endpoint and region instead, for weights act between backend services.

locals {
  endpoints = { for name, function in var.functions : name => function if function.http != null }
  weighted  = length(var.region_weights) > 0

  # What an endpoint hands out decides who may keep it: files that never change under their name, what anybody may see,
  # and what is somebody's.
  kinds = {
    for name, function in local.endpoints : name => (
      !function.public || function.http.method != "GET" ? "private" :
      endswith(function.http.path, "/{file}") ? "static" : "public"
    )
  }

  groups = {
    for pair in setproduct(keys(local.endpoints), var.regions) :
    "${pair[0]} ${pair[1]}" => { function = pair[0], region = pair[1], service = var.services[pair[1]][pair[0]] }
  }

  backends = {
    for pair in setproduct(keys(local.endpoints), local.weighted ? sort(var.regions) : [""]) :
    trimspace("${pair[0]} ${pair[1]}") => {
      name     = join("-", compact([replace(pair[0], "_", "-"), pair[1]]))
      function = pair[0]
      regions  = pair[1] == "" ? sort(var.regions) : tolist([pair[1]])
    }
  }
}

resource "google_compute_region_network_endpoint_group" "function" {
  for_each              = local.groups
  project               = var.project_id
  name                  = replace(each.value.function, "_", "-")
  region                = each.value.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = each.value.service
  }

  lifecycle {
    create_before_destroy = true # it can go once no backend service uses it
  }
}

resource "google_compute_backend_service" "function" {
  for_each              = local.backends
  project               = var.project_id
  name                  = each.value.name
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  security_policy       = google_compute_security_policy.this.id
  enable_cdn            = local.kinds[each.value.function] != "private"

  dynamic "backend" {
    for_each = each.value.regions
    content {
      group = google_compute_region_network_endpoint_group.function["${each.value.function} ${backend.value}"].id
    }
  }

  # Serverless backends take no health checks: a region that answers with five errors in a row is left alone for half a
  # minute, longer each time, as long as there is another one.
  dynamic "outlier_detection" {
    for_each = length(each.value.regions) > 1 ? [true] : []
    content {
      consecutive_errors                    = 5
      enforcing_consecutive_errors          = 100
      consecutive_gateway_failure           = 3
      enforcing_consecutive_gateway_failure = 100
      max_ejection_percent                  = 50

      interval {
        seconds = 1
      }
      base_ejection_time {
        seconds = 30
      }
    }
  }

  dynamic "cdn_policy" {
    for_each = [for kind, policy in local.cdn : policy if kind == local.kinds[each.value.function]]
    content {
      cache_mode         = cdn_policy.value.cache_mode
      default_ttl        = cdn_policy.value.ttl
      client_ttl         = cdn_policy.value.ttl
      max_ttl            = cdn_policy.value.ttl
      serve_while_stale  = local.day
      request_coalescing = true
      negative_caching   = true

      dynamic "negative_caching_policy" {
        for_each = [404, 410]
        content {
          code = negative_caching_policy.value
          ttl  = 120
        }
      }

      cache_key_policy {
        include_host         = true
        include_protocol     = true
        include_query_string = cdn_policy.value.query
      }
    }
  }

  log_config {
    enable      = true
    sample_rate = 1.0
  }

  lifecycle {
    create_before_destroy = true # it can go once the URL map leads elsewhere
  }
}
