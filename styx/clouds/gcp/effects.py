"""What a change of Google Cloud's resources does.

Source: the documentation of hashicorp/google, `allow_stopping_for_update`.
"""

from styx.clouds.effects import Effects

EFFECTS = Effects(
    data=frozenset({"google_compute_instance", "google_compute_disk"}),
    restarts={
        "google_compute_instance": frozenset(
            {"advanced_machine_features", "enable_display", "machine_type", "min_cpu_platform", "network_interface",
             "service_account", "shielded_instance_config"}
        ),
    },
    unnoticed=frozenset({"google_compute_firewall"}),
)  # fmt: skip
