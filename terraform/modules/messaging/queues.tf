# Queues that pace calls. Each task names the function that it is for and carries the invoker's token.

locals {
  rates = { for name, queue in var.queues : name => lookup(var.rates, queue.family, var.rates["default"]) }
  share = { for name, queue in var.queues : name => queue.priority == null ? 1 : var.shares[queue.priority] }
}

resource "google_cloud_tasks_queue" "queue" {
  for_each = var.queues

  project  = var.project_id
  location = var.region
  name     = each.key

  rate_limits {
    max_dispatches_per_second = local.rates[each.key].per_second * local.share[each.key]
    max_concurrent_dispatches = ceil(local.rates[each.key].concurrent * local.share[each.key])
  }

  # There are no dead letters here. A task is dropped when both are used up; a step that waits for one is found by the
  # sweep, which fails it once its deadline is over.
  retry_config {
    max_attempts       = var.attempts
    max_retry_duration = "1800s"
    min_backoff        = "2s"
    max_backoff        = "60s"
    max_doublings      = 5
  }

  # At a failover those of the new home are made first, for the old one may not answer.
  lifecycle {
    create_before_destroy = true
  }
}
