"""How Lambda's API and its Terraform provider word a refusal; the provider passes on the message, without the code.

Codes and messages: https://docs.lambda.ai/api/cloud
"""

from styx.clouds.failure import Pattern

FAILURES = (
    Pattern("credentials", "account", r"global/(invalid-api-key|account-inactive)|Your account is inactive"),
    Pattern("credentials", "account", r"API key was invalid, expired,? or deleted"),
    Pattern("credentials", "account", r"(Missing|Unknown) Lambdalabs API Key"),
    Pattern("quota", "account", r"(global|provider)/quota-exceeded|\bQuota exceeded\."),
    Pattern("capacity", "region", r"launch/insufficient-capacity|Not enough capacity to fulfill launch request"),
    Pattern("capacity", "region", r"Insufficient capacity\. Requested \d+"),
    Pattern("invalid", "region", r"launch/file-system-in-wrong-region"),
    Pattern("invalid", "type", r"launch/file-systems-not-supported"),
    Pattern("invalid", "account", r"global/(invalid-parameters|object-does-not-exist|duplicate|invalid-address)"),
    Pattern("invalid", "account", r"Invalid request data|Specified \w[\w ]* does not exist"),
)  # fmt: skip
"""The first that fits counts. There are no zones."""
