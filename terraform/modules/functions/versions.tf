terraform {
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.7" # sets the utilization at which another instance starts, which early ones cannot
    }
  }
}
