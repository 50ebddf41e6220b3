"""Refreshing: cloud by cloud, atomically, sound offers only, with what changed."""

import dataclasses
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from styx.catalog import held, manifest, open_catalog
from styx.catalog.http import Fetcher
from styx.catalog.information import information
from styx.catalog.refresh import Wish, feeds, refresh
from styx.errors import CatalogError, CredentialError, UsageError

AZURE = "/api/retail/prices"
LAMBDA = "/api/v1/instance-types"
TODAY = datetime.now(UTC).date().isoformat()
REGIONS = 17
"""Where the shipped catalog has each type of Lambda."""

A10, A100, V100 = "gpu_1x_a10", "gpu_1x_a100", "gpu_8x_v100"


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("LAMBDALABS_API_KEY", "key")


def told(**usd):
    """Return Lambda's answer: type → USD an hour."""
    kinds = {name: {"price_cents_per_hour": round(price * 100), "specs": {}} for name, price in usd.items()}
    return {"data": {name: {"instance_type": kind} for name, kind in kinds.items()}}


def run(server, *cloud_ids, report=lambda *_: None, regions=(), **wish):
    found = feeds(cloud_ids)
    local = {
        cloud: dataclasses.replace(feed, hosts=dict.fromkeys(feed.hosts, server.url)) for cloud, feed in found.items()
    }
    fetcher = Fetcher(timeout_s=30, attempts=2, wait=lambda _: None)
    return {one.cloud: one for one in refresh(local, fetcher, report, Wish(frozenset(regions), **wish))}


def price(name, cloud="lambda", region="us-east-1"):
    query = "SELECT hourly_usd, price_as_of FROM offers WHERE instance_type = $name AND region = $region"
    return open_catalog([cloud]).connection.execute(query, {"name": name, "region": region}).fetchall()[0]


def test_fetched_prices_win_and_the_rest_keeps_its_price_and_date(feed_server):
    (before, date), other, rows = price(A10), price(A100), open_catalog(["lambda"]).count
    feed_server.plan(LAMBDA, told(**{A10: before * 2}))
    words = []
    outcome = run(feed_server, "lambda", report=lambda *said: words.append(said))["lambda"]
    assert price(A10) == (before * 2, TODAY) != (before, date)
    assert price(A100) == other
    assert (outcome.fetched, outcome.added, outcome.kept, outcome.refused) == (REGIONS, 0, rows - REGIONS, 0)
    assert len(outcome.changes) == REGIONS
    assert dataclasses.astuple(outcome.changes[0])[1:] == (A10, before, before * 2)
    assert outcome.changes[0].ratio == pytest.approx(2)
    assert [cloud for cloud, _ in words] == ["lambda", "lambda"]


def test_only_the_regions_asked_for_are_fetched(feed_server):
    feed_server.plan(LAMBDA, told(**{A10: 1}))
    assert run(feed_server, "lambda", regions=["us-east-1"])["lambda"].fetched == 1
    assert price(A10) == (1, TODAY)
    assert price(A10, region="us-west-1")[1] != TODAY


def test_the_largest_change_comes_first(feed_server):
    feed_server.plan(LAMBDA, told(**{A10: price(A10)[0] * 1.1, A100: price(A100)[0] * 0.5, V100: price(V100)[0]}))
    changes = run(feed_server, "lambda")["lambda"].changes
    assert [one.instance_type for one in changes] == [A100] * REGIONS + [A10] * REGIONS


def test_a_second_refresh_starts_from_the_first(feed_server):
    feed_server.plan(LAMBDA, told(**{A10: 1}))
    run(feed_server, "lambda")
    feed_server.plan(LAMBDA, told(**{A100: 2}))
    run(feed_server, "lambda")
    assert (price(A10), price(A100)) == ((1, TODAY), (2, TODAY))


def test_one_failing_feed_harms_no_other(feed_server):
    feed_server.plan(LAMBDA, told(**{A10: 1.99}))
    feed_server.plan(AZURE, (500, {}, ""))
    found = run(feed_server, "azure", "lambda")
    assert isinstance(found["azure"].error, CatalogError)
    assert found["lambda"].error is None
    assert price(A10) == (1.99, TODAY)
    assert price("Standard_D2s_v5", "azure", "eastus")[1] != TODAY


@pytest.mark.parametrize(
    "answer",
    [
        *(told(), told(unknown=1), '{"data": {', {"other": 1}, (429, {"Retry-After": "1"}, "")),
        *({"data": {A10: {}}}, {"data": {A10: None}}, {"data": [3]}),
    ],
    ids=["empty", "nothing known", "cut off", "another shape", "too many", "no price", "null", "a list"],
)
def test_a_feed_without_a_whole_answer_changes_nothing(feed_server, answer):
    feed_server.plan(LAMBDA, told(**{A10: 1}))
    run(feed_server, "lambda")
    folder = held.fetched("lambda")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    feed_server.plan(LAMBDA, answer)
    assert isinstance(run(feed_server, "lambda")["lambda"].error, CatalogError)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_what_the_lint_refuses_keeps_its_old_price(feed_server):
    (before, date), names = price(A10), "SELECT DISTINCT instance_type FROM offers"
    types = [name for (name,) in open_catalog(["lambda"]).connection.execute(names).fetchall()]
    feed_server.plan(LAMBDA, told(**{name: price(name)[0] + 0.01 for name in types} | {A10: 700}))
    outcome = run(feed_server, "lambda")["lambda"]
    assert outcome.refused == REGIONS
    assert price(A10) == (before, date)
    assert price(A100)[1] == TODAY


def test_a_feed_that_is_mostly_wrong_is_not_believed(feed_server):
    feed_server.plan(LAMBDA, told(**{A10: 700, A100: 2}))
    outcome = run(feed_server, "lambda")["lambda"]
    assert "sentinel_price" in outcome.error.message
    assert not (held.fetched("lambda") / manifest.NAME).exists()


def doubts(name=A10, cloud="lambda"):
    query = "SELECT DISTINCT rule, detail FROM doubts WHERE instance_type = $name AND rule <> 'sold_everywhere'"
    return open_catalog([cloud]).connection.execute(query, {"name": name}).fetchall()


ALL = "SELECT DISTINCT instance_type FROM offers ORDER BY ALL"


def every_price(**usd):
    """Return what the catalog has of Lambda, with other prices for some."""
    types = [name for (name,) in open_catalog(["lambda"]).connection.execute(ALL).fetchall()]
    return told(**{name: price(name)[0] for name in types} | usd)


@pytest.mark.parametrize("factor", [0.01, 0.1, 0.3, 3.5, 100])
def test_a_price_that_jumped_is_not_published(feed_server, factor):
    before, date = price(A100)
    feed_server.plan(LAMBDA, every_price(**{A100: before * factor}))
    outcome = run(feed_server, "lambda")["lambda"]
    assert outcome.refused == REGIONS
    assert "price_jumped" in {found.rule for found in outcome.findings}
    assert price(A100) == (before, date)
    assert price(A10)[1] == TODAY
    assert not outcome.changes


def test_a_jump_that_is_meant_can_be_believed(feed_server):
    feed_server.plan(LAMBDA, every_price(**{A100: 7.0}))
    assert run(feed_server, "lambda", believe_jumps=True)["lambda"].refused == 0
    assert price(A100) == (7.0, TODAY)
    assert doubts(A100) == [("price_changed", "7 an hour, 1.99 before")]


def test_a_feed_in_another_unit_is_not_believed_at_all(feed_server):
    names = open_catalog(["lambda"]).connection.execute(ALL).fetchall()
    feed_server.plan(LAMBDA, told(**{name: price(name)[0] / 10 for (name,) in names}))
    outcome = run(feed_server, "lambda")["lambda"]
    assert "price_jumped" in outcome.error.message
    assert "--accept" in outcome.error.hint
    assert price(A10)[1] != TODAY


def test_what_changed_by_more_than_half_is_published_and_marked_until_it_is_fetched_again(feed_server):
    feed_server.plan(LAMBDA, told(**{A10: price(A10)[0] * 2, A100: price(A100)[0] * 1.4}))
    outcome = run(feed_server, "lambda")["lambda"]
    assert outcome.doubts["price_changed"] == REGIONS
    assert doubts() == [("price_changed", "2.58 an hour, 1.29 before")]
    assert not doubts(A100)
    feed_server.plan(LAMBDA, told(**{A100: 2}))
    run(feed_server, "lambda")
    assert doubts() == [("price_changed", "2.58 an hour, 1.29 before")]
    feed_server.plan(LAMBDA, told(**{A10: 2.6}))
    run(feed_server, "lambda")
    assert not doubts()


def test_doubts_about_fetched_prices_stand_in_for_the_shipped_ones(feed_server):
    shipped = information().doubts
    feed_server.plan(LAMBDA, every_price(**{A10: 2.0}))
    run(feed_server, "lambda")
    assert information().doubts == shipped | {"price_changed": REGIONS}
    assert {found.cloud: found.origin.partition(":")[0] for found in information().clouds}["lambda"] == "127.0.0.1"


def azure(name, region, usd):
    """Return the items of Azure's feed for a size."""
    return [
        {"armRegionName": region, "armSkuName": name, "skuName": name, "productName": "Virtual Machines",
         "currencyCode": "USD", "unitOfMeasure": "1 Hour", "effectiveStartDate": "2026-01-01", "retailPrice": usd}
    ]  # fmt: skip


def test_a_wrong_price_without_an_old_one_is_judged_by_its_family_and_region(feed_server):
    name, region = "Standard_F8ams_v6", "newzealandnorth"
    assert price(name, "azure", region)[0] is None
    query = "SELECT instance_type, hourly_usd FROM offers WHERE region = 'eastus' AND hourly_usd > 0 LIMIT 20"
    sound = open_catalog(["azure"]).connection.execute(query).fetchall()
    items = [item for size, usd in sound for item in azure(size, "eastus", usd)]
    feed_server.plan(AZURE, {"Items": [*items, *azure(name, region, 0.0898)]})
    outcome = run(feed_server, "azure")["azure"]
    assert outcome.error is None
    assert {found.rule for found in outcome.findings} == {"far_off_price", "too_cheap"}
    assert price(name, "azure", region)[0] is None
    assert {rule for rule, _ in doubts(name, "azure")} == {"far_off_price", "too_cheap"}
    feed_server.plan(AZURE, {"Items": azure(name, region, 0.75)})
    assert run(feed_server, "azure")["azure"].refused == 0
    assert price(name, "azure", region) == (0.75, TODAY)
    assert not doubts(name, "azure")


def test_a_damaged_table_is_fetched_again_over_the_shipped_one(feed_server):
    feed_server.plan(LAMBDA, told(**{A10: 1}))
    run(feed_server, "lambda")
    folder = held.fetched("lambda")
    table = folder / manifest.read(folder, "").offers
    table.write_bytes(table.read_bytes()[:-10])
    with pytest.raises(CatalogError):
        open_catalog(["lambda"])
    feed_server.plan(LAMBDA, told(**{A10: 2}))
    assert run(feed_server, "lambda")["lambda"].error is None
    assert price(A10) == (2, TODAY)


READER = f"""
import sys, select
from styx.catalog import open_catalog
query = "SELECT DISTINCT hourly_usd FROM offers WHERE instance_type = '{A10}'"
print("ready", flush=True)
reads = 0
while True:
    if select.select([sys.stdin], [], [], 0)[0]:
        if sys.stdin.readline() != "go on\\n":
            break
        print("seen", flush=True)
    found = open_catalog(["lambda"]).connection.execute(query).fetchall()
    assert found in ([(1,)], [(2,)]), found
    reads += 1
print(reads)
"""


def test_a_reader_sees_the_old_or_the_new_prices_and_never_a_half(feed_server):
    feed_server.plan(LAMBDA, told(**{A10: 1}))
    run(feed_server, "lambda")
    with subprocess.Popen([sys.executable, "-c", READER], stdin=-1, stdout=-1, stderr=-1, text=True) as reader:
        assert reader.stdout.readline() == "ready\n"
        for number in range(4):
            feed_server.plan(LAMBDA, told(**{A10: 2 - number % 2}))
            assert run(feed_server, "lambda")["lambda"].error is None
            reader.stdin.write("go on\n")  # no read may last for two refreshes: files are kept for one
            reader.stdin.flush()
            assert reader.stdout.readline() == "seen\n"
        reads, errors = reader.communicate("stop\n", timeout=30)
    assert reader.returncode == 0, errors
    assert int(reads) >= 4
    assert len(list(held.fetched("lambda").glob("offers-*.parquet"))) <= 2


def test_fetched_files_are_private(feed_server):
    feed_server.plan(LAMBDA, told(**{A10: 1}))
    run(feed_server, "lambda")
    folder = held.fetched("lambda")
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_missing_key_is_an_outcome(feed_server, monkeypatch):
    monkeypatch.delenv("LAMBDALABS_API_KEY")
    assert isinstance(run(feed_server, "lambda")["lambda"].error, CredentialError)


def test_a_cloud_without_a_feed_is_refused_by_name_and_left_out_otherwise():
    with pytest.raises(UsageError, match="Nebius publishes no prices"):
        feeds(["nebius"])
    assert set(feeds([])) == {"aws", "azure", "gcp", "lambda"}
