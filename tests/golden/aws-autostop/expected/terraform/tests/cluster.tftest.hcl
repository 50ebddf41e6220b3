# `terraform test` checks this folder without an account: the provider is a mock, and nothing is made.
mock_provider "aws" { source = "./tests" }

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

run "nobody_is_let_in_by_what_is_committed" {
  assert {
    condition     = var.caller_cidrs == tolist([]) || !contains(var.caller_cidrs, "0.0.0.0/0")
    error_message = "SSH must not be open to everybody."
  }
}
