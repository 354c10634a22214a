output "trigger" {
  description = "Trigger of releases; null without a connected repository."
  value       = one(google_cloudbuild_trigger.release[*].id)
}
