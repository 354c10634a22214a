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

output "failover" {
  description = "Arguments of an apply that makes another region the home while this one is lost: all that knows the home and is elsewhere."
  value = join(" ", concat(
    [for name in sort(keys(var.regions)) : "-target=module.system.module.functions[\"${name}\"] -target=module.system.module.render[\"${name}\"]" if name != var.home],
    ["-target=module.system.module.messaging"],
  ))
}

output "made" {
  description = "What the catalogue came to, by kind and name."
  value = {
    accounts  = module.identity.accounts
    alerts    = { for name in keys(module.observability.alerts) : name => name }
    backends  = module.edge.backends
    grants    = module.identity.grants
    queues    = module.messaging.queues
    readers   = module.secrets.readers
    routes    = { for route in module.edge.routes : "${route.method} ${route.path}" => route }
    schedules = module.messaging.schedules
    secrets   = { for name in keys(module.secrets.names) : name => name }
    services  = { for region, functions in module.functions : region => functions.services }
    topics    = module.messaging.topics
  }
}

output "workload_identity_provider" {
  description = "What a job of CI names to sign in; null without a repository."
  value       = module.identity.workload_identity_provider
}
