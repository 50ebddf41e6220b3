"""What a change of a machine on this computer does."""

from styx.clouds.effects import Effects

EFFECTS = Effects(data=frozenset({"terraform_data.machine"}))
