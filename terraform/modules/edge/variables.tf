variable "project_id" {
  description = "Project of the load balancer."
  type        = string
}

variable "domain" {
  description = "DNS name that clients call."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "The domain is a DNS name in lower case, such as api.example.com."
  }
}

variable "regions" {
  description = "Regions that functions run in."
  type        = set(string)
}

variable "functions" {
  description = "Functions of the catalogue; those without http are left out."
  type = map(object({
    public = bool
    exempt = bool # from the limit of requests per address
    http   = object({ method = string, path = string })
  }))
}

variable "routes" {
  description = "Endpoints in the order in which they are tried, with {name} for one segment of a path."
  type        = list(object({ function = string, method = string, path = string, priority = number }))

  validation {
    condition     = length([for route in var.routes : route if strcontains(route.path, "{")]) <= 100
    error_message = "A path matcher takes a hundred paths with parameters at most; a second one is needed."
  }

  validation {
    condition = alltrue([
      for route in var.routes : length(route.path) <= 255 && length(regexall("\\{", route.path)) <= 5
    ])
    error_message = "A path has 255 characters and five parameters at most, which is what a path template takes."
  }

  validation {
    condition     = alltrue([for route in var.routes : route.priority < 1000])
    error_message = "Priorities of routes are below 1000; those of endpoints that read are put after that."
  }
}

variable "services" {
  description = "Name of the Cloud Run service by region and function."
  type        = map(map(string))
}

variable "fallback" {
  description = "Function that answers what no route takes: preflights of browsers, 404 and 405. Every function knows all routes; this one has to be warm."
  type        = string
  default     = "health"
}

variable "region_weights" {
  description = "Share of the traffic by region, 0 to 1000, for a canary or to drain one; a region that fails is then not replaced by another. Without it the nearest region answers, or another while that one fails."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.region_weights) == 0 || toset(keys(var.region_weights)) == var.regions
    error_message = "Either no region has a weight, or each of them has one."
  }

  validation {
    condition = length(var.region_weights) == 0 || (
      sum(concat([0], values(var.region_weights))) > 0 &&
      alltrue([for weight in values(var.region_weights) : weight >= 0 && weight <= 1000])
    )
    error_message = "Weights are 0 to 1000, and one of them is more than 0."
  }
}

variable "waf_preview" {
  description = "Whether the OWASP rules only log what they would refuse."
  type        = bool
  default     = true
}

variable "labels" {
  description = "Labels of whatever takes labels."
  type        = map(string)
  default     = {}
}
