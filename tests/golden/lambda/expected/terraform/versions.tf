terraform {
  required_version = ">= 1.9"
  required_providers {
    lambdalabs = { source = "elct9620/lambdalabs", version = "~> 0.8" }
  }
}

# The API key is read from LAMBDALABS_API_KEY.
provider "lambdalabs" {}
