variable "project_id" {
  description = "Project that holds everything."
  type        = string
}

variable "services" {
  description = "APIs that the other modules and the functions use, without their domain."
  type        = set(string)
  default = [
    "artifactregistry",
    "bigquery",
    "billingbudgets",
    "certificatemanager",
    "cloudbuild",
    "cloudresourcemanager",
    "cloudscheduler",
    "cloudtasks",
    "cloudtrace",
    "compute",
    "containeranalysis",
    "firestore",
    "iam",
    "iamcredentials",
    "identitytoolkit",
    "logging",
    "monitoring",
    "ondemandscanning",
    "pubsub",
    "redis",
    "run",
    "secretmanager",
    "serviceusage",
    "storage",
    "sts",
  ]
}
