output "url" {
  description = "Where clients reach the service."
  value       = module.system.url
}

output "addresses" {
  description = "Addresses that the domain has to lead to (A and AAAA)."
  value       = module.system.addresses
}

output "dns_record" {
  description = "DNS record that proves the domain to the certificate."
  value       = module.system.dns_record
}

output "registry" {
  description = "What names of images begin with."
  value       = module.system.registry
}

output "image" {
  description = "Image of all functions that is applied."
  value       = var.image
}

output "render_image" {
  description = "Image of the render job that is applied."
  value       = var.render_image
}

output "url_map" {
  description = "Name of the URL map, which caches are cleared by."
  value       = module.system.url_map
}

output "operator_secrets" {
  description = "Secrets to which an operator has to add a version: keys that providers issue."
  value       = module.system.operator_secrets
}

output "builder_email" {
  description = "Account that builds run as."
  value       = module.system.builder_email
}

output "deployer_email" {
  description = "Account that applies Terraform."
  value       = module.system.deployer_email
}

output "failover" {
  description = "Arguments of an apply that makes another region the home while this one is lost."
  value       = module.system.failover
}

output "workload_identity_provider" {
  description = "What a job of CI names to sign in; null without a repository."
  value       = module.system.workload_identity_provider
}
