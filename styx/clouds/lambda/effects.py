"""What a change of Lambda's resources does."""

from styx.clouds.effects import Effects

EFFECTS = Effects(data=frozenset({"lambdalabs_instance"}), unnoticed=frozenset({"lambdalabs_ssh_key"}))
