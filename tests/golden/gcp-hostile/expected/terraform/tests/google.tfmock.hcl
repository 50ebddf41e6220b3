mock_data "google_compute_subnetwork" {
  defaults = { network = "projects/tests/global/networks/network-of-the-tests" }
}

mock_data "google_compute_zones" {
  defaults = { names = ["us-central1-a"] }
}
