output "home" {
  description = "Region whose queues the job uses."
  value       = one([for variable in google_cloud_run_v2_job.render.template[0].template[0].containers[0].env : variable.value if variable.name == "AIPROD_REGION"])
}

output "job" {
  description = "Name of the job."
  value       = google_cloud_run_v2_job.render.name
}
