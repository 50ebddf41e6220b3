locals {
  # A rule takes ports one by one, eight at most.
  rules = merge(concat([{
    from-each-other = { protocol = "ANY", egress = null, ingress = { source_security_group_id = nebius_vpc_v1_security_group.cluster.id } }
    to-anywhere     = { protocol = "ANY", ingress = null, egress = { destination_cidrs = ["0.0.0.0/0"] } }
    }], [for name, open in local.ingress : {
    for number, ports in chunklist(range(open.first, open.last + 1), 8) :
    "tcp-${name}-${number}" => { protocol = "TCP", egress = null, ingress = { destination_ports = ports, source_cidrs = open.cidrs } }
  }])...)
}

resource "nebius_vpc_v1_security_group" "cluster" {
  parent_id  = data.nebius_iam_v1_project.cluster.id
  name       = var.cluster_name
  labels     = local.tags
  network_id = nebius_vpc_v1_network.cluster.id
}

resource "nebius_vpc_v1_security_rule" "cluster" {
  for_each  = local.rules
  parent_id = nebius_vpc_v1_security_group.cluster.id
  name      = each.key
  labels    = local.tags
  access    = "ALLOW"
  protocol  = each.value.protocol
  ingress   = each.value.ingress
  egress    = each.value.egress
}
