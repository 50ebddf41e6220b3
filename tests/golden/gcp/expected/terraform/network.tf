resource "google_compute_network" "cluster" {
  name                    = "${var.cluster_name}-net"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "cluster" {
  name                     = "${var.cluster_name}-net"
  network                  = google_compute_network.cluster.id
  ip_cidr_range            = "10.77.0.0/16"
  private_ip_google_access = true
}
