"""How EC2 and its Terraform provider word a refusal: the API's error codes, which the provider passes on.

Codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from styx.clouds.failure import Pattern

FAILURES = (
    Pattern("credentials", "account", r"No valid credential sources? found|failed to refresh cached credentials"),
    Pattern("credentials", "account", r"\b(ExpiredToken(Exception)?|RequestExpired|InvalidClientTokenId)\b"),
    Pattern("credentials", "account", r"\b(SignatureDoesNotMatch|AuthFailure|UnrecognizedClientException)\b"),
    Pattern("credentials", "account", r"failed to get shared config profile|\bInvalidGrantException\b"),
    Pattern("credentials", "account", r"SSO session has expired|[Ee]rror loading SSO Token"),
    # A policy of the organization often forbids regions; one of the account forbids actions.
    Pattern("credentials", "region", r"\bUnauthorizedOperation\b.*service control policy"),
    Pattern("credentials", "account", r"\b(UnauthorizedOperation|AccessDenied(Exception)?|OptInRequired|Blocked)\b: "),
    Pattern("quota", "region", r"\b(VcpuLimitExceeded|InstanceLimitExceeded|MaxSpotInstanceCountExceeded)\b"),
    Pattern("quota", "region", r"\b(Volume|Address|Vpc|NatGateway|NetworkInterface|SecurityGroup)LimitExceeded\b"),
    Pattern("quota", "region", r"\b(MaxIOPSLimitExceeded|PendingVerification)\b"),
    Pattern("capacity", "region", r"\bInsufficientInstanceCapacity\b.*in zones with support for"),
    Pattern("capacity", "zone", r"\bInsufficient(Instance|Host|ReservedInstance)?Capacity(OnHost)?\b"),
    Pattern("capacity", "zone", r"\b(ReservationCapacityExceeded|UnfulfillableCapacity|SpotMaxPriceTooLow)\b"),
    Pattern("capacity", "zone", r"\bcapacity-(not-available|oversubscribed)\b"),
    Pattern("invalid", "zone", r"not supported in your requested Availability Zone"),
    Pattern("invalid", "zone", r"\bInsufficientFreeAddressesInSubnet\b"),
    Pattern("invalid", "zone", r"requested configuration is currently not supported"),
    Pattern("invalid", "region", r"\bInvalidAMIID\.\w+|\bInvalid(SubnetID|VpcID|Group|KeyPair)\.NotFound\b"),
    Pattern("invalid", "type", r"Invalid value '[^']*' for InstanceType|\bUnsupportedOperation\b: "),
    Pattern("invalid", "account", r"\bInvalid(Parameter(Value|Combination)|Request)\b: "),
)  # fmt: skip
"""The first that fits counts: an account that is not let in says nothing about capacity."""
