# By name, or by the link of one that another project shares.
data "google_compute_subnetwork" "named" {
  name    = basename(var.network.subnet)
  project = try(regex("projects/([^/]+)/", var.network.subnet)[0], null)

  lifecycle {
    postcondition {
      condition     = basename(self.network) == basename(coalesce(var.network.vpc, self.network))
      error_message = "The subnet ${self.name} is of the network ${basename(self.network)}, not of ${basename(coalesce(var.network.vpc, "none"))}."
    }
  }
}
