"""What a change of Nebius's resources does."""

from styx.clouds.effects import Effects

EFFECTS = Effects(
    data=frozenset({"nebius_compute_v1_disk"}),  # a machine's own disk is one of these, and outlives it
    restarts={"nebius_compute_v1_instance": frozenset({"gpu_cluster", "preemptible", "resources"})},
    unnoticed=frozenset({"nebius_vpc_v1_security_rule"}),
)
