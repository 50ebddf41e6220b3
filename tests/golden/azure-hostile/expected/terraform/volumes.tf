locals {
  mounts = { for machine, group in local.machines : machine => [for name, volume in var.volumes : {
    path   = volume.path
    device = format(var.kinds[group.group].disk_controller == "NVMe" ? "/dev/disk/azure/data/by-lun/%d" : "/dev/disk/azure/scsi1/lun%d", var.volume_disks[name].lun)
  }] }
  volumes = merge([for machine, group in local.machines : {
    for name, volume in var.volumes : "${machine}/${name}" => merge(volume, var.volume_disks[name], { machine = machine, zone = group.zone, name = name })
  }]...)
}

resource "azurerm_managed_disk" "volume" {
  for_each = local.volumes

  name                          = "${each.value.machine}-${each.value.name}"
  location                      = azurerm_resource_group.cluster.location
  resource_group_name           = azurerm_resource_group.cluster.name
  zone                          = each.value.zone == "" ? null : each.value.zone
  create_option                 = "Empty"
  storage_account_type          = each.value.type
  disk_size_gb                  = each.value.disk_gib
  network_access_policy         = "DenyAll"
  public_network_access_enabled = false
  tags                          = local.tags
}

resource "azurerm_virtual_machine_data_disk_attachment" "volume" {
  for_each = local.volumes

  managed_disk_id    = azurerm_managed_disk.volume[each.key].id
  virtual_machine_id = azurerm_linux_virtual_machine.machine[each.value.machine].id
  lun                = each.value.lun
  caching            = "None"
}
