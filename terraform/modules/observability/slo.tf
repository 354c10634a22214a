# The SLA in figures: 99.9 % of requests are answered, within 2 s; a video is made within 15 minutes. Measured over the
# last 30 days. Files, exports and live connections take as long as they take and are no requests in this sense.

locals {
  # Of the load balancer that leads to functions: the other one only leads from HTTP to HTTPS, which never fails.
  _requests = join(" ", [
    "metric.type=\"loadbalancing.googleapis.com/https/request_count\" resource.type=\"https_lb_rule\"",
    "resource.labels.url_map_name=\"${var.url_map}\"",
  ])

  _quick = sort([for function in var.functions : function.service if function.kind == "endpoint" && !function.live && function.timeout <= 60])

  slos = {
    availability = {
      goal  = 0.999
      title = "99.9 % of requests are answered"
      total = local._requests
      bad   = "${local._requests} metric.labels.response_code_class=\"500\""
      burn  = 10
    }
    latency = {
      goal  = 0.99
      title = "99 % of requests are answered within 2 s"
      distribution = join(" ", [
        "metric.type=\"run.googleapis.com/request_latencies\" resource.type=\"cloud_run_revision\"",
        "resource.labels.service_name=one_of(${join(",", [for service in local._quick : "\"${service}\""])})",
      ])
      max  = 2000 # milliseconds
      burn = 10
    }
    processing = {
      goal         = 0.95
      title        = "95 % of videos are made within 15 minutes"
      distribution = "metric.type=\"logging.googleapis.com/user/aiprod_pipeline_seconds\" resource.type=\"cloud_run_revision\""
      max          = 900
      burn         = 5
    }
  }
}

resource "google_monitoring_custom_service" "service" {
  project      = var.project_id
  service_id   = "aiprod-${var.environment}"
  display_name = "AIPROD ${var.environment}"
}

# An objective is refused while its metric is not known, and a log-based one is known a little after it was made.
resource "time_sleep" "metric" {
  create_duration = "60s"
  triggers        = { metric = google_logging_metric.metric["pipeline_seconds"].name }
}

resource "google_monitoring_slo" "slo" {
  for_each            = local.slos
  project             = var.project_id
  service             = google_monitoring_custom_service.service.service_id
  slo_id              = each.key
  display_name        = each.value.title
  goal                = each.value.goal
  rolling_period_days = 30

  request_based_sli {
    dynamic "good_total_ratio" {
      for_each = can(each.value.total) ? [each.value] : []
      content {
        total_service_filter = good_total_ratio.value.total
        bad_service_filter   = good_total_ratio.value.bad
      }
    }
    dynamic "distribution_cut" {
      for_each = can(each.value.distribution) ? [each.value] : []
      content {
        distribution_filter = distribution_cut.value.distribution
        range {
          max = distribution_cut.value.max
        }
      }
    }
  }

  depends_on = [time_sleep.metric]
}

# Over an hour and over five minutes: what is over already wakes nobody.
resource "google_monitoring_alert_policy" "burn" {
  for_each     = local.slos
  project      = var.project_id
  display_name = "AIPROD ${var.environment}: the error budget of ${each.key} is being spent ${each.value.burn} times too fast"
  combiner     = "AND"
  severity     = "CRITICAL"
  user_labels  = { environment = var.environment, alert = "burn_${each.key}" }

  dynamic "conditions" {
    for_each = ["3600s", "300s"]
    content {
      display_name = "Burn rate over ${conditions.value}"
      condition_threshold {
        filter          = "select_slo_burn_rate(\"${google_monitoring_slo.slo[each.key].name}\", \"${conditions.value}\")"
        comparison      = "COMPARISON_GT"
        threshold_value = each.value.burn
        duration        = "0s"
      }
    }
  }

  notification_channels = local.channels
  documentation {
    subject   = "[CRITICAL] ${each.value.title}: not now (AIPROD ${var.environment})"
    content   = "\"AIPROD service\" shows which function and which region. After a release: terraform/README.md, \"Roll back\"."
    mime_type = "text/markdown"
  }
}
