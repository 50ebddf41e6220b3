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
  for_each = local.machines

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

  made = { for name, machine in terraform_data.machine : name => {
    id              = machine.id
    private_address = machine.output.address
    public_address  = ""
    user            = ""
    port            = 0
    ray_port        = local.ray_port
    folder          = machine.output.folder
  } }

  inventory_vars = {
    ansible_connection         = "local"
    ansible_python_interpreter = "{{ ansible_playbook_python }}"
    styx_init                  = "machine"
    styx_port                  = local.ray_port
  }

  host_vars = { for name, machine in local.made : name => { styx_folder = machine.folder } }
}
