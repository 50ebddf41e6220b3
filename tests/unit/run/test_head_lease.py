"""The lease on a head, with this machine as the head."""

import subprocess
import sys
from contextlib import suppress

import pytest

from styx.errors import LockedError
from styx.run.head_lease import leased

HOLD = """
import sys
from styx.run.head_lease import leased
with leased(lambda words: ["sh", "-c", *words], "hello", "`styx apply` of ann's on laptop") as held:
    print(held, flush=True)
    sys.stdin.readline()
"""


def here(words):
    return ["sh", "-c", *words]


def test_who_holds_it_is_named_and_it_ends_with_its_holder():
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "True\n"
        with pytest.raises(LockedError) as refused, leased(here, "hello", "bob"):
            pass
        assert refused.value.message == "the hosts of 'hello' are being configured by `styx apply` of ann's on laptop"
        holder.kill()
    with leased(here, "hello", "bob", timeout_s=60) as held:
        assert held


def test_it_is_free_after_the_block_whatever_happened():
    with suppress(ZeroDivisionError), leased(here, "hello", "ann", timeout_s=60) as held:
        assert held
        raise ZeroDivisionError
    with leased(here, "hello", "ann", timeout_s=60) as held:
        assert held


def test_a_head_that_does_not_answer_holds_up_nobody():
    with leased(lambda _words: ["false"], "hello", "ann") as held:
        assert not held
