output "addresses" {
  description = "Addresses of the domain: { ipv4 (A record), ipv6 (AAAA record) }."
  value       = { for version, address in google_compute_global_address.this : version => address.address }
}

output "dns_record" {
  description = "DNS record that proves the domain to the certificate: { name, type, data }."
  value       = one(google_certificate_manager_dns_authorization.domain.dns_resource_record)
}

output "routes" {
  description = "Route rules in their order: { function, method, path, priority, any (whether every method of the path) }."
  value       = local.rules
}

output "backends" {
  description = "Backend services by name: { function, regions, kind of content }."
  value = {
    for backend in local.backends : backend.name => {
      function = backend.function
      regions  = backend.regions
      kind     = local.kinds[backend.function]
    }
  }
}

output "url_map" {
  description = "Name of the URL map, which caches are cleared by."
  value       = google_compute_url_map.api.name
}

output "security_policy" {
  description = "Name of the Cloud Armor policy."
  value       = google_compute_security_policy.this.name
}
