"""What a server does not do, and why: a problem of RFC 9457, which a client gets as the error that it is."""

from collections.abc import Mapping

from styx.errors import StyxError


class RefusedError(StyxError):
    """A server's refusal of one request."""

    default_hint = "see the server's /openapi.json for what each request may hold"
    meaning = "the task server refused a request"

    def __init__(
        self, status: int, message: str, hint: str | None = None, *, facts: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message, hint)
        self.status = status
        """The HTTP status."""
        self.facts = dict(facts or {})
        """More for machines, such as the state that a task is in."""
