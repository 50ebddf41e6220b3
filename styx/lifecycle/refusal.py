"""What a cloud refuses, told as what it is: no capacity, no quota, no credentials."""

from collections.abc import Iterator
from contextlib import contextmanager

from styx.clouds import Cloud, classify
from styx.clouds.failure import Failure
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


def is_refusal(error: BaseException) -> bool:
    """Tell whether a cloud, or its provider, said no: not an interrupt, nor a Terraform that was ended from outside."""
    from styx.run.terraform_errors import TerraformKilledError, TerraformTimeoutError

    if isinstance(error, TerraformKilledError | TerraformTimeoutError):
        return False
    return isinstance(error, CapacityError | QuotaError | CredentialError | TerraformError)


def failure_of(error: StyxError, cloud: Cloud) -> Failure:
    """Return what an error of `refusals_of`, or of a pool with too few hosts, means and how far that goes."""
    if isinstance(error.__cause__, TerraformError):
        return classify(cloud.failures, error.__cause__.message)
    if isinstance(error, CapacityError):
        return Failure("capacity", "region", error.message.splitlines()[0])
    return Failure("unknown", "account")


def _hint(cloud: Cloud, kind: str) -> str | None:
    return f"see what is missing: styx check {cloud.id}" if kind == "credentials" else None
