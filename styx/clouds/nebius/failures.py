"""How Nebius and its Terraform provider word a refusal: what its Go SDK prints of a service error, and gRPC's codes.

The sentences: https://github.com/nebius/gosdk/tree/main/serviceerror
"""

from styx.clouds.failure import Pattern

FAILURES = (
    Pattern("credentials", "account", r"\bcode = (Unauthenticated|PermissionDenied)\b"),
    Pattern("credentials", "account", r"\bPermission denied \S+: service|permission denied for resource"),
    Pattern("credentials", "account", r"\bUNAUTHENTICATED\b|\bPERMISSION_DENIED\b|[Nn]o credentials"),
    Pattern("quota", "region", r"\bQuota failure \S*: service|\bquota failure, violations|[Qq]uota limit exceeded"),
    Pattern("capacity", "region", r"\bNot enough resources\b|\bnot enough resources: |\bNotEnoughResources\b"),
    # Of the limits that share this code, too many requests a second says nothing about machines.
    Pattern("capacity", "region", r"^(?!.*[Tt]oo many requests).*\b(code = ResourceExhausted|RESOURCE_EXHAUSTED)\b"),
    Pattern("invalid", "account", r"\bcode = (InvalidArgument|NotFound)\b"),
    Pattern("invalid", "account", r"\bBad Request \S+: service|\bbad request, violations:"),
)  # fmt: skip
"""The first that fits counts. There are no zones."""
