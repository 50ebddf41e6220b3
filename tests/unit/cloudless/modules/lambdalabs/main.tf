terraform {
  required_providers {
    lambdalabs = {
      source  = "elct9620/lambdalabs"
      version = "~> 0.8"
    }
  }
}

provider "lambdalabs" {}

variable "machines" {
  type    = number
  default = 2
}

variable "instance_type" {
  type    = string
  default = "gpu_1x_a10"
}

variable "file_system_names" {
  type    = list(string)
  default = []
}

resource "lambdalabs_ssh_key" "this" {
  name       = "c1"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPyeTPW8mNyYDyyiOL01rE5JFxHOPlXyw9jhAgL0X8nM"
}

resource "lambdalabs_instance" "this" {
  for_each           = toset([for rank in range(var.machines) : "c1-w${rank}"])
  name               = each.key
  region_name        = "us-east-1"
  instance_type_name = var.instance_type
  ssh_key_names      = [lambdalabs_ssh_key.this.name]
  file_system_names  = var.file_system_names
}

output "hosts" {
  value = { for name, machine in lambdalabs_instance.this : name => { id = machine.id, public = machine.ip } }
}
