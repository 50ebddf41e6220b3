"""The words of the faults mean to styx what they mean here."""

import pytest

from styx import clouds
from styx.clouds.failure import classify
from tests.cloudless import mirror

CLOUDS = {"aws": "aws", "google": "gcp", "azurerm": "azure", "nebius": "nebius", "lambdalabs": "lambda"}
MEANINGS = {
    "no_capacity": "capacity",
    "quota": "quota",
    "credentials": "credentials",
    "unauthorized": "credentials",
    "invalid": "invalid",
}


@pytest.mark.parametrize(("provider", "cloud"), CLOUDS.items())
def test_a_fault_is_told_in_words_that_styx_knows(provider, cloud):
    words = mirror.facts(provider)["faults"]
    known = {fault: classify(clouds.by_id(cloud).failures, words[fault]).kind for fault in MEANINGS}
    assert known == MEANINGS
