terraform {
  required_version = ">= 1.9"
  required_providers {
    google = { source = "hashicorp/google", version = "~> 6.0" }
  }
}

# The project is the environment's: GOOGLE_PROJECT.
provider "google" {
  region = split("/", var.placement)[1]
}
