variable "project_id" {
  description = "Project that holds everything."
  type        = string
}

variable "project_number" {
  description = "Its number, which is part of the names of Google's own accounts."
  type        = string
}

variable "functions" {
  description = "Functions of the catalogue, by name."
  type = map(object({
    account_id = string
    summary    = string
    uses       = list(string)
    scraped    = bool
  }))

  validation {
    condition = alltrue(flatten([
      for function in var.functions : [
        for use in function.uses : startswith(use, "secret:") || contains([
          "firestore:read", "firestore:write", "identity:read", "identity:write", "pubsub:publish", "run:jobs",
          "secrets:rotate", "storage:read", "storage:sign", "storage:write", "tasks:enqueue",
        ], use)
      ]
    ]))
    error_message = "A function uses something that no role stands for: say in modules/identity/uses.tf which one does."
  }
}

variable "render_uses" {
  description = "What the render job uses, in the catalogue's words."
  type        = list(string)
  default     = ["firestore:write", "pubsub:publish", "storage:write", "tasks:enqueue"]
}

variable "bucket" {
  description = "Bucket of all objects."
  type        = string
}

variable "state_bucket" {
  description = "Bucket of Terraform's state."
  type        = string
}

variable "registry" {
  description = "Repository of images: its id and location."
  type        = object({ id = string, location = string })
}

variable "repository" {
  description = "Repository on GitHub, as OWNER/NAME, whose jobs on main may start builds; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.repository == null || can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.repository))
    error_message = "Name the repository as OWNER/NAME."
  }
}
