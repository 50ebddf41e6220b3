# A machine is a folder of this computer with a service manager of its own, machine.py.

locals {
  slot = coalesce(var.slot, 1 + parseint(substr(sha256(var.cluster_name), 0, 6), 16) % 250)
  root = pathexpand(coalesce(var.root, "~/.local/state/styx/local"))
}

# The network and the folder of the first apply stay, whoever applies next.
resource "terraform_data" "site" {
  input = {
    slot   = local.slot
    folder = "${local.root}/${var.cluster_name}"
  }

  lifecycle {
    ignore_changes = [input]
  }

  depends_on = [terraform_data.placement]
}

resource "terraform_data" "machine" {
  for_each = var.hosts

  input = {
    folder  = "${terraform_data.site.output.folder}/${each.key}"
    address = "127.77.${terraform_data.site.output.slot}.${each.value.rank + 1}"
  }

  # The folder is an argument, never part of a shell's text.
  provisioner "local-exec" {
    interpreter = ["python3", "machine.py", "create"]
    command     = self.input.folder
  }

  provisioner "local-exec" {
    when        = destroy
    interpreter = ["python3", "machine.py", "remove"]
    command     = self.input.folder
  }
}

locals {
  ray_port = 21000 + terraform_data.site.output.slot * 16

  names = [for rank, name in { for name, host in var.hosts : format("%06d", host.rank) => name } : name]

  hosts = [for name in local.names : {
    name            = name
    role            = var.hosts[name].role
    rank            = var.hosts[name].rank
    group           = var.hosts[name].group
    id              = terraform_data.machine[name].id
    private_address = terraform_data.machine[name].output.address
    public_address  = ""
    user            = ""
    port            = 0
    zone            = var.hosts[name].zone
    ray_port        = local.ray_port
    folder          = terraform_data.machine[name].output.folder
  }]

  inventory_vars = {
    ansible_connection         = "local"
    ansible_python_interpreter = "{{ ansible_playbook_python }}"
    styx_init                  = "machine"
    styx_port                  = local.ray_port
  }

  host_vars = { for host in local.hosts : host.name => {
    styx_rank    = host.rank
    styx_role    = host.role
    styx_address = host.private_address
    styx_folder  = host.folder
  } }
}
