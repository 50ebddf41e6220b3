"""The shipped catalog is whole, passes its own lint, and holds what the project promises."""

import duckdb
import pytest

from styx import clouds, paths
from styx.catalog import lint, manifest, open_catalog
from styx.catalog.build import FACTS

RENTED = [cloud_id for cloud_id in clouds.ids() if not clouds.by_id(cloud_id).is_own]


def ask(query):
    return open_catalog(RENTED).connection.execute(query).fetchall()


def test_it_passes_its_lint():
    assert lint.lint(paths.catalog()) == ()


def test_its_manifest_is_that_of_its_files():
    held = manifest.read(paths.catalog(), "")
    shipped = {path.name for path in paths.catalog().iterdir() if path.suffix in {".csv", ".parquet"}}
    assert set(held.files) == shipped
    assert set(FACTS) < shipped
    (count,) = duckdb.connect().execute(f"SELECT count(*) FROM '{paths.catalog() / held.offers}'").fetchall()[0]
    assert count == held.rows >= 80_000


def test_it_is_small_enough_to_ship():
    assert sum(path.stat().st_size for path in paths.catalog().iterdir()) < 3_000_000


def test_each_cloud_is_there():
    assert [cloud for (cloud,) in ask("SELECT DISTINCT cloud FROM offers ORDER BY cloud")] == RENTED


@pytest.mark.parametrize(
    ("cloud", "name", "gpu", "count", "memory"),
    [
        ("aws", "p5.48xlarge", "H100", 8, 80),
        ("aws", "g6f.large", "L4", 0.125, 24),
        ("azure", "Standard_ND96isr_H200_v5", "H200", 8, 141),
        ("azure", "Standard_NV6ads_A10_v5", "A10", pytest.approx(1 / 6), 24),
        ("gcp", "a2-ultragpu-8g", "A100-80GB", 8, 80),
        ("gcp", "n1-standard-8+T4:1", "T4", 1, 16),
        ("lambda", "gpu_1x_gh200", "GH200", 1, 96),
        ("nebius", "gpu-b200-sxm_8gpu-160vcpu-1792gb", "B200", 8, 180),
    ],
)
def test_well_known_machines_are_what_they_are(cloud, name, gpu, count, memory):
    columns = "accelerator, accelerator_count, gpu_memory_gib"
    found = ask(f"SELECT DISTINCT {columns} FROM offers WHERE cloud = '{cloud}' AND instance_type = '{name}'")
    assert found == [(gpu, count, memory)]


def test_no_unknown_price_is_zero_and_no_spot_is_free():
    assert ask("SELECT count(*) FROM offers WHERE hourly_usd <= 0 OR spot_hourly_usd <= 0") == [(0,)]


def test_burstable_machines_are_marked_on_every_cloud_that_has_them():
    marked = {cloud for (cloud,) in ask("SELECT DISTINCT cloud FROM offers WHERE burstable")}
    assert marked == {"aws", "azure", "gcp"}


def test_an_alias_leads_to_an_accelerator_and_is_not_one():
    assert not ask("FROM aliases WHERE name NOT IN (SELECT name FROM accelerators) OR alias <> lower(alias)")
    assert not ask("FROM aliases WHERE alias IN (SELECT lower(name) FROM accelerators)")


def test_every_cloud_prices_the_disks_addresses_and_traffic_that_it_prices_at_all():
    for table in ("disk_prices", "address_prices", "egress_prices"):
        assert not ask(f"FROM {table} WHERE cloud NOT IN (SELECT cloud FROM regions) AND cloud <> 'local'")
    tiers = dict(ask("SELECT cloud, count(DISTINCT tier) FROM disk_prices GROUP BY cloud"))
    assert set(tiers.values()) == {4}


def test_interruptions_are_of_machines_in_known_regions():
    assert not ask("FROM interruptions i ANTI JOIN regions r USING (cloud, region)")
    assert ask("SELECT count(*) > 10000 FROM interruptions") == [(True,)]
