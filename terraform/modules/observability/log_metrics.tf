locals {
  log_metrics = yamldecode(file("${path.module}/log_metrics.yaml"))
}

resource "google_logging_metric" "metric" {
  for_each    = local.log_metrics
  project     = var.project_id
  name        = "aiprod_${each.key}"
  description = each.value.summary
  filter      = "resource.type=(\"cloud_run_revision\" OR \"cloud_run_job\") AND ${each.value.filter}"

  label_extractors = try(each.value.labels, {})
  value_extractor  = try(each.value.value, null)

  metric_descriptor {
    metric_kind  = "DELTA"
    value_type   = can(each.value.value) ? "DISTRIBUTION" : "INT64"
    unit         = try(each.value.unit, "1")
    display_name = each.value.summary

    dynamic "labels" {
      for_each = try(each.value.labels, {})
      content {
        key        = labels.key
        value_type = "STRING"
      }
    }
  }

  dynamic "bucket_options" {
    for_each = can(each.value.buckets) ? [each.value.buckets] : []
    content {
      explicit_buckets {
        bounds = bucket_options.value
      }
    }
  }
}
