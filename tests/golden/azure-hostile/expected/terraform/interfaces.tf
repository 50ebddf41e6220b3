resource "azurerm_network_interface" "machine" {
  for_each = local.machines

  name                = each.key
  location            = azurerm_resource_group.cluster.location
  resource_group_name = azurerm_resource_group.cluster.name
  tags                = local.tags

  ip_configuration {
    name                          = "machine"
    subnet_id                     = "${azurerm_virtual_network.cluster.id}/subnets/machines"
    private_ip_address_allocation = "Dynamic"
  }
}
