# What must hold before anything is made. The state belongs to the cluster and the placement that it was first applied
# with: with another one a cloud would take the machines for gone, and they would live on unseen. The tags of the first run stay, too.
resource "terraform_data" "placement" {
  input = { cluster = var.cluster_name, place = var.placement, run_tags = var.run_tags }

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition     = self.output.cluster == var.cluster_name && self.output.place == var.placement
      error_message = "This state is of ${self.output.cluster} in ${self.output.place}, the files are for ${var.cluster_name} in ${var.placement}. Destroy it with the files that made it first, or keep one of the two states elsewhere."
    }
  }
}
