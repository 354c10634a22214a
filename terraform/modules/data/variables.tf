variable "project_id" {
  description = "Project that holds the data."
  type        = string
}

variable "protection" {
  description = "Whether database and bucket refuse to be deleted, and deleted objects come back for a week."
  type        = bool
}

variable "firestore_location" {
  description = "Location of the database, which can never change: eur3 or nam5 (multi-region), or one region. Bucket and images stand in the same place."
  type        = string
}

variable "indexes" {
  description = "Indexes of the database, as decoded from indexes.json, which is generated from the queries of the code."
  type = object({
    indexes = list(object({
      collectionGroup = string
      queryScope      = string
      fields = list(object({
        fieldPath   = string
        order       = optional(string)
        arrayConfig = optional(string)
      }))
    }))
    fieldOverrides = list(object({
      collectionGroup = string
      fieldPath       = string
      indexes = list(object({
        order       = optional(string)
        arrayConfig = optional(string)
        queryScope  = optional(string)
      }))
    }))
  })
}

variable "origins" {
  description = "Origins of web pages that may send and fetch objects by signed URL, as https://HOST."
  type        = list(string)
  default     = []
}

variable "labels" {
  description = "Labels of whatever takes labels."
  type        = map(string)
  default     = {}
}
