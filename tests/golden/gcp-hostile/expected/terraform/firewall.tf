locals {
  network = data.google_compute_subnetwork.named.network
}

# A network that another project shares has its rules there.
resource "google_compute_firewall" "inside" {
  name        = "${var.cluster_name}-inside"
  network     = local.network
  project     = data.google_compute_subnetwork.named.project
  source_tags = ["${var.cluster_name}-net"]
  target_tags = ["${var.cluster_name}-net"]

  allow {
    protocol = "all"
  }
}

# Without a source a rule would be for everybody. The machines have IPv4 addresses alone.
resource "google_compute_firewall" "port" {
  for_each      = local.ingress
  name          = "${var.cluster_name}-port-${each.key}"
  network       = local.network
  project       = data.google_compute_subnetwork.named.project
  source_ranges = coalescelist([for cidr in each.value.cidrs : cidr if !strcontains(cidr, ":")], ["127.0.0.1/32"])
  target_tags   = ["${var.cluster_name}-net"]

  allow {
    protocol = "tcp"
    ports    = [each.key]
  }
}
