# `terraform test` checks this folder without an account: the provider is a mock, and nothing is made.
mock_provider "aws" { source = "./tests" }

variables {
  caller_cidrs = [] # as in a bare clone
}

run "every_machine_has_a_rank_and_a_place_in_the_inventory" {
  assert {
    condition     = tolist(output.hosts[*].rank) == tolist(range(sum(var.groups[*].count)))
    error_message = "Ranks must count from 0 to the number of machines."
  }

  assert {
    condition = sort(output.hosts[*].name) == sort(flatten([
      for group in values(yamldecode(output.inventory).all.children) : keys(group.hosts)
    ]))
    error_message = "Every machine must be in the inventory once."
  }
}

run "ssh_is_open_to_those_alone_that_the_committed_files_name" {
  assert {
    condition     = tolist(local.ingress["22"].cidrs) == tolist(["127.0.0.1/32"])
    error_message = "Somebody else than those of the committed files could log in."
  }

  assert {
    condition     = !contains(local.ingress["22"].cidrs, "0.0.0.0/0")
    error_message = "SSH must not be open to everybody."
  }
}
