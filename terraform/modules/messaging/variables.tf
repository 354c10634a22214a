variable "project_id" {
  description = "Project that holds everything."
  type        = string
}

variable "project_number" {
  description = "Its number, which is part of the names of Google's own accounts."
  type        = string
}

variable "regions" {
  description = "Regions that have queues."
  type        = set(string)
}

variable "home" {
  description = "The one of them that has the schedules, and the functions that are called."
  type        = string

  validation {
    condition     = contains(var.regions, var.home)
    error_message = "The home is one of the regions."
  }
}

variable "labels" {
  description = "Labels of everything that takes them."
  type        = map(string)
  default     = {}
}

variable "functions" {
  description = "Functions of the catalogue, by name."
  type        = map(object({ service = string, summary = string, timeout = number }))
}

variable "topics" {
  description = "Function by the topic that is pushed to it."
  type        = map(string)

  validation {
    condition     = alltrue([for topic in keys(var.topics) : length(topic) >= 3])
    error_message = "Pub/Sub wants at least three characters in the name of a topic."
  }
}

variable "dead_letters" {
  description = "Topic of messages that were given up."
  type        = string
  default     = "dead_letters"
}

variable "attempts" {
  description = "Deliveries before a message is given up. With the pauses between them they last for about half an hour, longer than it takes to go on in another region."
  type        = number
  default     = 30

  validation {
    condition     = var.attempts >= 5 && var.attempts <= 100
    error_message = "Pub/Sub gives a message up after 5 to 100 deliveries."
  }
}

variable "queues" {
  description = "Queues by name, with the family that says their rates and the priority that says their share of them."
  type        = map(object({ family = string, priority = string }))
}

variable "rates" {
  description = "Calls in a second and at a time, by family of queues; `default` is for the rest."
  type        = map(object({ per_second = number, concurrent = number }))
  default = {
    assets   = { per_second = 20, concurrent = 80 }
    steps    = { per_second = 100, concurrent = 200 }
    webhooks = { per_second = 100, concurrent = 200 }
    default  = { per_second = 20, concurrent = 80 }
  }

  validation {
    condition     = contains(keys(var.rates), "default")
    error_message = "Say at which rate a queue of another family runs: default."
  }
}

variable "shares" {
  description = "Share of a family's rates by priority, so that the low ones leave room for the others."
  type        = map(number)
  default     = { low = 0.25, medium = 0.5, high = 1 }
}

variable "schedules" {
  description = "Cron expression (UTC) by function."
  type        = map(string)
}

variable "functions_url" {
  description = "URL of a function, with {function} where the name of its service goes."
  type        = string

  validation {
    condition     = startswith(var.functions_url, "https://{function}")
    error_message = "Calls carry tokens, so the URL begins with https:// and names {function} first."
  }
}

variable "invoker_email" {
  description = "Account whose token the calls carry."
  type        = string
}
