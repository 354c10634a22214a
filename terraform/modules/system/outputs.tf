output "url" {
  description = "Where clients reach the service."
  value       = "https://${var.domain}"
}

output "addresses" {
  description = "Addresses that the domain has to lead to."
  value       = module.edge.addresses
}

output "dns_record" {
  description = "DNS record that proves the domain to the certificate."
  value       = module.edge.dns_record
}

output "registry" {
  description = "What names of images begin with."
  value       = module.data.registry
}

output "url_map" {
  description = "Name of the URL map, which caches are cleared by."
  value       = module.edge.url_map
}

output "operator_secrets" {
  description = "Secrets to which an operator has to add a version: keys that providers issue."
  value       = module.secrets.operator_secrets
}

output "builder_email" {
  description = "Account that builds run as."
  value       = module.identity.builder_email
}

output "deployer_email" {
  description = "Account that applies Terraform."
  value       = module.identity.deployer_email
}

output "workload_identity_provider" {
  description = "What a job of CI names to sign in; null without a repository."
  value       = module.identity.workload_identity_provider
}
