terraform {
  required_version = ">= 1.9"
  required_providers { azurerm = { source = "hashicorp/azurerm", version = "~> 4.0" } }
}

# The subscription is the one that ARM_SUBSCRIPTION_ID names.
provider "azurerm" {
  features {
    # The group goes with everything in it, also what an interrupted run left there.
    resource_group { prevent_deletion_if_contains_resources = false }
  }
}
