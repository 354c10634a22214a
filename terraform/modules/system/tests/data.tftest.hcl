# What the data promises: it can be brought back, nobody deletes it by mistake, what is over vanishes, every query has
# its index, and no object is public. And how functions reach Redis.

mock_provider "google" {
  override_during = plan

  mock_resource "google_redis_instance" {
    defaults = {
      auth_string     = "0f1e2d3c"
      host            = "192.168.0.4"
      port            = 6378
      server_ca_certs = [{ cert = "-----BEGIN CERTIFICATE-----\nQQ+/Bw==\n-----END CERTIFICATE-----\n" }]
    }
  }
}

variables {
  project_id         = "demo"
  protection         = true
  home               = "europe-west1"
  firestore_location = "eur3"
  indexes            = jsondecode(file("../../indexes.json"))
  regions            = ["europe-west1", "us-west1"]
  redis              = { tier = "STANDARD_HA", memory_gb = 1 }
  readers = {
    health = "fn-health@demo.iam.gserviceaccount.com"
    login  = "fn-login@demo.iam.gserviceaccount.com"
  }
}

run "data_in_production" {
  command = plan
  module {
    source = "../data"
  }

  assert {
    condition = (
      google_firestore_database.this.name == "(default)" &&
      google_firestore_database.this.location_id == "eur3" &&
      google_firestore_database.this.type == "FIRESTORE_NATIVE" &&
      google_firestore_database.this.concurrency_mode == "OPTIMISTIC"
    )
    error_message = "The database is the default one, in Firestore's own mode, over several regions."
  }

  assert {
    condition     = google_firestore_database.this.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_ENABLED"
    error_message = "Every minute of the last week can be brought back."
  }

  assert {
    condition = (
      google_firestore_database.this.delete_protection_state == "DELETE_PROTECTION_ENABLED" &&
      google_firestore_database.this.deletion_policy == "PREVENT" &&
      google_storage_bucket.objects.deletion_policy == "PREVENT" &&
      !google_storage_bucket.objects.force_destroy
    )
    error_message = "Nobody deletes the data of production by mistake."
  }

  assert {
    condition = toset(keys(google_firestore_backup_schedule.this)) == toset(["daily", "weekly"]) && alltrue([
      for schedule in google_firestore_backup_schedule.this :
      tonumber(trimsuffix(schedule.retention, "s")) >= 30 * 86400 &&
      tonumber(trimsuffix(schedule.retention, "s")) <= 14 * 7 * 86400
    ])
    error_message = "Daily and weekly backups stay 30 days or more, and at most the 14 weeks that Firestore allows."
  }

  assert {
    condition = (
      length(google_firestore_backup_schedule.this["daily"].daily_recurrence) == 1 &&
      google_firestore_backup_schedule.this["weekly"].weekly_recurrence[0].day == "SUNDAY"
    )
    error_message = "Each schedule recurs as it is named."
  }

  assert {
    condition = length(google_firestore_index.this) == length(var.indexes.indexes) && alltrue([
      for one in var.indexes.indexes : anytrue([
        for index in google_firestore_index.this : (
          index.collection == one.collectionGroup && index.query_scope == one.queryScope &&
          jsonencode([for field in index.fields : [field.field_path, field.order, field.array_config]]) ==
          jsonencode([
            for field in one.fields : [field.fieldPath, try(field.order, null), try(field.arrayConfig, null)]
          ])
        )
      ])
    ])
    error_message = "Every composite index of indexes.json is made, field by field."
  }

  assert {
    condition = length(google_firestore_field.override) == length(var.indexes.fieldOverrides) && alltrue([
      for one in var.indexes.fieldOverrides : anytrue([
        for field in google_firestore_field.override : (
          field.collection == one.collectionGroup && field.field == one.fieldPath &&
          length(field.index_config) == 1 && length(field.index_config[0].indexes) == length(one.indexes)
        )
      ])
    ])
    error_message = "Every single field of indexes.json has exactly its indexes."
  }

  assert {
    condition = alltrue([
      for field in google_firestore_field.expires :
      field.field == "`~expires`" && length(field.ttl_config) == 1 && length(field.index_config[0].indexes) == 0
    ])
    error_message = "Documents vanish by the field that the adapter writes, which no index holds."
  }

  assert {
    condition = alltrue([
      for field in google_firestore_field.stamp :
      field.field == "`~stamp`" && length(field.ttl_config) == 0 && length(field.index_config[0].indexes) == 0
    ])
    error_message = "The mark of the last write is in no index."
  }

  assert {
    condition = (
      google_storage_bucket.objects.name == "demo-objects" &&
      google_storage_bucket.objects.location == "EU" &&
      google_storage_bucket.objects.uniform_bucket_level_access &&
      google_storage_bucket.objects.public_access_prevention == "enforced"
    )
    error_message = "The bucket stands beside the database, and nobody can make it or an object public."
  }

  assert {
    condition = (
      google_storage_bucket.objects.versioning[0].enabled &&
      google_storage_bucket.objects.soft_delete_policy[0].retention_duration_seconds >= 7 * 86400
    )
    error_message = "Objects that were replaced or deleted can be brought back."
  }

  assert {
    condition = {
      for rule in google_storage_bucket.objects.lifecycle_rule :
      one(one(rule.condition).matches_prefix) => one(rule.condition).age
      if one(rule.action).type == "Delete" && one(rule.condition).matches_prefix != null
    } == { "incoming/" = 2, "segments/" = 30, "staging//" = 1 }
    error_message = "What passes through the bucket is deleted after its days."
  }

  assert {
    condition = length([
      for rule in google_storage_bucket.objects.lifecycle_rule : rule
      if one(rule.action).type == "Delete" && one(rule.condition).days_since_noncurrent_time == 30
    ]) == 1
    error_message = "Old versions are deleted after 30 days."
  }

  assert {
    condition     = length(google_storage_bucket.objects.cors) == 0
    error_message = "No web page may reach the bucket unless its origin is named."
  }

  assert {
    condition = !google_artifact_registry_repository.images.cleanup_policy_dry_run && toset([
      for policy in google_artifact_registry_repository.images.cleanup_policies : policy.action
    ]) == toset(["DELETE", "KEEP"])
    error_message = "Old images are deleted, and the newest stay."
  }

  assert {
    condition     = output.bucket == "demo-objects" && output.registry == "europe-docker.pkg.dev/demo/aiprod"
    error_message = "Bucket and registry are named as the environment of the functions expects."
  }
}

run "data_in_development" {
  command = plan
  module {
    source = "../data"
  }
  variables {
    protection         = false
    firestore_location = "europe-west1"
    origins            = ["https://app.example.com"]
  }

  assert {
    condition = (
      google_firestore_database.this.delete_protection_state == "DELETE_PROTECTION_DISABLED" &&
      google_firestore_database.this.deletion_policy == "DELETE" &&
      google_storage_bucket.objects.force_destroy &&
      google_storage_bucket.objects.location == "EUROPE-WEST1"
    )
    error_message = "A development project can be taken down whole, and may stand in one region."
  }

  assert {
    condition     = google_firestore_database.this.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_ENABLED"
    error_message = "A restore can be tried in development, too."
  }

  assert {
    condition = (
      google_storage_bucket.objects.cors[0].origin == tolist(["https://app.example.com"]) &&
      toset(google_storage_bucket.objects.cors[0].method) == toset(["GET", "HEAD", "PUT"])
    )
    error_message = "Pages of the named origin may fetch and send objects by signed URL."
  }
}

run "network" {
  command = plan
  module {
    source = "../network"
  }

  assert {
    condition = !google_compute_network.this.auto_create_subnetworks && {
      for region, subnet in google_compute_subnetwork.functions : region => subnet.region
    } == { europe-west1 = "europe-west1", us-west1 = "us-west1" }
    error_message = "Every region has one subnet, and no other region has any."
  }

  assert {
    condition = alltrue([
      for redis in google_redis_instance.cache : (
        startswith(redis.redis_version, "REDIS_7") && redis.auth_enabled && redis.tier == "STANDARD_HA" &&
        redis.transit_encryption_mode == "SERVER_AUTHENTICATION" && !redis.deletion_protection
      )
    ]) && toset(keys(google_redis_instance.cache)) == var.regions
    error_message = "Every region has a Redis 7 that asks for a password, speaks TLS only, and goes with its region."
  }

  assert {
    condition = alltrue([
      for version in google_secret_manager_secret_version.redis : version.secret_data == join("", [
        "rediss://:0f1e2d3c@192.168.0.4:6378/0",
        "?ssl_ca_data=-----BEGIN+CERTIFICATE-----%0AQQ%2B%2FBw%3D%3D%0A-----END+CERTIFICATE-----%0A",
        "&ssl_check_hostname=false",
      ])
    ])
    error_message = "The URL of Redis holds all that a client needs, and is kept as a secret."
  }

  assert {
    condition = alltrue([
      for binding in google_secret_manager_secret_iam_binding.redis :
      binding.role == "roles/secretmanager.secretAccessor" && toset(binding.members) == toset([
        "serviceAccount:fn-health@demo.iam.gserviceaccount.com", "serviceAccount:fn-login@demo.iam.gserviceaccount.com"
      ])
    ])
    error_message = "The URL of Redis is read by the functions alone."
  }

  assert {
    condition = (
      google_compute_firewall.redis.priority < google_compute_firewall.nobody_else.priority &&
      google_compute_firewall.redis.direction == "EGRESS" &&
      google_compute_firewall.nobody_else.direction == "EGRESS" &&
      google_compute_firewall.redis.destination_ranges == toset([
        for redis in google_redis_instance.cache : redis.reserved_ip_range
      ]) &&
      one(google_compute_firewall.nobody_else.deny).protocol == "all"
    )
    error_message = "From the network functions reach Redis and nothing else."
  }

  assert {
    condition = alltrue([
      for rule in [google_compute_firewall.redis, google_compute_firewall.nobody_else] : length(rule.log_config) == 0
    ])
    error_message = "Nobody waits for a log that Direct VPC egress does not write."
  }

  assert {
    condition = alltrue([
      for redis in google_redis_instance.cache :
      tonumber(split(".", redis.reserved_ip_range)[2]) >= 128 && endswith(redis.reserved_ip_range, "/29")
    ])
    error_message = "No Redis has an address in 192.168.1.0/24, which Cloud Run does not reach."
  }
}

run "network_of_one_region" {
  command = plan
  module {
    source = "../network"
  }
  variables {
    regions = ["us-west1"]
    redis   = { tier = "BASIC", memory_gb = 1 }
  }

  assert {
    condition = (
      google_compute_subnetwork.functions["us-west1"].ip_cidr_range == run.network.ranges["us-west1"] &&
      toset(keys(google_redis_instance.cache)) == var.regions
    )
    error_message = "A region that goes leaves the addresses of the others as they are."
  }
}
