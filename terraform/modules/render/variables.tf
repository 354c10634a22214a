variable "project_id" {
  description = "Project that holds everything."
  type        = string
}

variable "region" {
  description = "Region of the job."
  type        = string
}

variable "labels" {
  description = "Labels of the job."
  type        = map(string)
  default     = {}
}

variable "gpu" {
  description = "Whether the job runs on a GPU; the project needs quota for one without zonal redundancy in this region."
  type        = bool
}

variable "accelerator" {
  description = "Kind of GPU."
  type        = string
  default     = "nvidia-l4"
}

variable "profiles" {
  description = "Processors, memory and segments that are encoded at a time, with and without a GPU. Files in work take memory, too."
  type = object({
    cpu = object({ cpu = number, memory = string, workers = number })
    gpu = object({ cpu = number, memory = string, workers = number })
  })
  default = {
    cpu = { cpu = 8, memory = "16Gi", workers = 4 }
    gpu = { cpu = 8, memory = "32Gi", workers = 4 }
  }
}

variable "timeout" {
  description = "Seconds that one attempt of a task may take; on a GPU an hour at most."
  type        = number
  default     = 3600

  validation {
    condition     = var.timeout >= 1 && var.timeout <= 3600
    error_message = "A task takes 1 to 3600 seconds."
  }
}

variable "image" {
  description = "Image of the job, by digest."
  type        = string
}

variable "account" {
  description = "E-mail address of the job's account."
  type        = string
}

variable "environment" {
  description = "Environment variables of the job."
  type        = map(string)
}

variable "starters" {
  description = "E-mail addresses of the accounts that start, find and cancel executions, by function."
  type        = map(string)
}

variable "role" {
  description = "Role that lets them."
  type        = string
}
