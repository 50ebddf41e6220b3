# The first caller is remembered, so that a plan from anywhere else shows no change. To let in somebody
# else instead: terraform apply -replace=terraform_data.caller
resource "terraform_data" "caller" {
  input = var.caller_cidrs

  lifecycle {
    ignore_changes = [input]
  }
}

locals {
  tags = merge(terraform_data.placement.output.run_tags, var.tags, { styx-cluster = var.cluster_name })

  ssh_cidrs = coalescelist(distinct(concat(terraform_data.caller.output, var.access.ssh)), ["127.0.0.1/32"]) # nobody
  ingress = { for ports, cidrs in merge({ "22" = local.ssh_cidrs }, var.access.ports) : ports => {
    first = tonumber(split("-", ports)[0])
    last  = tonumber(reverse(split("-", ports))[0])
    cidrs = length(cidrs) > 0 ? cidrs : local.ssh_cidrs
  } }

  inventory_vars = { ansible_user = one(distinct(values(local.made)[*].user)), styx_init = "systemd", styx_port = 6379 }
  host_vars = { for name, machine in local.made : name => {
    ansible_host = machine.private_address

    ansible_ssh_common_args = "-o ProxyJump=${var.proxy_jump}"

    styx_volumes = local.mounts[name]
  } }
}
