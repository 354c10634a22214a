# What a team fills in, in terraform.tfvars or by TF_VAR_*; modules/system says more of each.

variable "project_id" {
  description = "Project of this environment."
  type        = string
}

variable "project_number" {
  description = "Its number."
  type        = string
}

variable "domain" {
  description = "DNS name under which clients reach the service."
  type        = string
}

variable "image" {
  description = "Image of all functions, by digest."
  type        = string
}

variable "render_image" {
  description = "Image of the render job, by digest."
  type        = string
}

variable "region_weights" {
  description = "Other weights for a while, by region, as for a canary or a drain; empty for none."
  type        = map(number)
  default     = {}
}

variable "allowed_origins" {
  description = "Origins of web pages that may call the service from a browser, as https://HOST."
  type        = list(string)
  default     = []
}

variable "services" {
  description = "Services that call with an API key which is rotated for them."
  type        = set(string)
  default     = []
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
}

variable "billing_table" {
  description = "Table that the billing export fills; empty until it was switched on."
  type        = string
  default     = ""
}

variable "repository" {
  description = "Repository on GitHub, as OWNER/NAME, whose jobs on main may start builds without asking anybody; null for none."
  type        = string
  default     = null
}

variable "cloud_build_repository" {
  description = "Repository connected to Cloud Build whose pushes are released; null for none."
  type        = string
  default     = null
}

variable "images_from" {
  description = "Registry of another environment (its output `registry`), whose released images are taken as they are; empty to build them."
  type        = string
  default     = ""
}

variable "firebase_key" {
  description = "Web API key of the Firebase project, with which the smoke test signs in."
  type        = string
  default     = ""
}
