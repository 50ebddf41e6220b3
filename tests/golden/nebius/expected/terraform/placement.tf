# What must hold before anything is made. The state belongs to the placement that it was first applied with:
# with another one a cloud would take the machines for gone, and they would live on unseen. The tags of the first run stay, too.
resource "terraform_data" "placement" {
  input = { place = var.placement, run_tags = var.run_tags }

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition     = self.output.place == var.placement
      error_message = "This state was made in ${self.output.place}, the files are for ${var.placement}. Destroy it with the files that made it first."
    }
  }
}
