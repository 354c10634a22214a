output "network" {
  description = "Id of the network, for Direct VPC egress."
  value       = google_compute_network.this.id
}

output "subnetworks" {
  description = "Id of the subnet by region, for Direct VPC egress."
  value       = { for region, subnet in google_compute_subnetwork.functions : region => subnet.id }
}

output "tag" {
  description = "Network tag that the rules on egress go by; every function's interface carries it."
  value       = local.tag
  depends_on  = [google_compute_firewall.redis, google_compute_firewall.nobody_else]
}

output "redis_secrets" {
  description = "Secret that holds the URL of Redis (AIPROD_REDIS_URL) by region; its readers may read it."
  value       = { for region, secret in google_secret_manager_secret.redis : region => secret.secret_id }
  depends_on  = [google_secret_manager_secret_version.redis, google_secret_manager_secret_iam_binding.redis]
}

output "ranges" {
  description = "Addresses of the subnet by region."
  value       = local.subnets
}
