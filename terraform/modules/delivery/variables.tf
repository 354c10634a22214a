variable "project_id" {
  description = "Project of the environment."
  type        = string
}

variable "environment" {
  description = "Folder under terraform/environments that is released."
  type        = string
}

variable "region" {
  description = "Region that builds run in, that of the repository's connection."
  type        = string
}

variable "repository" {
  description = "Connected repository, as projects/P/locations/R/connections/C/repositories/N; null for no trigger."
  type        = string
  default     = null
}

variable "branch" {
  description = "Branches whose pushes are released, as a regular expression."
  type        = string
  default     = "^main$"
}

variable "approval" {
  description = "Whether somebody has to approve each release."
  type        = bool
}

variable "builder" {
  description = "Account that builds run as."
  type        = string
}

variable "deployer" {
  description = "Account that applies Terraform."
  type        = string
}

variable "registry" {
  description = "What names of images begin with."
  type        = string
}

variable "images_from" {
  description = "Registry of another environment, whose released images of a commit are taken as they are; empty to build them."
  type        = string
  default     = ""
}

variable "state_bucket" {
  description = "Bucket of Terraform's state."
  type        = string
}

variable "firebase_key" {
  description = "Web API key of the Firebase project, with which the smoke test signs in. It names a project and opens nothing."
  type        = string
}

variable "canary" {
  description = "Region that gets a release first, and shares of requests by region meanwhile; null where there is one region."
  type        = object({ region = string, weights = map(number) })
  default     = null

  validation {
    condition     = var.canary == null || can(var.canary.weights[var.canary.region])
    error_message = "The canary's region needs a share of its own."
  }
}
