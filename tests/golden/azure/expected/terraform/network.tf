# Everything of the cluster is in this group: to delete it is to leave nothing behind.
resource "azurerm_resource_group" "cluster" {
  name     = "styx-${var.cluster_name}"
  location = split("/", var.placement)[1]
  tags     = local.tags
}

resource "azurerm_virtual_network" "cluster" {
  name                = "cluster"
  location            = azurerm_resource_group.cluster.location
  resource_group_name = azurerm_resource_group.cluster.name
  address_space       = ["10.77.0.0/16"]
  tags                = local.tags

  subnet {
    name             = "machines"
    address_prefixes = ["10.77.0.0/17"]
    security_group   = azurerm_network_security_group.cluster.id
  }
}
