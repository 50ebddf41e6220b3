data "google_client_config" "here" {}

# The state belongs to the project that it was first applied in: in another one machines would be made beside them.
resource "terraform_data" "project" {
  input = data.google_client_config.here.project

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition     = self.output == data.google_client_config.here.project
      error_message = "This state is of the project ${self.output}, and GOOGLE_PROJECT says ${data.google_client_config.here.project}. Destroy it with the project that it was made in, or keep one of the two states elsewhere."
    }
  }
}
