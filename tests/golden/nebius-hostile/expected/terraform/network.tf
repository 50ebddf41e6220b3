resource "nebius_vpc_v1_network" "cluster" {
  parent_id = data.nebius_iam_v1_project.cluster.id
  name      = var.cluster_name
  labels    = local.tags
}

resource "nebius_vpc_v1_subnet" "cluster" {
  parent_id  = data.nebius_iam_v1_project.cluster.id
  name       = var.cluster_name
  labels     = local.tags
  network_id = nebius_vpc_v1_network.cluster.id
}
