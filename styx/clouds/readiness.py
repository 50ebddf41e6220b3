"""What a cloud needs before machines can be made there, and whether it is there."""

from dataclasses import dataclass
from typing import Literal

Subject = Literal["tool", "library", "credentials", "permission", "network", "quota"]

State = Literal["ok", "missing", "note"]
"""`missing` keeps the cloud from being used; a `note` does not."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. No field ever holds a secret: a source is named, an account told by its id."""

    subject: Subject
    name: str
    """What was looked for: a program, a library, an account, an action."""
    state: State
    said: str = ""
    """What was found, in one line."""
    mend: str = ""
    """The command that mends it."""


def library_missing(name: str, extra: str) -> Finding:
    """Return the finding for a cloud's SDK that is not installed."""
    return Finding("library", name, "missing", "not installed", f"pip install 'styx-infra[{extra}]'")


def unreachable(host: str, why: str) -> Finding:
    """Return the finding for a service that nobody answers at."""
    said = f"cannot be reached: {one_line(why)}"
    return Finding("network", host, "missing", said, "look at the network and at HTTPS_PROXY")


def one_line(text: object, longest: int = 200) -> str:
    """Return what a library said as one line of bounded length."""
    words = " ".join(str(text).split())
    return words if len(words) <= longest else words[: longest - 1] + "…"
