"""How Azure Resource Manager and its Terraform provider word a refusal: codes, which the provider passes on.

Codes: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
"""

from styx.clouds.failure import Pattern

FAILURES = (
    Pattern("credentials", "account", r"\bAADSTS\d+\b|Please run '?az login|unable to build authorizer"),
    Pattern("credentials", "account", r"could not acquire access token"),
    Pattern("credentials", "account", r"subscription_id. is a required provider property|\bSubscriptionNotFound\b"),
    Pattern("credentials", "account", r"\b((Invalid|Expired)AuthenticationToken\w*|AuthenticationFailed)\b"),
    Pattern("credentials", "account", r"\b(Linked)?AuthorizationFailed\b"),
    Pattern("credentials", "account", r"\b(ReadOnlyDisabledSubscription|MissingSubscriptionRegistration)\b"),
    Pattern("quota", "region", r"exceeding (approved|quota limits)|\bQuotaExceeded\b|\b\w+CountLimitReached\b"),
    Pattern("quota", "region", r"\bNotAvailableForSubscription\b"),
    Pattern("capacity", "zone", r"\b(ZonalAllocationFailed|OverconstrainedZonalAllocationRequest)\b"),
    Pattern("capacity", "zone", r"is currently not available in location '[^']+' zones '\d"),
    Pattern("capacity", "region", r"\b(AllocationFailed|OverconstrainedAllocationRequest|SkuNotAvailable)\b"),
    Pattern("capacity", "region", r"requested (VM )?size for resource .* is currently not available in location"),
    Pattern("capacity", "region", r"\b(OperationPreempted|SpotVMPreempted)\b"),
    Pattern("invalid", "zone", r"\b(AvailabilityZoneNotSupported|ResourceTypeNotSupportAvailabilityZones)\b"),
    Pattern("invalid", "region", r"\b(LocationNotAvailableForResourceType|PlatformImageNotFound)\b"),
    Pattern("invalid", "region", r"\bRequestDisallowedByPolicy\b"),
    Pattern("invalid", "type", r"is not a valid virtual machine size|cannot boot Hypervisor Generation"),
    Pattern("invalid", "account", r"\b(MarketplacePurchaseEligibilityFailed|ResourcePurchaseValidationFailed)\b"),
    Pattern("invalid", "account", r"\b(InvalidParameter|InvalidRequestContent|PropertyChangeNotAllowed|BadRequest): "),
)  # fmt: skip
"""The first that fits counts: InvalidTemplateDeployment, say, only wraps another code."""
