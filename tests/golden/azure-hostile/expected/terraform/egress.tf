# Machines without public addresses reach the internet through this.
resource "azurerm_nat_gateway" "cluster" {
  name                = "egress"
  location            = azurerm_resource_group.cluster.location
  resource_group_name = azurerm_resource_group.cluster.name
  tags                = local.tags
}

resource "azurerm_public_ip" "egress" {
  name                = "egress"
  location            = azurerm_resource_group.cluster.location
  resource_group_name = azurerm_resource_group.cluster.name
  allocation_method   = "Static"
  tags                = local.tags
}

resource "azurerm_nat_gateway_public_ip_association" "egress" {
  nat_gateway_id       = azurerm_nat_gateway.cluster.id
  public_ip_address_id = azurerm_public_ip.egress.id
}

resource "azurerm_subnet_nat_gateway_association" "egress" {
  subnet_id      = "${azurerm_virtual_network.cluster.id}/subnets/machines"
  nat_gateway_id = azurerm_nat_gateway.cluster.id
}
