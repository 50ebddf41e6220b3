locals {
  made = { for name, machine in nebius_compute_v1_instance.machine : name => {
    id              = machine.id
    private_address = try(split("/", machine.status.network_interfaces[0].ip_address.address)[0], "")
    public_address  = try(split("/", machine.status.network_interfaces[0].public_ip_address.address)[0], "")
    user            = "ubuntu"
    image           = nebius_compute_v1_disk.boot[name].status.source_image_id
  } }

  login = { name = "ubuntu", shell = "/bin/bash", sudo = "ALL=(ALL) NOPASSWD:ALL", ssh_authorized_keys = [var.public_key] }
}

resource "nebius_compute_v1_disk" "boot" {
  for_each  = local.machines
  parent_id = data.nebius_iam_v1_project.cluster.id
  name      = each.key
  labels    = local.tags

  type            = var.disk.type
  size_gibibytes  = ceil(each.value.disk_gib / var.disk.step_gib) * var.disk.step_gib
  disk_encryption = { type = "DISK_ENCRYPTION_MANAGED" }

  source_image_id     = var.images[each.value.group].id
  source_image_family = var.images[each.value.group].family

  # A newer image never replaces the disk of a machine that stands.
  lifecycle { ignore_changes = [source_image_id, source_image_family] }
}

resource "nebius_compute_v1_instance" "machine" {
  for_each             = local.machines
  parent_id            = data.nebius_iam_v1_project.cluster.id
  name                 = each.key
  hostname             = each.key
  labels               = local.tags
  cloud_init_user_data = "#cloud-config\n${yamlencode({ ssh_pwauth = false, users = [local.login] })}"
  recovery_policy      = "FAIL" # a shutdown from inside stops it for good, and ends the bill
  preemptible          = each.value.market == "spot" ? { on_preemption = "STOP", priority = 1 } : null
  gpu_cluster          = contains(keys(var.fabrics), each.value.group) ? { id = nebius_compute_v1_gpu_cluster.fabric[var.fabrics[each.value.group]].id } : null

  resources = zipmap(["platform", "preset"], split("_", each.value.instance_type))
  boot_disk = { attach_mode = "READ_WRITE", existing_disk = { id = nebius_compute_v1_disk.boot[each.key].id } }

  secondary_disks = [for name, volume in var.volumes : {
    attach_mode   = "READ_WRITE"
    device_id     = name
    existing_disk = { id = nebius_compute_v1_disk.volume["${each.key}/${name}"].id }
  }]

  network_interfaces = [{
    name              = "eth0"
    subnet_id         = nebius_vpc_v1_subnet.cluster.id
    ip_address        = {}
    public_ip_address = { static = true }
    security_groups   = [{ id = nebius_vpc_v1_security_group.cluster.id }]
  }]

  # Another key never touches a machine that stands.
  lifecycle { ignore_changes = [cloud_init_user_data] }
}
