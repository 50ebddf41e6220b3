mock_data "nebius_iam_v1_project" {
  defaults = { status = { region = "eu-north1" } }
}
