"""What a change of Azure's resources does.

Source: the documentation of hashicorp/azurerm 4, what it says to need a deallocation or a reboot.
"""

from styx.clouds.effects import Effects

EFFECTS = Effects(
    data=frozenset({"azurerm_linux_virtual_machine", "azurerm_managed_disk"}),
    restarts={
        "azurerm_linux_virtual_machine": frozenset(
            {"capacity_reservation_group_id", "dedicated_host_id", "disk_controller_type", "encryption_at_host_enabled",
             "os_disk", "proximity_placement_group_id", "size"}
        ),
        "azurerm_managed_disk": frozenset({"disk_size_gb", "storage_account_type"}),
    },
)  # fmt: skip
