"""The address that this machine has for the world: the only one that SSH is opened to."""

import ipaddress
import urllib.request

from styx.errors import UsageError

_TIMEOUT_S = 5
_HINT = "name your network: STYX_CALLER_CIDRS=203.0.113.4/32, or caller_cidrs in styx.yaml"


def network(url: str) -> str:
    """Return this machine's public address as a network of one, as the service at `url` sees it.

    Raises UsageError when it cannot be asked or answers something else than an IPv4 address.
    """
    if not url.startswith(("https://", "http://127.0.0.1:")):
        raise UsageError(f"caller_address_url {url!r} is not an https URL", _HINT)
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - judged above
            text = answer.read(100).decode("ascii", "replace").strip()
    except OSError as error:
        raise UsageError(f"cannot ask {url} for this machine's public address: {error}", _HINT) from error
    try:
        return f"{ipaddress.IPv4Address(text)}/32"
    except ValueError as error:
        raise UsageError(f"{url} answered {text!r}, which is no IPv4 address", _HINT) from error
