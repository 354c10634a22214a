output "notification_channels" {
  description = "Channels that alerts go to."
  value       = local.channels
}

output "alerts" {
  description = "Alert policies by name."
  value       = merge({ for name, alert in google_monitoring_alert_policy.alert : name => alert.name }, { for name, alert in google_monitoring_alert_policy.burn : "burn_${name}" => alert.name })
}

output "dashboards" {
  description = "Dashboards by name."
  value       = { for name, dashboard in google_monitoring_dashboard.dashboard : name => dashboard.id }
}

output "slos" {
  description = "Service level objectives by name."
  value       = { for name, slo in google_monitoring_slo.slo : name => slo.name }
}

output "log_metrics" {
  description = "Log-based metrics by the name that queries give them."
  value       = { for name, metric in google_logging_metric.metric : name => metric.name }
}

output "datasets" {
  description = "BigQuery datasets by what they hold."
  value       = { for name, dataset in google_bigquery_dataset.dataset : name => dataset.dataset_id }
}
