locals {
  _written = {
    for name, alert in yamldecode(templatefile("${path.module}/alerts.yaml", { domain = var.domain })) :
    name => merge({ holds = "0s" }, alert)
  }

  # What retries by itself may fail more often before somebody has to look: the queue comes again.
  _of_functions = {
    for name, function in var.functions : "function_${name}" => {
      summary  = "${name} fails"
      severity = function.kind == "endpoint" ? "ERROR" : "WARNING"
      holds    = "300s"
      query = join(" / ", [
        for class in [",response_code_class=\"5xx\"", ""] :
        "sum(increase(run_googleapis_com:request_count{monitored_resource=\"cloud_run_revision\",service_name=\"${function.service}\"${class}}[10m]))"
      ])
      over    = function.kind == "endpoint" ? 0.05 : 0.2
      runbook = "Its log, filtered by `jsonPayload.function=\"${name}\"` and severity ERROR, has the error and its trace. After a release: terraform/README.md, \"Roll back\"."
    }
  }

  alerts = merge(local._written, {
    for name, alert in local._of_functions : name => merge(alert, { query = "${alert.query} > ${alert.over}" })
  })
}

resource "google_monitoring_alert_policy" "alert" {
  for_each     = local.alerts
  project      = var.project_id
  display_name = "AIPROD ${var.environment}: ${each.value.summary}"
  combiner     = "OR"
  severity     = each.value.severity
  user_labels  = { environment = var.environment, alert = each.key }

  conditions {
    display_name = each.value.summary
    condition_prometheus_query_language {
      query               = replace(each.value.query, local._short, local._long)
      duration            = each.value.holds
      evaluation_interval = "60s"
      # A series exists from its first sample on, and a new project has none.
      disable_metric_validation = true
    }
  }

  notification_channels = local.channels
  alert_strategy {
    auto_close           = "3600s"
    notification_prompts = ["OPENED", "CLOSED"]
  }
  documentation {
    subject   = "[${each.value.severity}] ${each.value.summary} (AIPROD ${var.environment})"
    content   = each.value.runbook
    mime_type = "text/markdown"
  }

  depends_on = [google_logging_metric.metric]
}
