# What watching promises: every function has an alert, every alert reaches somebody and says what to do, every dashboard
# can be drawn, the SLA is measured, money is watched, and a release of production waits for somebody.

mock_provider "google" {
  override_during = plan
}

variables {
  project_id      = "demo"
  environment     = "production"
  domain          = "api.example.com"
  url_map         = "api"
  alert_emails    = ["ops@example.com", "lead@example.com"]
  billing_account = "000000-000000-000000"
  budget_usd      = 2000
}

run "catalogue" {
  command = plan
  module {
    source = "../catalogue"
  }
}

run "observability" {
  command = plan
  module {
    source = "../observability"
  }
  variables {
    functions = run.catalogue.functions
  }

  assert {
    condition = alltrue([
      for name, function in run.catalogue.functions :
      strcontains(google_monitoring_alert_policy.alert["function_${name}"].conditions[0].condition_prometheus_query_language[0].query, "service_name=\"${function.service}\"")
    ])
    error_message = "Every function of the catalogue has an alert of its own."
  }

  assert {
    condition     = length(google_monitoring_alert_policy.alert) == length(run.catalogue.functions) + length(yamldecode(templatefile("../observability/alerts.yaml", { domain = var.domain })))
    error_message = "There are the alerts that are written down and one for each function, and no other."
  }

  assert {
    condition = alltrue([
      for alert in merge(google_monitoring_alert_policy.alert, google_monitoring_alert_policy.burn) :
      length(alert.notification_channels) == 2 && length(alert.documentation[0].content) > 0 && contains(["CRITICAL", "ERROR", "WARNING"], alert.severity)
    ])
    error_message = "Every alert reaches everybody who was named, and says what to do first."
  }

  assert {
    condition = alltrue([
      for alert in google_monitoring_alert_policy.alert :
      !strcontains(alert.conditions[0].condition_prometheus_query_language[0].query, "log:") &&
      !strcontains(alert.conditions[0].condition_prometheus_query_language[0].query, "$")
    ])
    error_message = "Every query is written out."
  }

  assert {
    condition = google_monitoring_alert_policy.alert["cost_high"].conditions[0].condition_prometheus_query_language[0].query == join("", [
      "sum((increase(logging_googleapis_com:user_aiprod_pipeline_dollars_sum{monitored_resource=\"cloud_run_revision\",}[1d])",
      " or increase(logging_googleapis_com:user_aiprod_pipeline_dollars_sum{monitored_resource=\"cloud_run_job\",}[1d]))) > 90",
    ])
    error_message = "A log-based metric is asked for in services and in jobs."
  }

  assert {
    condition     = google_monitoring_alert_policy.alert["unreachable"].severity == "CRITICAL" && strcontains(google_monitoring_alert_policy.alert["unreachable"].conditions[0].condition_prometheus_query_language[0].query, "host=\"api.example.com\"")
    error_message = "Somebody is woken when the service does not answer from outside."
  }

  assert {
    condition     = google_monitoring_alert_policy.alert["steps_wait"].conditions[0].condition_prometheus_query_language[0].duration == "600s"
    error_message = "Steps wait for ten minutes before that is an alert."
  }

  assert {
    condition = alltrue([
      for metric in google_logging_metric.metric : startswith(metric.filter, "resource.type=(\"cloud_run_revision\" OR \"cloud_run_job\") AND ") && metric.metric_descriptor[0].metric_kind == "DELTA" &&
      join(" ", sort([for label in metric.metric_descriptor[0].labels : label.key])) == join(" ", sort(keys(metric.label_extractors))) &&
      (metric.metric_descriptor[0].value_type == "DISTRIBUTION") == (metric.value_extractor != null)
    ])
    error_message = "A log-based metric counts lines of ours, by labels that it takes from them."
  }

  assert {
    condition = toset(keys(google_monitoring_dashboard.dashboard)) == toset(["cost", "pipeline", "queues", "service"]) && alltrue([
      for dashboard in google_monitoring_dashboard.dashboard : alltrue([
        for tile in jsondecode(dashboard.dashboard_json).mosaicLayout.tiles :
        tile.xPos + tile.width <= 48 && length(setintersection(keys(tile.widget), ["xyChart", "timeSeriesTable", "text"])) == 1
      ])
    ])
    error_message = "There are four dashboards, and each of their panels is a chart, a table or a text."
  }

  assert {
    condition = alltrue([
      for dashboard in google_monitoring_dashboard.dashboard :
      !strcontains(dashboard.dashboard_json, "log:") && !strcontains(dashboard.dashboard_json, "$${")
    ])
    error_message = "Every query of a dashboard is written out."
  }

  assert {
    condition = (
      google_monitoring_slo.slo["availability"].goal == 0.999 &&
      google_monitoring_slo.slo["latency"].request_based_sli[0].distribution_cut[0].range[0].max == 2000 &&
      google_monitoring_slo.slo["processing"].request_based_sli[0].distribution_cut[0].range[0].max == 900 &&
      alltrue([for slo in google_monitoring_slo.slo : slo.rolling_period_days == 30])
    )
    error_message = "The SLA is measured: 99.9 %, 2 s, 15 minutes."
  }

  assert {
    condition = alltrue([
      for ratio in google_monitoring_slo.slo["availability"].request_based_sli[0].good_total_ratio : alltrue([
        for filter in [ratio.total_service_filter, ratio.bad_service_filter] : strcontains(filter, "resource.labels.url_map_name=\"api\"")
      ]) && endswith(ratio.bad_service_filter, "metric.labels.response_code_class=\"500\"")
    ])
    error_message = "What only leads from HTTP to HTTPS is no request that was answered well."
  }

  assert {
    condition     = time_sleep.metric.triggers.metric == "aiprod_pipeline_seconds" && time_sleep.metric.create_duration == "60s"
    error_message = "An objective is made once its log-based metric is known."
  }

  assert {
    condition     = !strcontains(google_monitoring_slo.slo["latency"].request_based_sli[0].distribution_cut[0].distribution_filter, "live-") && !strcontains(google_monitoring_slo.slo["latency"].request_based_sli[0].distribution_cut[0].distribution_filter, "export-")
    error_message = "A connection that lasts as long as its client is no slow request."
  }

  assert {
    condition = alltrue([
      for check in google_monitoring_uptime_check_config.check :
      check.period == "60s" && check.http_check[0].validate_ssl && check.monitored_resource[0].labels.host == "api.example.com"
    ])
    error_message = "Every minute somebody asks from outside, over TLS."
  }

  assert {
    condition = (
      google_billing_budget.month[0].amount[0].specified_amount[0].units == "2000" &&
      toset([for rule in google_billing_budget.month[0].threshold_rules : rule.threshold_percent if rule.spend_basis == "CURRENT_SPEND"]) == toset([0.5, 0.8, 0.9, 1]) &&
      length(google_billing_budget.month[0].all_updates_rule[0].monitoring_notification_channels) == 2
    )
    error_message = "The budget says so at 50, 80, 90 and 100 %."
  }

  assert {
    condition = (
      google_logging_project_bucket_config.default.enable_analytics &&
      google_bigquery_dataset.dataset["records"].default_partition_expiration_ms == 400 * 24 * 3600 * 1000 &&
      google_bigquery_dataset.dataset["billing"].default_partition_expiration_ms == null &&
      alltrue([for dataset in google_bigquery_dataset.dataset : !dataset.delete_contents_on_destroy]) &&
      length(google_bigquery_table.view) == 0
    )
    error_message = "Records stay for 400 days, the bill for good, and no view asks for a table that is not there."
  }
}

run "observability_of_a_small_environment" {
  command = plan
  module {
    source = "../observability"
  }
  variables {
    functions       = run.catalogue.functions
    alert_emails    = []
    billing_account = ""
    billing_table   = "gcp_billing_export_v1_000000_000000_000000"
    protection      = false
  }

  assert {
    condition     = length(google_billing_budget.month) == 0 && length(google_monitoring_notification_channel.email) == 0
    error_message = "Nobody to tell and nothing to pay from is allowed."
  }

  assert {
    condition = toset(keys(google_bigquery_table.view)) == toset(["cost_by_region", "cost_by_service", "cost_daily", "cost_trend"]) && alltrue([
      for view in google_bigquery_table.view : strcontains(view.view[0].query, "`demo.aiprod_billing.gcp_billing_export_v1_000000_000000_000000`")
    ])
    error_message = "Once the bill is exported, there are views of it by day, service, region and month."
  }
}

run "delivery_of_production" {
  command = plan
  module {
    source = "../delivery"
  }
  variables {
    region       = "europe-west1"
    repository   = "projects/demo/locations/europe-west1/connections/github/repositories/aiprod"
    approval     = true
    builder      = "builder@demo.iam.gserviceaccount.com"
    deployer     = "deployer@demo.iam.gserviceaccount.com"
    registry     = "europe-docker.pkg.dev/demo/aiprod"
    state_bucket = "demo-terraform"
    firebase_key = "web-key"
    canary       = { region = "us-west1", weights = { europe-west1 = 90, us-west1 = 10 } }
  }

  assert {
    condition     = google_cloudbuild_trigger.release[0].approval_config[0].approval_required
    error_message = "A release of production waits for somebody's approval."
  }

  assert {
    condition     = endswith(google_cloudbuild_trigger.release[0].service_account, "/serviceAccounts/builder@demo.iam.gserviceaccount.com") && google_cloudbuild_trigger.release[0].filename == "cloudbuild.yaml"
    error_message = "The builder runs the release that the repository has."
  }

  assert {
    condition     = google_cloudbuild_trigger.release[0].substitutions["_CANARY_REGION"] == "us-west1" && jsondecode(google_cloudbuild_trigger.release[0].substitutions["_CANARY_WEIGHTS"]) == { europe-west1 = 90, us-west1 = 10 }
    error_message = "One region gets the release first, and a tenth of the requests."
  }
}

run "delivery_without_a_repository" {
  command = plan
  module {
    source = "../delivery"
  }
  variables {
    region       = "europe-west1"
    approval     = false
    builder      = "builder@demo.iam.gserviceaccount.com"
    deployer     = "deployer@demo.iam.gserviceaccount.com"
    registry     = "europe-docker.pkg.dev/demo/aiprod"
    state_bucket = "demo-terraform"
    firebase_key = "web-key"
  }

  assert {
    condition     = length(google_cloudbuild_trigger.release) == 0
    error_message = "Without a connected repository there is no trigger."
  }
}
