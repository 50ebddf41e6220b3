"""Asks gpuhunt for its cheapest offer; run by the Python of gpuhunt's own environment.

Reads {"items": [CatalogItem as a mapping, …], "queries": {name: arguments}} from stdin and prints
{"answers": {name: {"offer", "hourly_usd", "seconds"}}}.
"""

import json
import sys
import time


def main() -> None:
    """Answer every query twice: the second time counts."""
    from gpuhunt import AcceleratorVendor, Catalog, CatalogItem
    from gpuhunt._internal.catalog import OFFLINE_PROVIDERS, ProviderCatalog
    from gpuhunt._internal.models import CPUArchitecture

    asked = json.load(sys.stdin)
    catalog = Catalog(balance_resources=False, auto_reload=False)
    catalog.loaded_at = time.monotonic()
    catalog.catalog = {name: ProviderCatalog("shipped", []) for name in OFFLINE_PROVIDERS}
    for row in asked["items"]:
        vendor, arch = row.pop("gpu_vendor"), row.pop("cpu_arch")
        item = CatalogItem(
            **row, gpu_vendor=AcceleratorVendor.cast(vendor) if vendor else None, cpu_arch=CPUArchitecture.cast(arch)
        )
        catalog.catalog[item.provider].items.append(item)
    answers = {}
    for name, arguments in asked["queries"].items():
        for _ in range(2):
            begin = time.perf_counter()
            found = catalog.query(provider=list(asked["providers"]), **arguments)
            seconds = time.perf_counter() - begin
        best = min(found, key=lambda item: item.price, default=None)
        answers[name] = {
            "offer": f"{best.provider}/{best.location}/{best.instance_name}" if best else None,
            "hourly_usd": best.price if best else None,
            "seconds": seconds,
        }
    print(json.dumps({"answers": answers}))


if __name__ == "__main__":
    main()
