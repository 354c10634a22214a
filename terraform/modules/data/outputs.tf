output "bucket" {
  description = "Name of the bucket of all objects."
  value       = google_storage_bucket.objects.name
}

output "database" {
  description = "Name of the database; whoever needs its indexes waits for them with it."
  value       = google_firestore_database.this.name
  depends_on  = [google_firestore_index.this, google_firestore_field.override]
}

output "registry" {
  description = "What names of images begin with: HOST/PROJECT/REPOSITORY."
  value       = "${local.registry_location}-docker.pkg.dev/${var.project_id}/${google_artifact_registry_repository.images.repository_id}"
}

output "registry_id" {
  description = "Id of the image repository, for its IAM."
  value       = google_artifact_registry_repository.images.repository_id
}

output "registry_location" {
  description = "Location of the image repository, for its IAM."
  value       = google_artifact_registry_repository.images.location
}
