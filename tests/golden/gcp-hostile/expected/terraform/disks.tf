locals {
  disks = merge([for name, machine in local.machines : {
    for volume, wish in var.volumes : "${name}/${volume}" => merge(wish, var.volume_disks[machine.group][volume], { machine = name, device = volume })
  }]...)
  mounts = { for name in keys(local.machines) : name => [
    for disk in values(local.disks) : { path = disk.path, device = "/dev/disk/by-id/google-${disk.device}" } if disk.machine == name
  ] }
}

resource "google_compute_disk" "volume" {
  for_each = local.disks

  name                   = "${each.value.machine}-${each.value.device}"
  zone                   = google_compute_instance.machine[each.value.machine].zone
  type                   = each.value.type
  size                   = each.value.disk_gib
  provisioned_iops       = each.value.iops
  provisioned_throughput = each.value.throughput
  labels                 = local.tags
}

resource "google_compute_attached_disk" "volume" {
  for_each = local.disks

  instance    = google_compute_instance.machine[each.value.machine].id
  disk        = google_compute_disk.volume[each.key].id
  device_name = each.value.device
}
