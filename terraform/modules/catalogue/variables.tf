variable "file" {
  description = "Path of the catalogue; null for that of this repository."
  type        = string
  default     = null
}
