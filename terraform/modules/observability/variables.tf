variable "project_id" {
  description = "Project that is watched."
  type        = string
}

variable "project_number" {
  description = "Its number, by which a budget knows it."
  type        = string
  default     = null
}

variable "environment" {
  description = "Name of the environment, which stands in every alert's and dashboard's title."
  type        = string
}

variable "domain" {
  description = "Host under which the service is reached from outside."
  type        = string
}

variable "url_map" {
  description = "Name of the URL map that leads to the functions, by which the load balancer counts their requests."
  type        = string
}

variable "functions" {
  description = "Functions by name, as the catalogue module has them."
  type = map(object({
    service = string
    kind    = string
    live    = bool
    timeout = number
  }))
}

variable "alert_emails" {
  description = "Addresses that alerts and budget notices go to."
  type        = list(string)
  default     = []
}

variable "billing_account" {
  description = "Billing account of the budget, as 000000-000000-000000; empty for none."
  type        = string
  default     = ""
}

variable "budget_usd" {
  description = "Budget of a month in US dollars."
  type        = number
  default     = 2000
}

variable "location" {
  description = "Where BigQuery keeps records and the billing export."
  type        = string
  default     = "EU"
}

variable "billing_table" {
  description = "Table that the billing export fills, once it was switched on by hand; empty until then."
  type        = string
  default     = ""
}

variable "protection" {
  description = "Whether records survive a destroy."
  type        = bool
  default     = true
}
