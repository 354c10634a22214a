output "services" {
  description = "APIs that are on."
  value       = [for api in google_project_service.api : api.service]
}
