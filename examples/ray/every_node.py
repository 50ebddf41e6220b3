"""Run one task on every node of the cluster and print where each ran."""

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

ray.init(log_to_driver=False)


@ray.remote(num_cpus=0)
def where():
    return ray.util.get_node_ip_address()


nodes = [node["NodeID"] for node in ray.nodes() if node["Alive"]]
tasks = [where.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False)).remote() for node in nodes]
for address in sorted(ray.get(tasks)):
    print("a task ran on", address)
