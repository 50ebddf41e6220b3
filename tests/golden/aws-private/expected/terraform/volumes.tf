locals {
  disks = merge([for machine, group in local.machines : {
    for name in keys(var.volumes) : "${machine}/${name}" => merge(var.volumes[name], var.volume_disks[name], {
      machine = machine
      zone    = aws_subnet.zone[group.zone].availability_zone
    })
  }]...)
  mounts = { for machine, group in local.machines : machine => [for key, disk in local.disks : {
    path   = disk.path
    device = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${replace(aws_ebs_volume.disk[key].id, "-", "")}"
  } if disk.machine == machine] }
}

resource "aws_ebs_volume" "disk" {
  for_each          = local.disks
  availability_zone = each.value.zone
  size              = each.value.disk_gib
  type              = each.value.type
  iops              = each.value.iops
  throughput        = each.value.throughput
  encrypted         = true
  tags              = merge(local.tags, { Name = each.key })
}

# A mounted disk would not let go of a machine that is ended with it.
resource "aws_volume_attachment" "disk" {
  for_each     = local.disks
  device_name  = "/dev/sd${each.value.letter}"
  volume_id    = aws_ebs_volume.disk[each.key].id
  instance_id  = aws_instance.machine[each.value.machine].id
  force_detach = true
}
