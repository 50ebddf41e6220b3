# Ids in Azure's own form, which its provider insists on.

mock_resource "azurerm_resource_group" {
  defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/tests" }
}

mock_resource "azurerm_virtual_network" {
  defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/tests/providers/Microsoft.Network/virtualNetworks/tests" }
}

mock_resource "azurerm_network_interface" {
  defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/tests/providers/Microsoft.Network/networkInterfaces/tests" }
}

mock_resource "azurerm_public_ip" {
  defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/tests/providers/Microsoft.Network/publicIPAddresses/tests" }
}

mock_resource "azurerm_network_security_group" {
  defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/tests/providers/Microsoft.Network/networkSecurityGroups/tests" }
}

mock_resource "azurerm_application_security_group" {
  defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/tests/providers/Microsoft.Network/applicationSecurityGroups/tests" }
}

mock_resource "azurerm_nat_gateway" {
  defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/tests/providers/Microsoft.Network/natGateways/tests" }
}

mock_resource "azurerm_linux_virtual_machine" {
  defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/tests/providers/Microsoft.Compute/virtualMachines/tests" }
}

mock_resource "azurerm_managed_disk" {
  defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/tests/providers/Microsoft.Compute/disks/tests" }
}

mock_resource "azurerm_proximity_placement_group" {
  defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/tests/providers/Microsoft.Compute/proximityPlacementGroups/tests" }
}

mock_data "azurerm_subnet" {
  defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/tests/providers/Microsoft.Network/virtualNetworks/tests/subnets/tests" }
}

mock_data "azurerm_network_security_group" {
  defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/tests/providers/Microsoft.Network/networkSecurityGroups/tests" }
}
