# The project that the first run named is remembered, so that a plan without it shows no change.
resource "terraform_data" "project" {
  input = var.project_id

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition     = self.output != null
      error_message = "Say which project it is for: export NEBIUS_PROJECT_ID (Styx) or TF_VAR_project_id (Terraform alone)."
    }
  }
}

data "nebius_iam_v1_project" "cluster" {
  id = terraform_data.project.output

  lifecycle {
    postcondition {
      condition     = self.status.region == split("/", var.placement)[1]
      error_message = "The project ${self.id} is in ${self.status.region}, the files are for ${var.placement}. Name a project of that region."
    }
  }
}
