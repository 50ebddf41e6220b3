locals {
  has_efa = { for name, machine in local.machines : name => length(var.fabric[machine.group].efa_cards) > 0 }

  # On one card, one interface for EFA and IP; on several, one for IP and one for EFA on each of them.
  interfaces = { for group, fabric in var.fabric : group => concat(
    [{ card = 0, device = 0, type = length(fabric.efa_cards) == 1 ? "efa" : "interface" }],
    [for card in fabric.efa_cards : { card = card, device = card == 0 ? 1 : 0, type = "efa-only" } if length(fabric.efa_cards) > 1],
  ) if length(fabric.efa_cards) > 0 }
  subnets = { for group in var.groups : group.name => aws_subnet.zone[group.zone].id }
}

resource "aws_placement_group" "close" {
  for_each = toset([for group in var.groups : group.zone if var.fabric[group.name].close])
  name     = join("-", compact([var.cluster_name, each.key]))
  strategy = "cluster"
  tags     = local.tags
}

# Interfaces for EFA are made with their machine. They are in the template's name, so that others are another template
# and other machines: a new version of it would reach none that stands.
resource "aws_launch_template" "efa" {
  for_each = local.interfaces
  name     = join("-", [var.cluster_name, each.key, substr(sha1(jsonencode([each.value, local.subnets[each.key]])), 0, 8)])
  tags     = local.tags

  dynamic "network_interfaces" {
    for_each = each.value

    content {
      network_card_index          = network_interfaces.value.card
      device_index                = network_interfaces.value.device
      interface_type              = network_interfaces.value.type
      subnet_id                   = local.subnets[each.key]
      security_groups             = [aws_security_group.cluster.id]
      associate_public_ip_address = length(each.value) == 1 ? false : null # AWS gives several none
      delete_on_termination       = true
    }
  }
}
