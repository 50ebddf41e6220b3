# What must hold before anything is made. The state belongs to the placement that it was first applied with:
# with another one a cloud would take the machines for gone, and they would live on unseen. The tags of the first run stay, too.
resource "terraform_data" "placement" {
  input = { place = var.placement, run_tags = var.run_tags }

  lifecycle {
    ignore_changes = [input]

    precondition {
      condition     = local.hourly_usd <= var.budget_hourly_usd
      error_message = "This costs ${local.hourly_usd} USD an hour, over the budget of ${var.budget_hourly_usd} USD."
    }

    postcondition {
      condition     = self.output.place == var.placement
      error_message = "This state was made in ${self.output.place}, the files are for ${var.placement}. Destroy it with the files that made it first."
    }
  }
}

locals {
  hourly_usd = sum([for group in var.groups : group.count * group.hourly_usd])
}
