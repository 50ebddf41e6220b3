resource "azurerm_network_security_group" "cluster" {
  name                = "machines"
  location            = azurerm_resource_group.cluster.location
  resource_group_name = azurerm_resource_group.cluster.name
  tags                = local.tags

  security_rule {
    name                       = "ssh"
    priority                   = 100
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "Tcp"
    source_address_prefixes    = local.ingress["22"].cidrs
    source_port_range          = "*"
    destination_address_prefix = "*"
    destination_port_range     = "22"
  }

  dynamic "security_rule" {
    for_each = [for ports in keys(local.ingress) : ports if ports != "22"]

    content {
      name                       = "port-${security_rule.value}"
      priority                   = 101 + security_rule.key
      direction                  = "Inbound"
      access                     = "Allow"
      protocol                   = "Tcp"
      source_address_prefixes    = local.ingress[security_rule.value].cidrs
      source_port_range          = "*"
      destination_address_prefix = "*"
      destination_port_range     = security_rule.value
    }
  }
}
