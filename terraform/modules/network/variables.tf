variable "project_id" {
  description = "Project of the network."
  type        = string
}

variable "regions" {
  description = "Regions that functions run in; each gets a subnet and a Redis."
  type        = set(string)
}

variable "redis" {
  description = "What Redis every region gets: BASIC, or STANDARD_HA with a replica in another zone; memory in GiB."
  type = object({
    tier      = string
    memory_gb = number
  })

  validation {
    condition     = contains(["BASIC", "STANDARD_HA"], var.redis.tier) && var.redis.memory_gb >= 1
    error_message = "The tier is BASIC or STANDARD_HA, and the size is 1 or more."
  }
}

variable "readers" {
  description = "E-mail addresses of the service accounts that may read the URL of Redis, by any key."
  type        = map(string)
}

variable "labels" {
  description = "Labels of whatever takes labels."
  type        = map(string)
  default     = {}
}
