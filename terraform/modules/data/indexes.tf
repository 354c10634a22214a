# Composite indexes, one per kind of query that the code can send, and what is special about single fields.

locals {
  # Keyed by what they say, such as `pipelines owner -created_at`, so that a new one moves no other.
  indexes = {
    for one in var.indexes.indexes : join(" ", concat(
      [one.queryScope == "COLLECTION_GROUP" ? "*${one.collectionGroup}" : one.collectionGroup],
      [
        for field in one.fields : join("", [
          field.order == "DESCENDING" ? "-" : "", field.fieldPath, field.arrayConfig == null ? "" : "[]"
        ])
      ],
    )) => one
  }
  overrides = { for one in var.indexes.fieldOverrides : "${one.collectionGroup} ${one.fieldPath}" => one }
}

resource "google_firestore_index" "this" {
  for_each    = local.indexes
  project     = var.project_id
  database    = google_firestore_database.this.name
  collection  = each.value.collectionGroup
  query_scope = each.value.queryScope

  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path   = fields.value.fieldPath
      order        = fields.value.order
      array_config = fields.value.arrayConfig
    }
  }
}

resource "google_firestore_field" "override" {
  for_each   = local.overrides
  project    = var.project_id
  database   = google_firestore_database.this.name
  collection = each.value.collectionGroup
  field      = each.value.fieldPath

  index_config { # empty: no index at all
    dynamic "indexes" {
      for_each = each.value.indexes
      content {
        order        = indexes.value.order
        array_config = indexes.value.arrayConfig
        query_scope  = coalesce(indexes.value.queryScope, "COLLECTION")
      }
    }
  }
}
