# What must hold before anything is made. The state belongs to the placement that it was first applied with:
# with another one a cloud would take the machines for gone, and they would live on unseen.
resource "terraform_data" "placement" {
  input = var.placement

  lifecycle {
    ignore_changes = [input]

    precondition {
      condition     = var.hourly_usd <= coalesce(var.budget_hourly_usd, var.hourly_usd)
      error_message = "This costs ${var.hourly_usd} USD an hour, over the budget of ${coalesce(var.budget_hourly_usd, 0)} USD."
    }

    postcondition {
      condition     = self.output == var.placement
      error_message = "This state was made in ${self.output}, the files are for ${var.placement}. Destroy it with the files that made it first."
    }
  }
}
