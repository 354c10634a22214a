variable "text" {
  description = "Another catalogue than functions/catalogue.yaml, as YAML; null for that one."
  type        = string
  default     = null
}
