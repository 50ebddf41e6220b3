locals {
  made = { for name, machine in lambdalabs_instance.machine : name => {
    id              = machine.id
    private_address = "" # the provider does not tell it: the machine must be asked
    public_address  = machine.ip
    user            = "ubuntu"
    image           = "" # Lambda's own, which cannot be chosen
  } }

  # There is no firewall to set from here: each machine sets its own before anything listens.
  firewall = values(local.ingress)

  # Another key gets another name, for a key cannot be changed.
  key_name = "${var.cluster_name}-${substr(sha256(var.public_key), 0, 8)}"
}

resource "lambdalabs_ssh_key" "login" {
  for_each   = toset([local.key_name])
  name       = each.key
  public_key = var.public_key

  # It may be given back without its comment.
  lifecycle {
    ignore_changes = [public_key]
  }
}

# Machines cannot be changed: one of another type is another one.
resource "terraform_data" "type" {
  for_each = local.machines
  input    = each.value.instance_type
}

resource "lambdalabs_instance" "machine" {
  for_each           = local.machines
  name               = each.key # all that tells whose it is: there are no tags
  region_name        = split("/", var.placement)[1]
  instance_type_name = each.value.instance_type
  ssh_key_names      = [lambdalabs_ssh_key.login[local.key_name].name]

  # One that is not ready in time would be forgotten, and live on.
  timeouts {
    create = "60m"
  }

  # Another key never touches a machine that stands; where there are no file systems, none are read back.
  lifecycle {
    ignore_changes       = [ssh_key_names, file_system_names]
    replace_triggered_by = [terraform_data.type[each.key]]
  }
}
