# The one database: multi-region, with every minute of the last week and two kinds of backups.

locals {
  day  = 86400 # seconds
  week = 7 * local.day
  # Three more days than the 30 promised, so that a failed night leaves no gap; weekly ones stay as long as backups may.
  backups = {
    daily  = 33 * local.day
    weekly = 14 * local.week
  }
}

resource "google_firestore_database" "this" {
  project                           = var.project_id
  name                              = "(default)" # the one that the code opens
  location_id                       = var.firestore_location
  type                              = "FIRESTORE_NATIVE"
  database_edition                  = "STANDARD"
  concurrency_mode                  = "OPTIMISTIC" # every commit of ours is guarded by what was read, and never waits
  app_engine_integration_mode       = "DISABLED"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = var.protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = var.protection ? "PREVENT" : "DELETE"
}

resource "google_firestore_backup_schedule" "this" {
  for_each  = local.backups
  project   = var.project_id
  database  = google_firestore_database.this.name
  retention = "${each.value}s"

  dynamic "daily_recurrence" {
    for_each = each.key == "daily" ? [true] : []
    content {}
  }

  dynamic "weekly_recurrence" {
    for_each = each.key == "weekly" ? [true] : []
    content {
      day = "SUNDAY"
    }
  }
}
