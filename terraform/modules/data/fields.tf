# The two fields that the adapter of Firestore adds to documents: when one may vanish, and a mark of its last write.

locals {
  # Collections whose documents say when they are over.
  expiring = toset(["api_keys", "assets", "audit", "deliveries", "families", "idempotency", "tokens"])

  # Every collection that is written to. The mark changes with each write and no query asks for it.
  stamped = toset([
    "api_keys", "artefacts", "assets", "audit", "batches", "brands", "dead_letters", "deliveries", "edits", "events",
    "families", "idempotency", "jobs", "ledger", "lineage", "outbox", "pipelines", "revisions", "rotations", "steps",
    "streams", "tokens", "webhooks",
  ])
}

resource "google_firestore_field" "expires" {
  for_each   = local.expiring
  project    = var.project_id
  database   = google_firestore_database.this.name
  collection = each.key
  field      = "`~expires`" # quoted, as Firestore wants a name that is no plain word

  ttl_config {}
  index_config {} # moments that only grow, side by side in an index, are a hotspot
}

resource "google_firestore_field" "stamp" {
  for_each   = local.stamped
  project    = var.project_id
  database   = google_firestore_database.this.name
  collection = each.key
  field      = "`~stamp`"

  index_config {}
}
