terraform {
  required_version = ">= 1.9"
  required_providers {
    nebius = { source = "nebius/nebius", version = "~> 0.6" }
  }
}

# Who asks is read from NEBIUS_IAM_TOKEN: export NEBIUS_IAM_TOKEN=$(nebius iam get-access-token)
provider "nebius" {}
