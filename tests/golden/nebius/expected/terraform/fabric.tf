# Machines of one GPU cluster reach each other's GPUs over InfiniBand.
resource "nebius_compute_v1_gpu_cluster" "fabric" {
  for_each          = toset(values(var.fabrics))
  parent_id         = data.nebius_iam_v1_project.cluster.id
  name              = "${var.cluster_name}-${each.key}"
  labels            = local.tags
  infiniband_fabric = each.key
}
