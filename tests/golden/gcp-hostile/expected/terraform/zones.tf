data "google_compute_zones" "region" {
  status = "UP"
}

data "google_compute_machine_types" "sold" {
  for_each = toset(data.google_compute_zones.region.names)
  zone     = each.key
  filter   = join(" OR ", [for type in var.unplaced_types : "name = \"${type}\""])
}

# The machines stay in the zone that was found first; null when none sells them.
resource "terraform_data" "zone" {
  input = try([
    for zone, sold in data.google_compute_machine_types.sold : zone
    if length(setsubtract(var.unplaced_types, sold.machine_types[*].name)) == 0
  ][0], null)

  lifecycle {
    ignore_changes = [input]
  }
}
