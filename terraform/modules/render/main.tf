# The render job of one region. It runs on a GPU, or on processors alone where a region has no quota for one: an
# execution can override neither, so a region has the one or the other, under the name that the code starts.

locals {
  profile = var.gpu ? var.profiles.gpu : var.profiles.cpu
}

resource "google_cloud_run_v2_job" "render" {
  project             = var.project_id
  location            = var.region
  name                = "aiprod-render"
  labels              = merge(var.labels, { function = "render-job", profile = var.gpu ? "gpu" : "cpu" })
  deletion_protection = false # it keeps nothing

  template {
    # The code says how many tasks an execution has. As many run at a time: no parallelism of our own, which could not be
    # more than the tasks that stand here, and which an execution cannot change.
    task_count = 1

    template {
      service_account       = var.account
      execution_environment = "EXECUTION_ENVIRONMENT_GEN2"
      # A task on a GPU is not moved when its machine is serviced, but ended. Segments that were encoded are kept, so
      # the next attempt goes on with the rest.
      max_retries                   = 2
      timeout                       = "${var.timeout}s"
      gpu_zonal_redundancy_disabled = var.gpu ? true : null

      dynamic "node_selector" {
        for_each = var.gpu ? [var.accelerator] : []
        content {
          accelerator = node_selector.value
        }
      }

      containers {
        image = var.image

        resources {
          limits = merge(
            { cpu = tostring(local.profile.cpu), memory = local.profile.memory },
            var.gpu ? { "nvidia.com/gpu" = "1" } : {},
          )
        }

        dynamic "env" {
          for_each = merge(var.environment, { AIPROD_WORKERS = tostring(local.profile.workers) })
          content {
            name  = env.key
            value = env.value
          }
        }
      }
    }
  }
}

resource "google_cloud_run_v2_job_iam_member" "starter" {
  for_each = var.starters

  project  = var.project_id
  location = var.region
  name     = google_cloud_run_v2_job.render.name
  role     = var.role
  member   = "serviceAccount:${each.value}"
}
