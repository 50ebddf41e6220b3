"""Tokens are known by their hashes, for their role, until they are taken back."""

import pytest

from styx.errors import UsageError
from styx.server import tokens
from styx.server.tokens import Caller


def test_a_token_is_known_until_it_is_revoked(queue):
    made = queue.do(lambda session: tokens.create(session, "ci", "submit"))
    other = queue.do(lambda session: tokens.create(session, "a1", "agent"))
    rows = queue.do(tokens.known)
    assert tokens.caller(rows, made) == Caller("ci", "submit")
    assert tokens.caller(rows, other) == Caller("a1", "agent")
    assert not [row for row in rows if made.split("_")[2] in str(row)]
    for wrong in ("", made[:-1], made + "0", "styx_"):
        assert tokens.caller(rows, wrong) is None
    assert queue.do(lambda session: tokens.revoke(session, "ci")) == 1
    assert tokens.caller(queue.do(tokens.known), made) is None
    with pytest.raises(UsageError):
        queue.do(lambda session: tokens.revoke(session, "ci"))


def test_a_role_may_what_it_says():
    may = {role: {what for what in tokens.ALLOWED if Caller("x", role).may(what)} for role in tokens.ALLOWED}
    assert may["read"] == {"read"}
    assert may["submit"] == {"read", "submit"}
    assert may["agent"] == {"read", "agent"}
    assert may["admin"] == set(tokens.ALLOWED)


@pytest.mark.parametrize(("agent", "speaks"), [("a1", True), ("a1-x", True), ("a10", False), ("a2", False)])
def test_an_agents_token_speaks_for_its_own(agent, speaks):
    assert Caller("a1", "agent").speaks_for(agent) is speaks
