output "hosts" {
  description = "Every machine that stands, by rank."
  value       = local.hosts
}

output "inventory" {
  description = "An Ansible inventory: terraform output -raw inventory > ../ansible/inventory.yml"
  value = yamlencode({
    all = {
      vars = local.inventory_vars
      children = {
        for role in ["head", "worker"] : role => {
          hosts = { for host in local.hosts : host.name => local.host_vars[host.name] if host.role == role }
        }
      }
    }
  })
}
