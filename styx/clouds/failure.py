"""Why a cloud made no machine: what Terraform said, told apart by patterns that each cloud's package keeps as data."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["capacity", "quota", "credentials", "invalid", "unknown"]
"""Nothing free now; more than the account may have; not allowed in; a request that cannot be met; none of these."""

Scope = Literal["zone", "region", "type", "account"]
"""The widest place where the same request fails again: its zone, its region, any place of the cloud with this type of
machine, or the cloud with this account whatever is asked."""

_FRAME = re.compile(r"[\s│╷╵]+")
"""Line breaks, and the frame that Terraform draws around a diagnostic on a terminal."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way in which a provider words a failure."""

    kind: Kind
    scope: Scope
    regex: str
    """Searched for in a diagnostic whose lines are joined by single spaces; case counts."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a diagnostic means."""

    kind: Kind
    scope: Scope
    said: str = ""
    """The words that told it; empty when nothing did."""

    @property
    def elsewhere(self) -> bool:
        """Tell whether another zone, region or type of the same cloud may do better."""
        return self.kind != "unknown" and self.scope != "account"


def classify(patterns: Iterable[Pattern], diagnostic: str) -> Failure:
    """Return the meaning of a diagnostic, summary and detail together, by the first of a cloud's patterns that fits.

    What no pattern knows is unknown, and of the whole account: nobody can say that it goes away elsewhere.
    """
    text = _FRAME.sub(" ", diagnostic)
    for pattern in patterns:
        if found := re.search(pattern.regex, text):
            return Failure(pattern.kind, pattern.scope, found.group())
    return Failure("unknown", "account")
