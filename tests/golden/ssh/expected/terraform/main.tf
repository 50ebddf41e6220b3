# A machine is a host of a pool: it stood before and stays after. What is here is that this cluster has it, and how it
# is reached. Styx leases it before it is written down, and cleans it before it is taken out.
resource "terraform_data" "machine" {
  for_each = local.machines
  input    = lookup(var.leased, each.key, null)

  # A host stays with the cluster, whoever applies next.
  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition     = self.input != null
      error_message = "No host is leased for ${each.key}: run `styx apply`, or give one in the variable `leased`."
    }
  }

  depends_on = [terraform_data.placement]
}

locals {
  made = { for name, machine in terraform_data.machine : name => machine.output }

  inventory_vars = { styx_init = "systemd", styx_port = 6379 }

  # Each host offers all that it has, also beside smaller ones.
  host_vars = { for name, host in local.made : name => merge(
    { ansible_host = host.public_address, ansible_port = host.port },
    { styx_vcpus = host.vcpus, styx_memory_gib = host.memory_gib, styx_gpus = host.gpus },
    host.user == "" ? {} : { ansible_user = host.user },
    host.key == "" ? {} : { ansible_ssh_private_key_file = host.key },
    host.proxy_jump == "" ? {} : { ansible_ssh_common_args = "-o ProxyJump=${host.proxy_jump}" },
  ) }
}
