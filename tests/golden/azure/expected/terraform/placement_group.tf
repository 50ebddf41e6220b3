resource "azurerm_proximity_placement_group" "cluster" {
  name                = "cluster"
  location            = azurerm_resource_group.cluster.location
  resource_group_name = azurerm_resource_group.cluster.name
  tags                = local.tags
}
