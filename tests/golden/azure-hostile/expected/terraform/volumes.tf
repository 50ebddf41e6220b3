locals {
  mounts = { for machine, group in local.machines : machine => [for lun, name in keys(var.volumes) : {
    path   = var.volumes[name].path
    device = format(var.kinds[group.group].disk_controller == "NVMe" ? "/dev/disk/azure/data/by-lun/%d" : "/dev/disk/azure/scsi1/lun%d", lun)
  }] }
  volumes = merge([for machine, group in local.machines : {
    for lun, name in keys(var.volumes) : "${machine}-${name}" => { machine = machine, zone = group.zone, name = name, lun = lun }
  }]...)
}

resource "azurerm_managed_disk" "volume" {
  for_each = local.volumes

  name                          = "${each.value.machine}-volume-${each.value.lun}"
  location                      = azurerm_resource_group.cluster.location
  resource_group_name           = azurerm_resource_group.cluster.name
  zone                          = each.value.zone == "" ? null : each.value.zone
  create_option                 = "Empty"
  storage_account_type          = var.volume_types[each.value.name]
  disk_size_gb                  = var.volumes[each.value.name].disk_gib
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
