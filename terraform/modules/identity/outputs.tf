output "accounts" {
  description = "E-mail address of each function's account, by function."
  value       = local.accounts
}

output "builder_email" {
  description = "Account that builds images."
  value       = local.others["builder"]
}

output "deployer_email" {
  description = "Account that applies Terraform."
  value       = local.others["deployer"]
}

output "invoker_email" {
  description = "Account whose token calls background functions."
  value       = local.others["invoker"]
}

output "render_email" {
  description = "Account of the render job."
  value       = local.others["render-job"]
}

output "roles" {
  description = "Our own roles, by id."
  value       = local.roles
}

output "grants" {
  description = "What every workload was granted for its uses: { member, role } by workload and use."
  value = merge(
    { for key, grant in google_project_iam_member.use : key => { member = grant.member, role = grant.role } },
    { for key, grant in google_storage_bucket_iam_member.use : key => { member = grant.member, role = grant.role } },
  )
}

output "workload_identity_provider" {
  description = "What a job of CI names to sign in; null without a repository."
  value       = one(google_iam_workload_identity_pool_provider.github[*].name)
}
