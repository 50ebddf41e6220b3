# The first caller is remembered, so that a plan from anywhere else shows no change. To let in somebody
# else instead: terraform apply -replace=terraform_data.caller
resource "terraform_data" "caller" {
  input = var.caller_cidrs

  lifecycle {
    ignore_changes = [input]
  }
}

locals {
  tags = merge(terraform_data.placement.output.run_tags, { styx-cluster = var.cluster_name })

  ingress = { "22" = { first = 22, last = 22, cidrs = coalescelist(terraform_data.caller.output, ["127.0.0.1/32"]) } } # nobody

  inventory_vars = { ansible_user = one(distinct(values(local.made)[*].user)), styx_init = "systemd", styx_port = 6379 }
  host_vars = { for name, machine in local.made : name => {
    ansible_host = machine.public_address
  } }
}
