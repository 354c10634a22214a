variable "project_id" {
  description = "Project that holds everything."
  type        = string
}

variable "project_number" {
  description = "Its number, which is part of the names of Google's own accounts."
  type        = string
}

variable "labels" {
  description = "Labels of everything that takes them."
  type        = map(string)
  default     = {}
}

variable "secrets" {
  description = "Names of the secrets that functions read."
  type        = set(string)
}

variable "made" {
  description = "Those of them that we make ourselves."
  type        = set(string)
  default     = ["access-token-key", "page-tokens", "webhook-seal"]
}

variable "signing" {
  description = "Those of them that are rotated by schedule: versions sign and verify, so that a new one is all it takes."
  type        = set(string)
  default     = ["access-token-key", "page-tokens"]

  validation {
    condition     = length(setsubtract(var.signing, var.made)) == 0
    error_message = "Only what we make ourselves can be rotated by ourselves."
  }
}

variable "services" {
  description = "Services whose API keys are rotated for them; each finds its own in the secret service-key-NAME."
  type        = set(string)
  default     = []
}

variable "reminder_days" {
  description = "Age at which a provider's key is due, in days."
  type        = number
  default     = 90
}

variable "functions" {
  description = "Functions of the catalogue, by name."
  type        = map(object({ kind = string, uses = list(string) }))
}

variable "accounts" {
  description = "E-mail address of each function's account, by function."
  type        = map(string)
}

variable "roles" {
  description = "Roles of modules/identity, by id."
  type        = map(string)
}
