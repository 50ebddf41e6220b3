"""Which variables are secret by their names alone."""

MANAGED = "secrets:"
"""What SkyPilot writes before the name of a secret that its server keeps."""

_ENDINGS = ("TOKEN", "KEY", "PASSWORD", "SECRET")


def is_secret_name(name: str) -> bool:
    """Tell whether a variable is secret whatever the spec says: `*_TOKEN`, `*_KEY`, `*_PASSWORD`, `*_SECRET`."""
    return name.upper().rpartition("_")[2] in _ENDINGS
