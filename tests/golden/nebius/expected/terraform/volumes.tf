locals {
  volumes = merge([for machine in keys(local.machines) : {
    for name, volume in var.volumes : "${machine}/${name}" => merge(volume, var.volume_disks[name], { machine = machine, name = name })
  }]...)

  mounts = { for machine in keys(local.machines) : machine => [
    for name, volume in var.volumes : { path = volume.path, device = "/dev/disk/by-id/virtio-${name}" }
  ] }
}

resource "nebius_compute_v1_disk" "volume" {
  for_each        = local.volumes
  parent_id       = data.nebius_iam_v1_project.cluster.id
  name            = "${each.value.machine}-${each.value.name}"
  labels          = local.tags
  type            = each.value.type
  size_gibibytes  = ceil(each.value.disk_gib / each.value.step_gib) * each.value.step_gib
  disk_encryption = each.value.type == "NETWORK_SSD" ? null : { type = "DISK_ENCRYPTION_MANAGED" } # that one always is
}
