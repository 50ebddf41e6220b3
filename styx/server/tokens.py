"""Tokens: who may ask for what. The database has their hashes; a token itself is shown once."""

import hashlib
import hmac
import os
from dataclasses import dataclass

from styx.api.messages import Role
from styx.errors import UsageError
from styx.server.session import Row, Session

ALLOWED: dict[Role, frozenset[Role]] = {
    "read": frozenset({"read"}),
    "submit": frozenset({"read", "submit"}),
    "agent": frozenset({"read", "agent"}),
    "admin": frozenset({"read", "submit", "agent", "admin"}),
}
"""Role of a token → the roles that it may act in."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks."""

    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Say whether the caller may act as `role`."""
        return role in ALLOWED[self.role]

    def speaks_for(self, agent: str) -> bool:
        """Say whether the caller is `agent`: a token named `ci` is for agent `ci` and those named `ci-…`."""
        return self.role == "admin" or agent == self.name or agent.startswith(f"{self.name}-")


ANYBODY = Caller("anybody", "admin")
"""Who asks a server without tokens, which only its own machine can reach."""


def create(session: Session, name: str, role: Role) -> str:
    """Make a token and return it: nobody can read it again."""
    token_id, secret = os.urandom(6).hex(), os.urandom(24).hex()
    token = f"styx_{token_id}_{secret}"
    session.rows("add_token", id=token_id, name=name, role=role, hash=_hash(token))
    return token


def known(session: Session) -> list[Row]:
    """Return all tokens, as the database has them."""
    return session.rows("tokens")


def revoke(session: Session, which: str) -> int:
    """Take back the token with that id, or all of that name; return how many."""
    count = len(session.rows("revoke_token", id=which, name=which))
    if not count:
        raise UsageError(f"there is no token {which}", "`styx token list` shows those there are")
    return count


def caller(rows: list[Row], token: str) -> Caller | None:
    """Return whose token it is, looking at every hash in constant time; None when it is nobody's."""
    wanted, found = _hash(token), None
    for row in rows:
        if hmac.compare_digest(row["hash"], wanted) and row["revoked_at"] is None:
            found = Caller(row["name"], row["role"])
    return found


def _hash(token: str) -> str:
    """Return what is kept: a token has 192 random bits, so that a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()
