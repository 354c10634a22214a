output "topics" {
  description = "Names of all topics."
  value       = { for name, topic in google_pubsub_topic.topic : name => topic.name }
}

output "subscriptions" {
  description = "Name of the push subscription, by topic."
  value       = { for name, subscription in google_pubsub_subscription.push : name => subscription.name }
}

output "queues" {
  description = "Names of all queues."
  value       = { for name, queue in google_cloud_tasks_queue.queue : name => queue.name }
}

output "schedules" {
  description = "Names of all jobs of Cloud Scheduler."
  value       = { for name, job in google_cloud_scheduler_job.schedule : name => job.name }
}
