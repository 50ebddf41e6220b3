terraform {
  required_providers {
    nebius = {
      source  = "nebius/nebius"
      version = "~> 0.6"
    }
  }
}

provider "nebius" {}

variable "machines" {
  type    = number
  default = 2
}

variable "caller" {
  type    = string
  default = "192.0.2.7/32"
}

variable "spot" {
  type    = bool
  default = false
}

variable "preset" {
  type    = string
  default = "4vcpu-16gb"
}

data "nebius_iam_v1_project" "this" {
  id = "project-e00styxtests"
}

resource "nebius_vpc_v1_network" "this" {
  parent_id = data.nebius_iam_v1_project.this.id
  name      = "c1"
}

resource "nebius_vpc_v1_subnet" "this" {
  parent_id  = data.nebius_iam_v1_project.this.id
  name       = "c1"
  network_id = nebius_vpc_v1_network.this.id
}

resource "nebius_vpc_v1_security_group" "this" {
  parent_id  = data.nebius_iam_v1_project.this.id
  name       = "c1"
  network_id = nebius_vpc_v1_network.this.id
}

resource "nebius_vpc_v1_security_rule" "ssh" {
  parent_id = nebius_vpc_v1_security_group.this.id
  name      = "ssh"
  access    = "ALLOW"
  protocol  = "TCP"
  ingress   = { source_cidrs = [var.caller], destination_ports = [22] }
}

resource "nebius_compute_v1_disk" "this" {
  for_each            = toset([for rank in range(var.machines) : "c1-w${rank}"])
  parent_id           = data.nebius_iam_v1_project.this.id
  name                = each.key
  type                = "NETWORK_SSD"
  size_gibibytes      = 100
  source_image_family = { image_family = "ubuntu24.04-driverless" }
}

resource "nebius_compute_v1_instance" "this" {
  for_each             = toset([for rank in range(var.machines) : "c1-w${rank}"])
  parent_id            = data.nebius_iam_v1_project.this.id
  name                 = each.key
  cloud_init_user_data = "#cloud-config\n"
  preemptible          = var.spot ? { on_preemption = "STOP", priority = 1 } : null
  resources            = { platform = "cpu-d3", preset = var.preset }
  boot_disk            = { attach_mode = "READ_WRITE", existing_disk = { id = nebius_compute_v1_disk.this[each.key].id } }
  network_interfaces = [{
    name              = "eth0"
    subnet_id         = nebius_vpc_v1_subnet.this.id
    ip_address        = {}
    public_ip_address = each.key == "c1-w0" ? {} : null
    security_groups   = [{ id = nebius_vpc_v1_security_group.this.id }]
  }]
}

output "region" {
  value = data.nebius_iam_v1_project.this.status.region
}

output "hosts" {
  value = { for name, machine in nebius_compute_v1_instance.this : name => {
    id      = machine.id
    private = machine.status.network_interfaces[0].ip_address.address
    public  = try(machine.status.network_interfaces[0].public_ip_address.address, "")
    image   = nebius_compute_v1_disk.this[name].status.source_image_id
  } }
}
