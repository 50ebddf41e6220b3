locals {
  inside = data.google_compute_subnetwork.named.ip_cidr_range
}

resource "google_compute_firewall" "egress" {
  name               = "${var.cluster_name}-egress"
  description        = "What the machines may reach: each other, and the networks named"
  network            = local.network
  project            = data.google_compute_subnetwork.named.project
  direction          = "EGRESS"
  destination_ranges = concat([local.inside], [for cidr in var.egress_cidrs : cidr if !strcontains(cidr, ":")])
  target_tags        = ["${var.cluster_name}-net"]

  allow {
    protocol = "all"
  }
}

resource "google_compute_firewall" "no_egress" {
  name               = "${var.cluster_name}-no-egress"
  description        = "Nothing else"
  network            = local.network
  project            = data.google_compute_subnetwork.named.project
  direction          = "EGRESS"
  priority           = 65534
  destination_ranges = ["0.0.0.0/0"]
  target_tags        = ["${var.cluster_name}-net"]

  deny {
    protocol = "all"
  }
}
