output "services" {
  description = "Name of each function's service, by function."
  value       = { for name, service in google_cloud_run_v2_service.function : name => service.name }
}

output "home" {
  description = "Region whose queues and jobs the services use."
  value       = var.environment["AIPROD_REGION"]
}

output "minimum" {
  description = "Instances that are kept, by function."
  value       = local.minimum
}
