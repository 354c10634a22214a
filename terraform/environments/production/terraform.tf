terraform {
  required_version = ">= 1.11"

  # These very releases, so that every release of ours is planned and applied by the same ones.
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "8.7.0"
    }
    google-beta = {
      source  = "hashicorp/google-beta"
      version = "8.7.0"
    }
    random = {
      source  = "hashicorp/random"
      version = "3.9.1"
    }
    time = {
      source  = "hashicorp/time"
      version = "0.14.2"
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
