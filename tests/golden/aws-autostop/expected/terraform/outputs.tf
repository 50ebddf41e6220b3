locals {
  hosts = { for name, machine in local.machines : format("%06d", machine.rank) => merge(machine, { name = name }, local.made[name]) }
}

output "hosts" {
  description = "Every machine that stands, by rank."
  value       = values(local.hosts)
}

output "inventory" {
  description = "An Ansible inventory: terraform output -raw inventory > ../ansible/inventory.yml"
  value = yamlencode({ all = {
    vars = local.inventory_vars
    children = { for role in ["head", "worker"] : role => {
      hosts = { for host in local.hosts : host.name => merge(local.host_vars[host.name], {
        styx_rank = host.rank
        styx_role = role
      }, host.private_address == "" ? {} : { styx_address = host.private_address }) if host.role == role }
    } }
  } })
}
