# Seen from outside, through DNS, certificate, load balancer and one function each. Once a minute from every region that
# Google checks from; the load balancer itself notices a failing region within seconds (outlier detection).

locals {
  uptime = {
    health  = { path = "/health", json_path = "$.status", content = "\"ok\"" }
    presets = { path = "/presets", json_path = "$.presets[0].id", content = "\"quick_social\"" }
  }
}

resource "google_monitoring_uptime_check_config" "check" {
  for_each     = local.uptime
  project      = var.project_id
  display_name = "AIPROD ${var.environment}: GET ${each.value.path}"
  period       = "60s"
  timeout      = "10s"

  http_check {
    path         = each.value.path
    port         = 443
    use_ssl      = true
    validate_ssl = true
  }
  content_matchers {
    content = each.value.content
    matcher = "MATCHES_JSON_PATH"
    json_path_matcher {
      json_path    = each.value.json_path
      json_matcher = "EXACT_MATCH"
    }
  }
  monitored_resource {
    type   = "uptime_url"
    labels = { project_id = var.project_id, host = var.domain }
  }
}
