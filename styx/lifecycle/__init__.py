"""The order of steps: plan, apply, destroy and the rest, each with its journal."""
