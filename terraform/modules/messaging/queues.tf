# Queues that pace calls. Each task names the function that it is for and carries the invoker's token.
#
# They stand in every region, and the code uses those of its home (AIPROD_REGION): whoever may enqueue, may in each of
# them. So a failover makes and deletes none, for the name of a queue that was deleted cannot be used again for days.

locals {
  places = { for pair in setproduct(var.regions, keys(var.queues)) : "${pair[0]} ${pair[1]}" => { region = pair[0], queue = pair[1] } }

  rates = { for name, queue in var.queues : name => lookup(var.rates, queue.family, var.rates["default"]) }
  share = { for name, queue in var.queues : name => queue.priority == null ? 1 : var.shares[queue.priority] }
}

resource "google_cloud_tasks_queue" "queue" {
  for_each = local.places

  project  = var.project_id
  location = each.value.region
  name     = each.value.queue

  rate_limits {
    max_dispatches_per_second = local.rates[each.value.queue].per_second * local.share[each.value.queue]
    max_concurrent_dispatches = ceil(local.rates[each.value.queue].concurrent * local.share[each.value.queue])
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
}
