# The log can be asked with SQL where it lies, which is what the panels of cost by user do. What has to outlive its 30
# days goes to BigQuery: the end of every pipeline with its cost, and the audit log.

resource "google_logging_project_bucket_config" "default" {
  project          = var.project_id
  location         = "global"
  bucket_id        = "_Default"
  retention_days   = 30
  enable_analytics = true
}

locals {
  _datasets = {
    records = "Ended pipelines and the audit log, for as long as Google Cloud keeps its own record of administrators."
    billing = "What Google Cloud bills, by the export that is switched on by hand (terraform/README.md)."
  }
  _kept_ms = 400 * 24 * 3600 * 1000
}

resource "google_bigquery_dataset" "dataset" {
  #checkov:skip=CKV_GCP_81:Google's own keys encrypt it; a key of ours would have to be kept in each region and adds nothing here
  for_each                        = local._datasets
  project                         = var.project_id
  dataset_id                      = "aiprod_${each.key}"
  description                     = each.value
  location                        = var.location
  default_partition_expiration_ms = each.key == "records" ? local._kept_ms : null
  delete_contents_on_destroy      = !var.protection
}

resource "google_logging_project_sink" "records" {
  project                = var.project_id
  name                   = "aiprod-records"
  description            = "Ended pipelines and the audit log."
  destination            = "bigquery.googleapis.com/${google_bigquery_dataset.dataset["records"].id}"
  filter                 = "resource.type=(\"cloud_run_revision\" OR \"cloud_run_job\") AND (jsonPayload.message=\"pipeline ended\" OR jsonPayload.audit.kind:*)"
  unique_writer_identity = true

  bigquery_options {
    use_partitioned_tables = true
  }
}

resource "google_bigquery_dataset_iam_member" "sink" {
  project    = var.project_id
  dataset_id = google_bigquery_dataset.dataset["records"].dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_logging_project_sink.records.writer_identity
}

locals {
  _views = var.billing_table == "" ? toset([]) : toset([for file in fileset("${path.module}/views", "*.sql") : trimsuffix(file, ".sql")])
}

resource "google_bigquery_table" "view" {
  #checkov:skip=CKV_GCP_80:A view holds no data of its own
  #checkov:skip=CKV_GCP_121:A view holds no data of its own, and is made again from its text
  for_each            = local._views
  project             = var.project_id
  dataset_id          = google_bigquery_dataset.dataset["billing"].dataset_id
  table_id            = each.key
  deletion_protection = false

  view {
    use_legacy_sql = false
    query = templatefile("${path.module}/views/${each.key}.sql", {
      project = var.project_id
      table   = "${var.project_id}.${google_bigquery_dataset.dataset["billing"].dataset_id}.${var.billing_table}"
    })
  }
}
