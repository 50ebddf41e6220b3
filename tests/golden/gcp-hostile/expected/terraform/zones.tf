data "google_compute_zones" "region" {
  status = "UP"
}

data "google_compute_machine_types" "known" {
  for_each = toset(data.google_compute_zones.region.names)
  zone     = each.key
  filter   = join(" OR ", [for type in var.unplaced_types : "name = \"${type}\""])
}

locals {
  sold_in = [
    for zone, known in data.google_compute_machine_types.known : zone
    if length(setsubtract(var.unplaced_types, known.machine_types[*].name)) == 0
  ]
}

# The machines stay in the zone that was found first.
resource "terraform_data" "zone" {
  input = try(local.sold_in[0], null)

  lifecycle {
    ignore_changes = [input]

    precondition {
      condition     = length(local.sold_in) > 0
      error_message = "No zone of ${var.placement} sells ${join(" and ", var.unplaced_types)}."
    }
  }
}
