"""What a cloud needs before machines can be made there, and whether it is there."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

Subject = Literal["tool", "library", "credentials", "permission", "network", "quota", "host"]

State = Literal["ok", "missing", "note"]
"""`missing` keeps the cloud from being used; a `note` does not."""


PROXY = "look at the network and at HTTPS_PROXY"
"""What to do when nobody, or somebody else, answers."""


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
    return Finding("network", host, "missing", said, PROXY)


class Answer(Protocol):
    """An HTTP answer, as httpx, requests and azure-core have it."""

    @property
    def status_code(self) -> int:
        """HTTP's number."""
        ...

    def json(self) -> Any:  # noqa: ANN401 - as the libraries declare it
        """Return what the body says; raise ValueError when it is not JSON."""
        ...


def refusal(answer: Answer) -> str:
    """Return the message of an API's refusal, or its status when the body is not of the usual form."""
    try:
        return one_line(answer.json()["error"]["message"])
    except (ValueError, LookupError, TypeError):
        return f"HTTP {answer.status_code}"


def one_line(text: object, longest: int = 200) -> str:
    """Return what a library said as one line of bounded length."""
    words = " ".join(str(text).split())
    return words if len(words) <= longest else words[: longest - 1] + "…"
