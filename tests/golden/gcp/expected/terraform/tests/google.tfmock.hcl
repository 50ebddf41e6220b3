mock_data "google_client_config" {
  defaults = { project = "project-of-the-tests" }
}

mock_resource "google_compute_instance" {
  defaults = { project = "project-of-the-tests" }
}

mock_data "google_compute_subnetwork" {
  defaults = { network = "projects/tests/global/networks/network-of-the-tests" }
}

mock_data "google_compute_zones" {
  defaults = { names = ["us-central1-a"] }
}
