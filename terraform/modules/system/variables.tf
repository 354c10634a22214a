variable "project_id" {
  description = "Project that holds everything of this environment."
  type        = string
}

variable "project_number" {
  description = "Its number."
  type        = string

  validation {
    condition     = can(regex("^[0-9]+$", var.project_number))
    error_message = "The number of a project has digits only: gcloud projects describe PROJECT --format='value(projectNumber)'."
  }
}

variable "environment" {
  description = "Which environment this is."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "production"], var.environment)
    error_message = "An environment is dev, staging or production."
  }
}

variable "domain" {
  description = "DNS name under which clients reach the service."
  type        = string
}

variable "catalogue" {
  description = "Another catalogue than functions/catalogue.yaml, as YAML; null for that one."
  type        = string
  default     = null
}

variable "regions" {
  description = "Regions that answer: share of requests (0 to 1000) where they go by weight, and whether there is a GPU to render on."
  type        = map(object({ weight = number, gpu = bool }))

  validation {
    condition     = alltrue([for region in values(var.regions) : region.weight >= 0 && region.weight <= 1000])
    error_message = "A weight is 0 to 1000."
  }

  validation {
    condition     = alltrue([for name, region in var.regions : !region.gpu || contains(var.gpu_regions, name)])
    error_message = "Cloud Run has GPUs in ${join(", ", var.gpu_regions)} alone: gpu = false elsewhere, and processors encode."
  }
}

variable "gpu_regions" {
  description = "Regions in which Cloud Run has an L4, as its page on GPUs lists them."
  type        = set(string)
  default     = ["asia-south1", "asia-southeast1", "europe-west1", "europe-west4", "us-central1", "us-east4"]
}

variable "home" {
  description = "Region that does the background work: there pushes and schedules go, and its queues and render job are used. Another word here is the failover."
  type        = string

  validation {
    condition     = contains(keys(var.regions), var.home)
    error_message = "The home is one of the regions."
  }
}

variable "route_by_weight" {
  description = "Whether requests go by the regions' weights. Otherwise the nearest region answers, and another one while that fails."
  type        = bool
  default     = false
}

variable "region_weights" {
  description = "Other weights for a while, by region, as for a canary or a drain; empty for none."
  type        = map(number)
  default     = {}

  validation {
    condition     = length(var.region_weights) == 0 || toset(keys(var.region_weights)) == toset(keys(var.regions))
    error_message = "Give each region its weight, or none of them."
  }
}

variable "image" {
  description = "Image of all functions, by digest."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "Name the image by its digest (…@sha256:…), so that every service runs the same."
  }
}

variable "render_image" {
  description = "Image of the render job, by digest."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.render_image))
    error_message = "Name the image by its digest (…@sha256:…), so that every region runs the same."
  }
}

variable "protection" {
  description = "Whether what holds data has to be released before it can be deleted: the database, the bucket, the records."
  type        = bool
}

variable "warm" {
  description = "Whether the minimum of instances that the catalogue names is kept, and not only that of what sets gauges."
  type        = bool
}

variable "firestore_location" {
  description = "Location of the database, for good: eur3, nam5 or one region."
  type        = string
}

variable "redis" {
  description = "Redis of each region: BASIC, or STANDARD_HA with a replica in another zone; memory in GiB."
  type        = object({ tier = string, memory_gb = number })
}

variable "allowed_origins" {
  description = "Origins of web pages that may call the service from a browser, as https://HOST."
  type        = list(string)
  default     = []
}

variable "key_rotation_days" {
  description = "Age in days at which the hourly schedule `rotate_keys` replaces the keys that we make."
  type        = number

  validation {
    condition     = var.key_rotation_days >= 1 && var.key_rotation_days <= 80
    error_message = "A key lives for 90 days: rotate it after 1 to 80."
  }
}

variable "services" {
  description = "Services that call with an API key which is rotated for them; each reads its own from the secret service-key-NAME."
  type        = set(string)
  default     = []
}

variable "waf_preview" {
  description = "Whether the OWASP rules only log what they would refuse."
  type        = bool
  default     = true
}

variable "alert_emails" {
  description = "Addresses that alerts and budget notices go to."
  type        = list(string)
  default     = []
}

variable "billing_account" {
  description = "Billing account of the budget, as 000000-000000-000000; empty for no budget. Production has to say one or the other."
  type        = string
  default     = null

  validation {
    condition     = var.environment != "production" || var.billing_account != null
    error_message = "Whether production has a budget is a decision: name the billing account, or say \"\" for none."
  }

  validation {
    condition     = var.billing_account == null || can(regex("^([0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6})?$", var.billing_account))
    error_message = "A billing account is three groups of six digits or letters A to F: gcloud billing accounts list."
  }
}

variable "billing_table" {
  description = "Table that the billing export fills; empty until it was switched on."
  type        = string
  default     = ""
}

variable "budget_usd" {
  description = "Budget of a month in US dollars."
  type        = number
}

variable "repository" {
  description = "Repository on GitHub, as OWNER/NAME, whose jobs on main may start builds without asking anybody; null for none, as where a release needs an approval."
  type        = string
  default     = null
}

variable "cloud_build_repository" {
  description = "Repository connected to Cloud Build, as projects/P/locations/R/connections/C/repositories/N, whose pushes are released; null for none."
  type        = string
  default     = null
}

variable "images_from" {
  description = "Registry of another environment (its output `registry`), whose released images are taken as they are; empty to build them."
  type        = string
  default     = ""
}

variable "approval" {
  description = "Whether somebody has to approve each release."
  type        = bool
  default     = false
}

variable "canary" {
  description = "Region that gets a release first, and its share of requests meanwhile, in percent; null for none."
  type        = object({ region = string, percent = number })
  default     = null

  validation {
    condition     = var.canary == null || try(var.canary.percent > 0 && var.canary.percent < 100, false)
    error_message = "A canary gets more than nothing and less than all: 1 to 99 percent."
  }
}

variable "firebase_key" {
  description = "Web API key of the Firebase project, with which the smoke test signs in. It names a project and opens nothing."
  type        = string
  default     = ""
}

variable "state_bucket" {
  description = "Bucket of Terraform's state; null for PROJECT-terraform."
  type        = string
  default     = null
}
