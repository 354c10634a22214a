# One job per schedule of the catalogue, of the function's name, for the code finds it by that (UTC).

resource "google_cloud_scheduler_job" "schedule" {
  for_each = var.schedules

  project          = var.project_id
  region           = var.home
  name             = each.key
  description      = var.functions[each.key].summary
  schedule         = each.value
  time_zone        = "Etc/UTC"
  attempt_deadline = "${max(15, var.functions[each.key].timeout)}s"

  http_target {
    uri         = local.urls[each.key]
    http_method = "POST"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode("{}")

    oidc_token {
      service_account_email = var.invoker_email
      audience              = local.urls[each.key]
    }
  }

  retry_config {
    retry_count          = 3
    min_backoff_duration = "5s"
    max_backoff_duration = "60s"
  }

  # At a failover those of the new home are made first, for the old one may not answer.
  lifecycle {
    create_before_destroy = true
  }
}
