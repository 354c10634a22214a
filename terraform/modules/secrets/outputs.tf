output "names" {
  description = "All secrets, by name: their full names."
  value       = { for name, secret in google_secret_manager_secret.secret : name => secret.name }
}

output "readers" {
  description = "Account by the secret and function that reads it: { SECRET/FUNCTION: member }."
  value       = { for key, grant in google_secret_manager_secret_iam_member.reader : key => grant.member }
}

output "operator_secrets" {
  description = "Secrets to which an operator has to add a version: keys that providers issue."
  value       = sort(local.issued)
}

output "reminder_topic" {
  description = "Topic on which Secret Manager says that a provider's key is due."
  value       = google_pubsub_topic.reminders.name
}
