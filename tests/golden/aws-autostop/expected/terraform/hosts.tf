# Every machine by name, expanded here once; rank 0 is the head.
locals {
  machines = merge([for place, group in var.groups : {
    for number in range(group.count) :
    join("-", compact([var.cluster_name, group.name, group.role == "head" ? "" : number + 1])) => merge(group, {
      group = group.name
      rank  = number + sum(concat([0], slice(var.groups, 0, place)[*].count))
    })
  }]...)
}
