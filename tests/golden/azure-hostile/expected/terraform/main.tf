locals {
  made = { for name, machine in azurerm_linux_virtual_machine.machine : name => {
    id              = machine.id
    private_address = azurerm_network_interface.machine[name].private_ip_address
    public_address  = ""
    user            = machine.admin_username
    image           = join(":", [for part in ["publisher", "offer", "sku", "version"] : machine.source_image_reference[0][part]])
  } }
}

data "azurerm_platform_image" "newest" {
  for_each  = { for group, kind in var.kinds : group => kind.image if !can(kind.image.version) }
  location  = azurerm_resource_group.cluster.location
  publisher = each.value.publisher
  offer     = each.value.offer
  sku       = each.value.sku
}

# Disks are encrypted with Azure's own keys; encryption_at_host_enabled wants a feature of the subscription registered.
# No boot diagnostics means no serial console.
resource "azurerm_linux_virtual_machine" "machine" {
  for_each = local.machines

  name                       = each.key
  location                   = azurerm_resource_group.cluster.location
  resource_group_name        = azurerm_resource_group.cluster.name
  size                       = each.value.instance_type
  network_interface_ids      = [azurerm_network_interface.machine[each.key].id]
  admin_username             = "azureuser"
  allow_extension_operations = false
  secure_boot_enabled        = var.kinds[each.value.group].trusted_launch
  vtpm_enabled               = var.kinds[each.value.group].trusted_launch
  tags                       = local.tags

  zone = each.value.zone

  disk_controller_type = var.kinds[each.value.group].disk_controller

  admin_ssh_key {
    username   = "azureuser"
    public_key = var.public_key
  }

  os_disk {
    caching              = "ReadWrite"
    storage_account_type = var.kinds[each.value.group].disk_type
    disk_size_gb         = each.value.disk_gib
  }

  source_image_reference {
    publisher = var.kinds[each.value.group].image.publisher
    offer     = var.kinds[each.value.group].image.offer
    sku       = var.kinds[each.value.group].image.sku
    version   = try(var.kinds[each.value.group].image.version, data.azurerm_platform_image.newest[each.value.group].version)
  }

  # A newer image or another key never replaces a machine that stands.
  lifecycle { ignore_changes = [source_image_reference, source_image_id, admin_ssh_key, secure_boot_enabled, vtpm_enabled] }
}
