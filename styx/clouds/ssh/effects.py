"""What a change of a host's lease does."""

from styx.clouds.effects import Effects

EFFECTS = Effects(data=frozenset({"terraform_data.machine"}))  # a host given back is cleaned first
