"""How Compute Engine and its Terraform provider word a refusal: codes of an operation, and sentences of googleapi.

Codes: https://cloud.google.com/compute/docs/troubleshooting/troubleshooting-vm-creation
"""

from styx.clouds.failure import Pattern

FAILURES = (
    Pattern("credentials", "account", r"could not find default credentials|No credentials loaded"),
    Pattern("credentials", "account", r"\binvalid_grant\b|\binvalid_rapt\b|invalid authentication credentials"),
    Pattern("credentials", "account", r"Required '[\w.]+' permission for|\bIAM_PERMISSION_DENIED\b"),
    Pattern("credentials", "account", r"has not been used in project .* before or it is disabled|\bSERVICE_DISABLED\b"),
    Pattern("credentials", "account", r"\b(BILLING_DISABLED|ACCESS_TOKEN_SCOPE_INSUFFICIENT)\b|billing to be enabled"),
    Pattern("credentials", "account", r"\bUSER_PROJECT_DENIED\b|Permission denied on resource project"),
    # A quota of all regions is of this kind of machine: CPUs go on when the GPUs are used up.
    Pattern("quota", "type", r"Quota '\w+_ALL_REGIONS' exceeded|Quota '\w+' exceeded\. +Limit: [\d.]+ globally"),
    Pattern("quota", "zone", r"Quota '\w+' (exceeded|exhausted)\. +Limit:? [\d.]+ in zone"),
    Pattern("quota", "region", r"Quota '\w+' (exceeded|exhausted)|\bQUOTA_EXCEEDED\b|, quotaExceeded\b"),
    Pattern("capacity", "region", r"\bREGION_RESOURCE_POOL_EXHAUSTED(_WITH_DETAILS)?\b"),
    Pattern("capacity", "zone", r"\b(ZONE_)?RESOURCE_POOL_EXHAUSTED(_WITH_DETAILS)?\b|\b(GPU_)?STOCKOUT\b"),
    Pattern("capacity", "zone", r"does not have enough resources available to fulfill the request"),
    Pattern("capacity", "zone", r"is currently unavailable in the [\w-]+ zone|\binsufficientCapacity\b"),
    Pattern("capacity", "zone", r"There is no more capacity in the zone|Insufficient reserved capacity"),
    Pattern("invalid", "zone", r"Machine type with name '[^']*' does not exist in zone"),
    Pattern("invalid", "zone", r"\bLocation [\w-]+ is not found or access is unauthorized"),
    Pattern("invalid", "zone", r"zones/[\w-]+/acceleratorTypes/[\w-]+' was not found"),
    Pattern("invalid", "account", r"[Ee]rror resolving image name|disk size cannot be smaller than the image size"),
    Pattern("invalid", "account", r"Constraint constraints/[\w.]+ violated|\bconditionNotMet\b"),
    Pattern("invalid", "account", r"Invalid value for field '|\bINVALID_(FIELD_VALUE|USAGE)\b"),
)  # fmt: skip
"""The first that fits counts."""
