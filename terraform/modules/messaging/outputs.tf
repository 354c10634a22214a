output "topics" {
  description = "Names of all topics."
  value       = { for name, topic in google_pubsub_topic.topic : name => topic.name }
}

output "subscriptions" {
  description = "Name of the push subscription, by topic."
  value       = { for name, subscription in google_pubsub_subscription.push : name => subscription.name }
}

output "queues" {
  description = "Names of the queues of each region."
  value = {
    for region in var.regions : region => [for queue in google_cloud_tasks_queue.queue : queue.name if queue.location == region]
  }
}

output "home" {
  description = "Region that has the schedules, and the functions that are called."
  value       = one(distinct([for job in google_cloud_scheduler_job.schedule : job.region]))
}

output "schedules" {
  description = "Names of all jobs of Cloud Scheduler."
  value       = { for name, job in google_cloud_scheduler_job.schedule : name => job.name }
}
