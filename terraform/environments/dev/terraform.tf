terraform {
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.7"
    }
    google-beta = {
      source  = "hashicorp/google-beta"
      version = "~> 8.7"
    }
  }

  # The bucket is named when this folder is set up: terraform init -backend-config=bucket=PROJECT-terraform
  backend "gcs" {
    prefix = "aiprod"
  }
}

# Some APIs, such as that of budgets, count their calls for the project that a person names.
provider "google" {
  project               = var.project_id
  billing_project       = var.project_id
  user_project_override = true
}

provider "google-beta" {
  project               = var.project_id
  billing_project       = var.project_id
  user_project_override = true
}
