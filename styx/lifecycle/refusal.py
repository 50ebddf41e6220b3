"""What a cloud refuses, told as what it is: no capacity, no quota, no credentials."""

from collections.abc import Iterator
from contextlib import contextmanager

from styx.clouds import Cloud, classify
from styx.errors import CapacityError, CredentialError, QuotaError, StyxError, TerraformError

_ERRORS: dict[str, tuple[type[StyxError], str]] = {
    "capacity": (CapacityError, "has no such machine free now"),
    "quota": (QuotaError, "gives this account no more"),
    "credentials": (CredentialError, "does not let this account in"),
}


@contextmanager
def refusals_of(cloud: Cloud) -> Iterator[None]:
    """Raise CapacityError, QuotaError or CredentialError for what the cloud's own words tell as that in the body."""
    try:
        yield
    except TerraformError as error:
        failure = classify(cloud.failures, error.message)
        if failure.kind not in _ERRORS:
            raise
        kind, what = _ERRORS[failure.kind]
        raise kind(f"{cloud.title} {what}\n{error.message}", _hint(cloud, failure.kind), log=error.log) from error


def _hint(cloud: Cloud, kind: str) -> str | None:
    return f"see what is missing: styx check {cloud.id}" if kind == "credentials" else None
