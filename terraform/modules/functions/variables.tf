variable "project_id" {
  description = "Project that holds everything."
  type        = string
}

variable "region" {
  description = "Region of the services."
  type        = string
}

variable "home" {
  description = "Whether this is the region to which background work is sent."
  type        = bool
}

variable "labels" {
  description = "Labels of every service."
  type        = map(string)
  default     = {}
}

variable "warm" {
  description = "Whether the minimum of instances that the catalogue names is kept, and not only that of what sets gauges."
  type        = bool
}

variable "utilization" {
  description = "Share of an instance's processor and concurrency at which another one is started."
  type        = number
  default     = 0.7
}

variable "functions" {
  description = "Functions of the catalogue, by name."
  type = map(object({
    service     = string
    summary     = string
    kind        = string
    live        = bool
    memory      = string
    cpu         = number
    timeout     = number
    concurrency = number
    min         = number
    max         = number
    scraped     = bool
    awake       = bool
  }))

  validation {
    condition     = alltrue([for function in var.functions : function.timeout >= 1 && function.timeout <= 3600])
    error_message = "Cloud Run answers within an hour: a timeout is 1 to 3600 seconds."
  }
  validation {
    condition     = alltrue([for function in var.functions : function.concurrency >= 1 && function.concurrency <= 1000])
    error_message = "Cloud Run sends 1 to 1000 requests to an instance at a time."
  }
  validation {
    condition     = alltrue([for function in var.functions : function.min >= 0 && function.min <= function.max])
    error_message = "A function has no more instances at least than at most."
  }
}

variable "accounts" {
  description = "E-mail address of each function's account, by function."
  type        = map(string)
}

variable "image" {
  description = "Image of all functions, by digest."
  type        = string
}

variable "port" {
  description = "Port on which a function listens."
  type        = number
  default     = 8080
}

variable "collector_image" {
  description = "Managed Prometheus sidecar, which by itself reads GET /metrics on port 8080."
  type        = string
  default     = "us-docker.pkg.dev/cloud-ops-agents-artifacts/cloud-run-gmp-sidecar/cloud-run-gmp-sidecar:1.2.0"
}

variable "environment" {
  description = "Environment variables of every function."
  type        = map(string)
}

variable "redis_secret" {
  description = "Secret that holds the URL of this region's Redis."
  type        = string
}

variable "network" {
  description = "Where the services reach Redis from: network, subnetwork and the tag that its firewall knows."
  type        = object({ id = string, subnetwork = string, tag = string })
}
