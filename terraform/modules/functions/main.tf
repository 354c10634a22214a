# Every function of the catalogue as a Cloud Run service of one region, from one image.

locals {
  # Background work is done at home; elsewhere its services wait, asleep, to become the home.
  at_home = { for name, function in var.functions : name => function.kind == "endpoint" || var.home }
  # What sets gauges stays awake wherever alerts are: on a sleeping one they would never be raised.
  minimum = { for name, function in var.functions : name => local.at_home[name] && (var.warm || function.awake) ? function.min : 0 }
  scraped = { for name, function in var.functions : name => function.scraped && local.minimum[name] > 0 }
}

resource "google_cloud_run_v2_service" "function" {
  for_each = var.functions

  project     = var.project_id
  location    = var.region
  name        = each.value.service
  description = each.value.summary
  labels      = merge(var.labels, { function = each.value.service, kind = each.value.kind })
  # It keeps nothing: a function or a region goes as it came, by a line of data.
  deletion_protection = false

  # Endpoints are reached through the load balancer alone; the rest by Pub/Sub, Cloud Tasks and Cloud Scheduler alone.
  ingress              = each.value.kind == "endpoint" ? "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" : "INGRESS_TRAFFIC_INTERNAL_ONLY"
  default_uri_disabled = each.value.kind == "endpoint"

  # Cloud Run lets in whoever comes through that door, and the process checks for itself who calls: a user's token, or
  # the invoker's for this very URL (common/http/push_identity.py). Not both: Cloud Run replaces the signature of a token
  # in `Authorization` that it has checked by SIGNATURE_REMOVED_BY_GOOGLE, which the process refuses. Its check would
  # leave the signature of a second token alone (X-Serverless-Authorization), but Pub/Sub, Cloud Tasks and Cloud
  # Scheduler send one, in `Authorization`. Ours says more, for it knows the one account and the one function; what it
  # lets go, as load, comes from within the project alone.
  invoker_iam_disabled = true

  # Of the service, not of each revision: while traffic moves between two, there are not twice as many.
  scaling {
    min_instance_count = local.minimum[each.key]
  }

  template {
    service_account                  = var.accounts[each.key]
    timeout                          = "${each.value.timeout}s"
    max_instance_request_concurrency = each.value.concurrency
    session_affinity                 = each.value.live
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"

    scaling {
      max_instance_count      = each.value.max
      cpu_utilization         = var.utilization
      concurrency_utilization = var.utilization
    }

    vpc_access {
      egress = "PRIVATE_RANGES_ONLY"

      network_interfaces {
        network    = var.network.id
        subnetwork = var.network.subnetwork
        tags       = [var.network.tag]
      }
    }

    containers {
      name    = "function"
      image   = var.image
      command = each.value.live ? ["python"] : null
      args    = each.value.live ? ["-m", "functions.asgi"] : null

      ports {
        container_port = var.port
      }

      resources {
        limits = {
          cpu    = tostring(each.value.cpu)
          memory = each.value.memory
        }
        # A reading that a throttled processor misses is made up for by the next one, for counters only grow; gauges are
        # not, so what sets them stays awake.
        cpu_idle          = !(local.scraped[each.key] && each.value.awake)
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = merge(
          var.environment,
          { FUNCTION_TARGET = each.key },
          # As many threads as requests that Cloud Run sends at a time; live functions have an event loop instead.
          each.value.live ? {} : { THREADS = tostring(each.value.concurrency) },
        )
        content {
          name  = env.key
          value = env.value
        }
      }

      # Its URL carries a password.
      env {
        name = "AIPROD_REDIS_URL"
        value_source {
          secret_key_ref {
            secret  = var.redis_secret
            version = "latest"
          }
        }
      }

      startup_probe {
        period_seconds    = 1
        failure_threshold = 60
        tcp_socket {
          port = var.port
        }
      }
    }

    # Managed Prometheus: reads GET /metrics of the function beside it every half minute.
    dynamic "containers" {
      for_each = local.scraped[each.key] ? [var.collector_image] : []
      content {
        name       = "collector"
        image      = containers.value
        depends_on = ["function"]

        resources {
          limits = {
            cpu    = "1"
            memory = "512Mi"
          }
          cpu_idle = !each.value.awake
        }
      }
    }
  }

  traffic {
    type    = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
    percent = 100
  }
}
