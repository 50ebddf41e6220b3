locals {
  # A network that makes its own subnets gives them its name.
  subnet = coalesce(var.network.subnet, var.network.vpc)
}

# By name, or by the link of one that another project shares.
data "google_compute_subnetwork" "named" {
  name    = basename(local.subnet)
  project = try(regex("projects/([^/]+)/", local.subnet)[0], null)
}
